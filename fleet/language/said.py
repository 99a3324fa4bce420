"""Sentences that our own code writes in English, in the reader's language.

The cores, the services and the ledger know one language: what they write is kept, compared and checked by programs.
Where such a sentence is shown to a person, `said` finds the pattern it was made from (`sentences`) and says it in the
language of the request. What has no pattern, above all words of people, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from django.utils.formats import get_format
from django.utils.translation import get_language, gettext, override, pgettext

from .sentences import QUESTIONS, SENTENCES

CONTEXT = "said"
QUESTION_CONTEXT = "question"
FIELD = re.compile(r"\{(\w+)\}")
# A field of such a name holds a sentence of ours again: a reason within a reason; or names of roles.
INNER, ROLES = "why", "roles"
# What these fields look like; others take any text. So fewer words of people are taken for ours.
NAME = r"[^:;,]+?"
OPERATION = "pick|drop|scan|inspect|move|wait|charge|patrol|report|home"
FORMS = {
    "label": r"M-\d+", "labels": r"M-\d+(?:, M-\d+)*", "n": r"\d+", "tries": r"\d+", "robot": NAME, "place": NAME,
    "holder": NAME, "goal": NAME, "order": r"\S+", "resource": r"[a-z]+:[^;,]+?",
    "why_op": OPERATION, "why_second": OPERATION, "why_third": OPERATION,
}  # fmt: skip
# Fields that are figures: their decimal point follows the language.
FIGURES = ("age", "x", "y", "metres", "mass", "limit")


def said(text: object) -> str:
    """`text` in the language of the request; unchanged where it is English or not a sentence of ours."""
    language = get_language() or "en"
    words = str(text)
    return words if language.startswith("en") or not words else _said(words, language)


def question(reason: str | None, text: str | None) -> str:
    """What a reader asks or why it refuses: its sentence where that is known, else the one of its reason code."""
    words = text or ""
    if (get_language() or "en").startswith("en"):
        return words
    known = said(words)
    if known != words or reason not in QUESTIONS:
        return known
    return pgettext(QUESTION_CONTEXT, QUESTIONS[reason])


@lru_cache(maxsize=4096)
def _said(text: str, language: str) -> str:
    with override(language):
        for sentence, pattern in patterns():
            if found := pattern.fullmatch(text):
                parts = {name: _part(name, part) for name, part in found.groupdict().items()}
                return pgettext(CONTEXT, sentence).format(**parts)
    return text


def _part(name: str, text: str) -> str:
    if name == ROLES:
        return roles(text)
    if name in FIGURES:
        return text.replace(".", str(get_format("DECIMAL_SEPARATOR")))
    return said(text) if name.startswith(INNER) else text


def roles(text: str) -> str:
    """Names of roles, "Supervisor or Site admin", in the language of the request."""
    return f" {gettext('or')} ".join(all_said(text.split(" or ")))


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence with what it looks like; those that say most of their own words come first."""
    return [(sentence, re.compile(regex(sentence), re.S)) for sentence in sorted(SENTENCES, key=_own, reverse=True)]


def _own(sentence: str) -> int:
    return len(FIELD.sub("", sentence))


def regex(sentence: str) -> str:
    """The pattern of a sentence: every {field} takes some text, as little as fits."""
    out, at = [], 0
    seen: set[str] = set()
    for field in FIELD.finditer(sentence):
        out.append(re.escape(sentence[at : field.start()]))
        name = field.group(1)
        out.append(f"(?P={name})" if name in seen else f"(?P<{name}>{FORMS.get(name, '.+?')})")
        seen.add(name)
        at = field.end()
    return "".join([*out, re.escape(sentence[at:])])


def all_said(texts: Iterable[object]) -> list[str]:
    return [said(text) for text in texts]
