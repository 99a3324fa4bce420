"""Whole numbers and percentages, in digits and in words."""

from __future__ import annotations

from collections.abc import Sequence

from inference.planner.quantities import chinese
from inference.planner.quantities.words import COUNTING, Counting
from inference.planner.text import Token

_PERCENT = frozenset({"%", "percent", "pct", "prozent", "pourcent", "procent", "procenta", "procentow", "porcento"})
_PER_CENT = (["per", "cent"], ["por", "ciento"], ["pour", "cent"], ["por", "cento"], ["pro", "cent"])
_OF = frozenset({"of", "de", "d", "von"})
_TWO = frozenset({"couple", "pair", "par", "paar", "paire", "pare"})
_DOZENS = frozenset(
    {"dozen", "dozens", "dutzend", "docena", "docenas", "douzaine", "duzia", "duzias", "tuzin", "tuziny"}
)
_ARTICLES = frozenset({"a", "an", "ein", "eine", "una", "un", "une", "uma", "um", "einem"})
_HALVES = frozenset({"half", "halbes", "media", "demi", "meia", "pol"})
_NO_ONE = frozenset(
    {"no", "any", "every", "some", "this", "that", "which", "the", "other", "another", "each", "last", "next"}
)
_IDIOM = frozenset({"one", "uno", "eins"})


def counting(lang: str) -> Counting:
    return COUNTING.get(lang, COUNTING["en"])


def number_words(lang: str) -> dict[str, int]:
    """Folded word -> number, for one word alone."""
    return counting(lang).words  # type: ignore[return-value]


def read_number(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """A whole number in digits or words ("twenty five", "half a dozen", "a couple of"), with the position behind it."""
    if i >= len(tokens):
        return None
    norm = tokens[i].norm
    if tokens[i].is_number:
        return _digits(tokens, i, lang)
    if norm in chinese.NUMERALS:
        return chinese.number(tokens, i)
    following = [t.norm for t in tokens[i + 1 : i + 4]]
    if loose := _loose(norm, following, i):
        return loose
    value = _word(norm, lang)
    if value is None or (norm in _DOZENS and not following):
        return None
    if norm in _IDIOM and following[:1] and following[0] in _OF:
        return None
    if norm == "one" and i and tokens[i - 1].norm in _NO_ONE:
        return None
    return compound(tokens, i, lang)


def _digits(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """Digits, with thousands set apart ("1,200", "1.200", "1 200") and a word that multiplies ("16 hundred")."""
    norm = tokens[i].norm
    if len(norm) > 9:
        return None
    value, end = int(norm), i + 1
    if i + 2 < len(tokens) and value and len(norm) <= 3 and tokens[i].end == tokens[i + 1].start:
        mark = "," if lang in ("en", "zh") else "."
        three = tokens[i + 2].is_number and len(tokens[i + 2].raw) == 3
        if three and tokens[i + 1].norm == mark and tokens[i + 1].end == tokens[i + 2].start:
            return value * 1000 + int(tokens[i + 2].norm), i + 3
    if lang in ("fr", "pl") and i + 1 < len(tokens) and 0 < value < 100 and tokens[i + 1].is_number:
        gap = tokens[i + 1].start - tokens[i].end
        if gap == 1 and len(tokens[i + 1].raw) == 3:
            return value * 1000 + int(tokens[i + 1].norm), i + 2
    after = tokens[end].norm if end < len(tokens) else ""
    if (after in counting(lang).hundred and value < 100) or (after in _DOZENS and value < 100):
        return value * (12 if after in _DOZENS else 100), end + 1
    if after in counting(lang).thousand and value < 1000:
        return value * 1000, end + 1
    return value, end


def _loose(norm: str, following: list[str], i: int) -> tuple[int, int] | None:
    """ "half a dozen", "une demi-douzaine", "pół tuzina", "a couple of", "ein Dutzend", "une douzaine de"."""
    said = [norm, *following]
    at = 1 if norm in _ARTICLES and following[:1] and following[0] in _HALVES else 0
    if said[at] in _HALVES:
        dozen = at + 1 + (said[at + 1 : at + 2] in (["a"], ["an"]))
        if dozen < len(said) and said[dozen] in _DOZENS:
            return 6, i + dozen + 1
    if norm in ("couple", "pair"):
        return 2, i + 1 + (following[:1] != [] and following[0] in _OF)
    return _articled(norm, following, i)


def _articled(norm: str, following: list[str], i: int) -> tuple[int, int] | None:
    first = following[0] if following else ""
    if norm not in _ARTICLES or not first:
        return None
    of = following[1] in _OF if len(following) > 1 else False
    if first in _TWO and (first != "paar"):
        return 2, i + 2 + of
    if first in _DOZENS:
        return 12, i + 2 + of
    if first in ("hundred", "thousand"):
        return (100 if first == "hundred" else 1000), i + 2
    return {"dizaine": (10, i + 2 + of), "vingtaine": (20, i + 2 + of)}.get(first)


def _word(norm: str, lang: str) -> int | None:
    value = counting(lang).words.get(norm)
    if value is None and lang == "de" and "tausend" in norm:
        head, _, tail = norm.partition("tausend")
        words = counting(lang).words
        high, low = (
            words.get(head, 1 if head in ("", "ein") else 0),
            words.get(tail.removeprefix("und"), 0 if not tail else -1),
        )
        return high * 1000 + low if high and low >= 0 and (high < 1000) else None
    return value


def compound(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """The longest number that the words from `i` on make: "two thousand five hundred", "quatre-vingt-dix-sept"."""
    rules = counting(lang)
    read = _below_thousand(tokens, i, lang)
    if read is None:
        return None
    value, end = read
    word = tokens[end].norm if end < len(tokens) else ""
    if word in rules.thousand and 0 < value < 100:
        value, end = value * 1000, end + 1
    elif not (tokens[i].norm in rules.thousand and end == i + 1):
        if word in _DOZENS and 0 < value < 10 and end + 1 <= len(tokens):
            after = tokens[end + 1].norm if end + 1 < len(tokens) else ""
            return value * 12, end + 1 + (after in _OF)
        return value, end
    at = end + (end < len(tokens) and tokens[end].norm in (rules.wide | rules.links))
    rest = _below_thousand(tokens, at, lang)
    if rest is not None and 0 < rest[0] < 1000 and (at == end or rest[0] <= 100 or rest[0] % 100 == 0 or lang == "pt"):
        return value + rest[0], rest[1]
    return value, end


def _below_thousand(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    rules = counting(lang)
    read = _below_hundred(tokens, i, lang)
    if read is None:
        return None
    value, end = read
    word = tokens[end].norm if end < len(tokens) else ""
    hundreds = 0
    if value == 100 or (200 <= value <= 900 and value % 100 == 0):
        hundreds = value
    elif word in rules.hundred and 1 <= value <= 99 and (value < 10 or lang == "en"):
        hundreds, end = value * 100, end + 1
    if not hundreds:
        return value, end
    at = end + (end < len(tokens) and tokens[end].norm in rules.wide)
    rest = _below_hundred(tokens, at, lang)
    if rest is not None and 0 < rest[0] < 100 and (at > end or lang != "pt"):
        return hundreds + rest[0], rest[1]
    return hundreds, end


def _below_hundred(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    if i >= len(tokens):
        return None
    rules, words = counting(lang), counting(lang).words
    norm = tokens[i].norm
    value = _word(norm, lang)
    if value is None:
        return None
    end = i + 1
    following = [t.norm for t in tokens[end : end + 3]]
    first, second = [*following, "", ""][:2]
    if lang == "fr":
        return _french(value, norm, following, end)
    if not (20 <= value <= 90 and value % 10 == 0):
        return value, end
    unit = words.get(second, 1 if second in rules.ones else 0)
    if rules.linked and norm not in COUNTING["en"].words:
        if first in rules.links and 0 < unit < 10 and not (lang == "es" and value < 30):
            return value + unit, end + 2
        return value, end
    if 0 < words.get(first, 0) < 10:
        return value + words[first], end + 1
    return value, end


def _french(value: int, norm: str, following: list[str], end: int) -> tuple[int, int]:
    words = COUNTING["fr"].words
    first, second = [*following, "", ""][:2]
    if norm == "quatre" and first in ("vingt", "vingts"):
        value, end, following = 80, end + 1, following[1:]
        first, second = [*following, "", ""][:2]
    elif value == 10 and first in ("sept", "huit", "neuf"):
        return 10 + words[first], end + 1
    elif not 20 <= value <= 90:
        return value, end
    top = 20 if value in (60, 80) else 10
    if first == "et" and (second in ("un", "une") or (second == "onze" and value == 60)):
        return value + words.get(second, 1), end + 2
    unit = words.get(first, 1 if first in ("un", "une") and value == 80 else 0)
    if unit == 10 and top == 20 and second in ("sept", "huit", "neuf"):
        return value + 10 + words[second], end + 2
    return (value + unit, end + 1) if 0 < unit < top else (value, end)


def read_percent(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """A percentage up to 100."""
    if lang == "zh" and (han := chinese.percent(tokens, i)):
        return han
    read = read_number(tokens, i, lang)
    if read is None or read[0] > 100:
        return None
    value, end = read
    rest = [t.norm for t in tokens[end : end + 2]]
    if rest[:1] and rest[0] in _PERCENT:
        return value, end + 1
    return (value, end + 2) if rest in _PER_CENT else None


PERCENT_WORDS = _PERCENT


def merged(tokens: Sequence[Token], lang: str, text: str) -> list[Token]:
    """The tokens with each number that takes several of them ("twenty five", "二十五", "1,200") made one."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        read = _mergeable(tokens, i, lang)
        if read is None:
            out.append(token)
            i += 1
            continue
        end = tokens[read[1] - 1].end
        out.append(Token(str(read[0]), text[token.start : end], token.start, end))
        i = read[1]
    return out


def _mergeable(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    if tokens[i].is_number:
        read = _digits(tokens, i, lang)
        return read if read is not None and read[1] > i + 1 and tokens[read[1] - 1].norm not in _DOZENS else None
    if lang == "zh":
        return chinese.run(tokens, i)
    value = _word(tokens[i].norm, lang)
    if value is None:
        return None
    read = compound(tokens, i, lang)
    if read is None or (read[1] == i + 1 and tokens[i].norm in counting(lang).words):
        return None
    return read if not any(t.norm in _DOZENS for t in tokens[i : read[1]]) else None
