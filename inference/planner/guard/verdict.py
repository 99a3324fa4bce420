"""The guard's verdict on a text: every reading of it against every rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from inference.planner.guard import obfuscation, plain
from inference.planner.guard.engine import Hits, Lexicon
from inference.planner.guard.questions import out_of_scope
from inference.planner.guard.rules import MESSAGES, RULES
from inference.planner.guard.typing_errors import Spelling
from inference.planner.guard.words import LANGUAGES
from inference.planner.smallwords import KNOWN

READ_AT_MOST = 4000
LONGEST = 16
_ORDER = ("injection", "protection", "unsafe")
# What no order to a robot needs: templates of chats, mark-up, code, a new speaker's name with a colon, "x = y".
_MARKS = re.compile(
    r"<\||\|>|</\s*\w|<\s*(?:script|system|tool|assistant|user|instructions?)\b|\{\s*[\"'][\w ]{1,40}[\"']\s*:"
    r"|\[/?inst\]|<<sys>>|```|###|https?://|\$\(|\{\{|\{%|<!--|/\*|\[\s*(?:system|assistant|admin|developer)\s*\]"
    r"|\b(?:robot|decision|validation|validate|override|plan)\s*=|\b(?:decision|validation)\s*:"
    r"|(?-i:(?<=[a-z] )SYSTEM\b|^SYSTEM\b(?=.*[a-z]))"
    r"|(?:^|\n|\\n|[.!?,;\"'\u201c\u00ab(-]\s{0,3})\s{0,3}(?:system|assistant|developer|admin|administrator|root|user"
    r"|sistema|systeme|système|asystent|assistent|asistente|entwickler|系统|助手|管理员)\s{0,3}[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """reason: stop_words | unsafe | protection | injection | out_of_scope. `message` is for the page, in plain
    words.
    """

    reason: str
    message: str


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    lexicon = Lexicon()
    for bit, concepts in enumerate(LANGUAGES.values()):
        lexicon.add(concepts, 1 << bit)
    return lexicon


_TELLING = ("OFF", "GUARD", "HARM", "PEOPLE", "BLOCK", "INSTR", "STOP", "DANGER", "PROTECT", "INJECT", "RESET", "ZONE")
# Words that a typing error alone tells from the guard's ("włącz" switches on what "wyłącz" switches off).
_WELL_SPELT = {"wlacz", "wlaczy", "wlaczyc", "wlaczcie", "wlaczone", "wlaczony", "wlaczona"}
_MENDED = ("OFF", "GUARD", "PEOPLE", "BLOCK", "INSTR", "EXIT", "FORBID", "STOPNOUN", "THROUGH", "RIGHTS")


def _single(concepts: tuple[str, ...], shortest: int) -> set[str]:
    """The words of those concepts' phrases, in every language, without their open ends."""
    lists = (table.get(concept, "") for table in LANGUAGES.values() for concept in concepts)
    phrases = (phrase for listed in lists for phrase in listed.replace("\n", "|").split("|"))
    words = {word.rstrip("*") for phrase in phrases for word in plain.words_of(phrase)}
    return {word for word in words if len(word) >= shortest and word.isascii()}


@lru_cache(maxsize=1)
def _spelling() -> Spelling:
    """What typing errors are mended to; everything else in the lexicon and everyday words count as well spelt."""
    known = _single(tuple({c for table in LANGUAGES.values() for c in table}), 1)
    everyday = {word for words in KNOWN.values() for word in words}
    return Spelling(_single(_MENDED, 6), known | everyday | _WELL_SPELT)


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """Words by which a text in shifted or turned letters, or run together, is recognised."""
    return frozenset(_single(_TELLING, 4) | {"through", "people", "ignore", "disable", "switch", "drive"})


def _apart(letters: str) -> str:
    """ "ignoresafety": a space around every word the lexicon knows, the longest first."""
    low, telling, out, at = letters.lower(), _telling(), [], 0
    while at < len(low):
        size = next((n for n in range(min(LONGEST, len(low) - at), 3, -1) if low[at : at + n] in telling), 0)
        out.append(f" {low[at : at + size]} " if size else low[at])
        at += max(1, size)
    return "".join(out)


def check(text: str, names: tuple[str, ...] = ()) -> Refusal | None:
    """The refusal that `text` calls for, or None. `names`: what the site's places, items and robots are called (any
    spelling); words within them are data and count only where the words outside speak against them.
    """
    seen = plain.visible(text[:READ_AT_MOST])
    first = plain.read(seen, names)
    if _stops(first):
        return Refusal("stop_words", MESSAGES["stop_words"])
    reason = "injection" if _MARKS.search(seen) else _verdict(first)
    reason = reason or _hidden(seen, names)
    if reason is None and out_of_scope(seen):
        reason = "out_of_scope"
    return Refusal(reason, MESSAGES[reason]) if reason else None


def _hidden(seen: str, names: tuple[str, ...]) -> str | None:
    for said in obfuscation.decoded(seen):
        inner = plain.visible(said)
        if obfuscation.is_message(inner) and not said.startswith(seen[:20]):
            return _of(inner, names) or "injection"
        if reason := _of(inner, names):
            return reason
        for again in obfuscation.decoded(inner):
            if reason := _of(plain.visible(again), names):
                return reason
    return _mended(seen, names) or next(filter(None, (_of(other, names) for other in _other(seen))), None)


def _mended(seen: str, names: tuple[str, ...]) -> str | None:
    """The verdict on the text with its typing errors mended. One word alone is too little to go by then."""
    said = plain.read(seen, names)
    words = [word if named else _spelling().mend(word) for word, named in zip(said.words, said.named, strict=True)]
    return None if words == said.words else _verdict(replace(said, words=words), shortest=2)


def _other(seen: str) -> Iterator[str]:
    yield from obfuscation.spellings(seen, _apart)
    yield from obfuscation.disguised(seen, _telling())


def _of(text: str, names: tuple[str, ...]) -> str | None:
    """The verdict on one reading; a stop word that somebody hid is an order in disguise."""
    said = plain.read(text, names)
    return "stop_words" if _stops(said) else _verdict(said)


def _verdict(said: plain.Words, shortest: int = 1) -> str | None:
    """The weightiest reason of the rules of at least `shortest` parts that the words break."""
    hits = Hits(said, _lexicon())
    broken = {rule.reason for rule in RULES if len(rule.parts) >= shortest and hits.breaks(rule)}
    return next((reason for reason in _ORDER if reason in broken), None)


def _stops(said: plain.Words) -> bool:
    """Whether a run of words between marks is nothing but a stop and what is said around it. It is the first that says
    anything, or the last; in between ("row 3, stop, row 4") it takes back what was said.
    """
    opening = True
    for number, (start, end) in enumerate(said.parts):
        stop, only = _stop_run(said, start, end)
        if stop and only and (opening or number == len(said.parts) - 1):
            return True
        opening = opening and only
    return False


def _stop_run(said: plain.Words, start: int, end: int) -> tuple[bool, bool]:
    """(says stop, says nothing else). "Heron, para" is a stop, "para Heron" ("for Heron") is none."""
    lexicon, at, stop = _lexicon(), start, False
    while at < end:
        if said.named[at]:
            if (said.words[at - 1] == "para" and at > start) or (stop and "para" in said.words[start:at]):
                return False, False
            at += 1
            continue
        ends: dict[str, int] = {}
        for concept, after, _ in lexicon.at(said.words, at):
            if concept == "NOTSTOP" and after <= end:
                return False, False
            if concept in ("STOP", "FILLER") and after <= end:
                ends[concept] = max(after, ends.get(concept, 0))
        if not ends:
            return stop, False
        stop = stop or "STOP" in ends
        at = max(ends.values())
    return stop, True
