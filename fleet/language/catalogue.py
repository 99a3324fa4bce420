"""The catalogue of translations: what the sources ask for, `.po` files read and written, `.mo` files compiled.

A fresh machine has no gettext tools, so both files are kept under `fleet/locale` and this module is all that is needed
to renew them (`manage.py messages`). Formats: GNU gettext manual, "The Format of PO Files" and "... GNU MO Files".
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .said import CONTEXT, QUESTION_CONTEXT
from .sentences import QUESTIONS, SENTENCES

TRANSLATE = re.compile(r"\{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')\s*%\}")
BLOCK = re.compile(r"\{%\s*blocktranslate(?P<head>.*?)%\}(?P<body>.*?)\{%\s*endblocktranslate\s*%\}", re.S)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")
FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
HEADER = (
    "Project-Id-Version: Yardmaster\nLanguage: {language}\nMIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What is looked up: the English text, its plural or "", its context or ""."""

    context: str
    text: str
    plural: str = ""


Catalogue = dict[Key, tuple[str, ...]]


def wanted(root: Path) -> set[Key]:
    """Every text that templates and Python under `root` want translated, and the sentences said at the edge."""
    found = {Key(CONTEXT, sentence) for sentence in SENTENCES}
    found |= {Key(QUESTION_CONTEXT, text) for text in QUESTIONS.values()}
    for path in sorted((root / "templates").rglob("*.html")):
        found |= set(in_template(path.read_text()))
    for app in ("fleet", "missions", "robots"):
        for path in sorted((root / app).rglob("*.py")):
            found |= set(in_python(path.read_text()))
    return found


def in_template(text: str) -> Iterator[Key]:
    for simple in TRANSLATE.finditer(text):
        yield Key("", (simple.group(1) or simple.group(2) or "").replace("%", "%%"))
    for block in BLOCK.finditer(text):
        one, *more = (_as_format(part) for part in PLURAL.split(block.group("body")))
        yield Key("", one, more[0] if more else "")


def _as_format(body: str) -> str:
    """The body as Django looks it up: fields as %(name)s, per cent signs doubled."""
    return FIELD.sub(r"%(\1)s", body.replace("%", "%%"))


def in_python(text: str) -> Iterator[Key]:
    """Literal arguments of gettext and gettext_lazy; the console's Python needs no other."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Key("", first.value)


GETTEXT = ("gettext", "gettext_lazy")


def placeholders(text: str) -> set[str]:
    """The names of a text's fields, %(name)s or {name}."""
    return {a or b for a, b in PLACEHOLDER.findall(text)}


def faults(catalogue: Mapping[Key, tuple[str, ...]], keys: Iterable[Key]) -> list[str]:
    """What is missing, empty, not wanted any more, or has other placeholders than its English text."""
    keys = set(keys)
    found = [f"not translated: {key.text!r}" for key in sorted(keys) if not all(catalogue.get(key) or ("",))]
    found += [f"not wanted any more: {key.text!r}" for key in sorted(set(catalogue) - keys)]
    for key in sorted(keys & set(catalogue)):
        forms = catalogue[key]
        if key.context == QUESTION_CONTEXT:
            continue
        if any(placeholders(form) != placeholders(key.text) for form in forms if form):
            found.append(f"other placeholders: {key.text!r}")
    return found


# --- .po --------------------------------------------------------------------------------------------------------------


def read_po(text: str) -> Catalogue:
    """The entries of a `.po` file. ValueError: a fuzzy entry or a line that is none of the format."""
    found: Catalogue = {}
    entry: dict[str, str] = {}
    last = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#,") and "fuzzy" in line:
            raise ValueError("a fuzzy entry: say it properly or take it out")
        if line.startswith("#"):
            continue
        if not line.strip():
            if entry.get("msgid"):
                key = Key(entry.get("msgctxt", ""), entry["msgid"], entry.get("msgid_plural", ""))
                forms = [entry[name] for name in sorted(entry) if name.startswith("msgstr")]
                found[key] = tuple(forms)
            entry, last = {}, ""
            continue
        word, _, rest = line.partition(" ") if not line.startswith('"') else (last, "", line)
        entry[word] = entry.get(word, "") + ast.literal_eval(rest.strip())
        last = word
    return found


def write_po(catalogue: Mapping[Key, tuple[str, ...]], language: str) -> str:
    """A `.po` file, sorted, so that a change shows as a change."""
    parts = [f'msgid ""\nmsgstr ""\n{_lines(HEADER.format(language=language))}\n']
    for key in sorted(catalogue):
        rows = [f"msgctxt {_quoted(key.context)}"] if key.context else []
        rows.append(f"msgid {_quoted(key.text)}")
        if key.plural:
            rows.append(f"msgid_plural {_quoted(key.plural)}")
            rows += [f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(catalogue[key])]
        else:
            rows.append(f"msgstr {_quoted(catalogue[key][0])}")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{plain}"'


def _lines(text: str) -> str:
    return "\n".join(_quoted(line) for line in text.splitlines(keepends=True))


# --- .mo --------------------------------------------------------------------------------------------------------------


def compile_mo(catalogue: Mapping[Key, tuple[str, ...]], language: str) -> bytes:
    """A `.mo` file: both tables sorted by the looked-up text, no hash table."""
    rows = {b"": HEADER.format(language=language).encode()}
    for key, forms in catalogue.items():
        looked_up = (f"{key.context}\4" if key.context else "") + key.text + (f"\0{key.plural}" if key.plural else "")
        rows[looked_up.encode()] = "\0".join(forms).encode()
    ordered = sorted(rows.items())
    start = 7 * 4 + 16 * len(ordered)
    ids, strings, index = b"", b"", []
    for text, form in ordered:
        index.append((len(text), len(ids), len(form), len(strings)))
        ids, strings = ids + text + b"\0", strings + form + b"\0"
    first = [number for length, at, _, _ in index for number in (length, start + at)]
    second = [number for _, _, length, at in index for number in (length, start + len(ids) + at)]
    head = (0x950412DE, 0, len(ordered), 28, 28 + 8 * len(ordered), 0, 0)
    return struct.pack(f"<{len(head) + len(first) + len(second)}I", *head, *first, *second) + ids + strings
