"""Grammar files read into productions: what a text may look like, and what it means. See `grammars/README.md`.

Pure but for reading the files. A text is a tree of choices (`Choice`, `Seq`, plain strings, `Ref`, `Hole`); a meaning
is a list of statements in the words of the README. Errors name the file and the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

GRAMMARS = Path(__file__).with_name("grammars")
LANGUAGES = ("en", "de", "es", "fr", "pl", "pt", "zh")
_TEXTS = ("clause", "sentence", "wrap", "join", "then", "unsupported", "cond", "mod", "ask", "refuse")
_PARTS = ("prefix", "suffix", "filler", "repair", "list", "item", "times", "duration", "clock", "percent")
SECTIONS = frozenset((*_TEXTS, *_PARTS))
_HEADER = re.compile(r"\[(\w+)((?:\s+\w+)*)\]")
_WORD = re.compile(r"\$(\w+)\s*=(?!>)\s*(.*)")
_WEIGHT = re.compile(r"(.*?)\s+%(\d+(?:\.\d+)?)")


class GrammarFileError(ValueError):
    """A line of a grammar file that cannot be read; the message names file, line and what would be right."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `options`; an empty one stands for nothing."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """A word list of the grammar by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A slot or a place for another production: what stands between braces, `{QI1}` or `{c1:inf}`."""

    label: str
    cls: str = ""


Node = str | Choice | Seq | Ref | Hole


@dataclass(frozen=True, slots=True)
class Production:
    text: Node
    meaning: tuple[tuple[str, ...], ...]
    weight: float
    where: str


@dataclass(slots=True)
class Grammar:
    """All productions of one language: `sections[name]`, and `classes[cls]` for clauses and placed modifiers."""

    language: str
    words: dict[str, Node] = field(default_factory=dict)
    sections: dict[str, list[Production]] = field(default_factory=dict)
    classes: dict[str, list[Production]] = field(default_factory=dict)

    def pick(self, rows: Sequence[Production], rng: Random) -> Production:
        return rng.choices(rows, [row.weight for row in rows])[0]


def load(language: str, folder: Path = GRAMMARS) -> Grammar:
    """The grammar of `language`. Raises GrammarFileError for a line that cannot be read or a name that is missing."""
    grammar = Grammar(language)
    files = [path for path in sorted((folder / language).glob("*.txt")) if path.name != "names.txt"]
    if not files:
        raise GrammarFileError(f"there is no grammar for {language!r} in {folder}")
    for path in files:
        _read(path, grammar)
    for name, rows in grammar.sections.items():
        for row in rows:
            for part in walk(row.text):
                if isinstance(part, Ref) and part.name not in grammar.words:
                    raise GrammarFileError(f"{row.where}: ${part.name} is not defined ([{name}])")
    for name, node in grammar.words.items():
        for part in walk(node):
            if isinstance(part, Ref) and part.name not in grammar.words:
                raise GrammarFileError(f"{language}: ${part.name}, used in ${name}, is not defined")
    return grammar


def walk(node: Node) -> Iterator[Node]:
    """Every node of a text, from outside to inside."""
    yield node
    if isinstance(node, Choice):
        for option in node.options:
            yield from walk(option)
    elif isinstance(node, Seq):
        for part in node.parts:
            yield from walk(part)


def _read(path: Path, grammar: Grammar) -> None:
    section, classes = "", ()
    word: str | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.parent.name}/{path.name}:{number}"
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            if line.startswith("|") and word is not None:
                grammar.words[word] = _merged(grammar.words[word], parse_text(line[1:]))
                continue
            if match := _WORD.fullmatch(line):
                word = match.group(1)
                node = parse_text(match.group(2))
                grammar.words[word] = _merged(grammar.words[word], node) if word in grammar.words else node
                continue
            word = None
            if match := _HEADER.fullmatch(line):
                section, classes = match.group(1), tuple(match.group(2).split())
                if section not in SECTIONS:
                    raise GrammarFileError(f"there is no section [{section}]; there are: {', '.join(sorted(SECTIONS))}")
                continue
            if not section:
                raise GrammarFileError("a production stands before the first [section]")
            row = _production(line, where)
        except GrammarFileError as error:
            raise GrammarFileError(f"{where}: {error}") from None
        grammar.sections.setdefault(section, []).append(row)
        for cls in classes:
            grammar.classes.setdefault(f"{section}:{cls}", []).append(row)
        if section == "mod" and not classes:
            for cls in ("mod:start", "mod:end"):
                grammar.classes.setdefault(cls, []).append(row)


def _merged(*nodes: Node) -> Node:
    """One choice of all options, each as likely as the other."""
    return Choice(tuple(o for n in nodes for o in (n.options if isinstance(n, Choice) else (n,))))


def _production(line: str, where: str) -> Production:
    weight = 1.0
    if match := _WEIGHT.fullmatch(line):
        line, weight = match.group(1), float(match.group(2))
    text, arrow, meaning = line.rpartition("=>")
    if not arrow:
        raise GrammarFileError("a production needs '=>' between the text and its meaning")
    statements = tuple(tuple(part.split()) for part in meaning.split(";") if part.strip())
    return Production(parse_text(text.strip()), statements, weight, where)


def parse_text(text: str) -> Node:
    return _alternatives(text, 0, False)[0]


def _alternatives(text: str, at: int, inner: bool = True) -> tuple[Node, int]:
    options: list[Node] = []
    while True:
        node, at = _sequence(text, at, inner)
        options.append(node)
        if at >= len(text) or text[at] != "|":
            return (options[0] if len(options) == 1 else Choice(tuple(options))), at
        at += 1


def _sequence(text: str, at: int, inner: bool) -> tuple[Node, int]:
    """Up to a "|" or, within parentheses, the ")" that ends them; outside of them ")" is plain text, as in "1)"."""
    parts: list[Node] = []
    plain = ""
    while at < len(text) and text[at] != "|" and not (inner and text[at] == ")"):
        char = text[at]
        special: Node | None = None
        if char == "\\" and at + 1 < len(text):
            plain += text[at + 1]
            at += 2
            continue
        if char == "(":
            maybe = text[at + 1 : at + 2] == "?"
            special, at = _alternatives(text, at + 1 + maybe)
            if at >= len(text):
                raise GrammarFileError(f"a '(' is not closed in {text!r}")
            at += 1
            if maybe:
                options = special.options if isinstance(special, Choice) else (special,)
                special = Choice((*options, ""))
        elif char == "{":
            end = text.find("}", at)
            if end < 0:
                raise GrammarFileError(f"a '{{' is not closed in {text!r}")
            label, _, cls = text[at + 1 : end].partition(":")
            special, at = Hole(label, cls), end + 1
        elif char == "$" and (match := re.match(r"\$(\w+)", text[at:])):
            special, at = Ref(match.group(1)), at + match.end()
        else:
            plain += char
            at += 1
            continue
        if plain:
            parts.append(plain)
            plain = ""
        parts.append(special)
    if plain or not parts:
        parts.append(plain)
    return (parts[0] if len(parts) == 1 else Seq(tuple(parts))), at
