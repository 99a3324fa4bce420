"""Stretches of time in seconds: "10 min", "an hour and a half", "Dreiviertelstunde", "pół godziny", "hora e meia"."""

from __future__ import annotations

from collections.abc import Sequence

from inference.planner.quantities import chinese
from inference.planner.quantities.numbers import read_number
from inference.planner.text import Token

UNITS: dict[str, int] = {}
for _seconds, _words in (
    (1, "s sec secs second seconds sekunde sekunden sek segundo segundos seconde secondes sekund sekundy sekunda seg"),
    (
        60,
        "m min mins minute minutes minuten minuto minutos minuta minut minuty minucie minutkę minutke minutka minutek",
    ),
    (3600, "h hr hrs hour hours stunde stunden std hora horas heure heures godzina godziny godzin godzine godz"),
    (86400, "day days tag tage tagen dia dias jour jours dzien dni doba dobe"),
):
    UNITS.update(dict.fromkeys(_words.split(), _seconds))
_HOURS = frozenset({"h", "hora", "horas", "heure", "heures"})
_SHORT = frozenset({"s", "m", "h"})
# Without a number these are words of clock times ("o godzinie 15") or of calendars, not one of the unit.
_NEVER_BARE = frozenset(
    {"godz", "std", "sek", "seg", "min", "sec", "second", "seconds", "segundo", "seconde", "godzina"}
)
ARTICLES = frozenset(
    [
        "a",
        "an",
        "one",
        "ein",
        "eine",
        "einer",
        "einem",
        "einen",
        "una",
        "un",
        "uno",
        "une",
        "uma",
        "um",
        "jedna",
        "jedną",
    ]
)
HALF = frozenset(
    ["half", "halbe", "halben", "halbes", "halber", "media", "medio", "demi", "demie", "demies", "meia", "meio", "pol"]
)
_QUARTER = frozenset(["quarter", "quarters", "cuarto", "cuartos", "quart", "quarts", "quarto", "quartos"])
_AND = frozenset(["and", "und", "y", "et", "e", "i"])
# Words that are a whole stretch by themselves.
JOINED = {
    "halbstunde": 1800,
    "halbestunde": 1800,
    "viertelstunde": 900,
    "dreiviertelstunde": 2700,
    "kwadrans": 900,
    "kwadransa": 900,
    "kwadransie": 900,
    "kwadransik": 900,
}
# Factors before a unit.
_FACTORS = {"anderthalb": 1.5, "eineinhalb": 1.5, "einundhalb": 1.5, "zweieinhalb": 2.5, "dreieinhalb": 3.5,
            "viereinhalb": 4.5, "poltorej": 1.5, "poltora": 1.5}  # fmt: skip
REPEATED = {"hourly": 3600, "stundlich": 3600, "daily": 86_400, "taglich": 86_400, "halbstundlich": 1800,
            "viertelstundlich": 900, "halfhourly": 1800, "diariamente": 86_400, "codziennie": 86_400}  # fmt: skip


def read_duration(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """Seconds and the position behind: "half an hour", "1.5 hours", "1 h 30", "eine halbe Stunde", "一个半小时"."""
    if lang == "zh" and (han := chinese.duration(tokens, i)):
        return han
    first = _one_duration(tokens, i, lang) or _leading_unit(tokens, i, lang)
    if first is None:
        return None
    seconds, end = first
    more = end + (end < len(tokens) and tokens[end].norm in _AND)
    if more > end and (added := _fraction(tokens, more, seconds)):
        return added
    second = _one_duration(tokens, more, lang)
    if second is not None and second[0] < seconds and seconds >= 60 and not _is_clock_lead(tokens, more):
        return seconds + second[0], second[1]
    if seconds >= 3600 and seconds % 3600 == 0 and end < len(tokens) and tokens[end - 1].norm in _HOURS:
        return _minutes_behind(tokens, end, more, seconds, lang)
    return seconds, end


def _minutes_behind(tokens: Sequence[Token], end: int, more: int, seconds: int, lang: str) -> tuple[int, int]:
    """The minutes of "1 h 30" and "dos horas y veinte"."""
    if more == end:
        token = tokens[end]
        short = token.is_number and tokens[end - 1].norm == "h" and len(token.raw) <= 2
        return (seconds + 60 * int(token.norm), end + 1) if short else (seconds, end)
    read = read_number(tokens, more, lang) if lang in ("es", "pt", "fr") else None
    if read is None or not 5 <= read[0] < 60:
        return seconds, end
    following = tokens[read[1]] if read[1] < len(tokens) else None
    unit = following is not None and following.norm in ("minutos", "min", "minutes")
    if following is not None and following.is_word and not unit:
        return seconds, end  # "dos horas y veinte cajas"
    return seconds + 60 * read[0], read[1] + unit


def _is_clock_lead(tokens: Sequence[Token], i: int) -> bool:
    """ "1 hour half past" does not occur, but "an hour, half nine" does: a half without its unit is no stretch."""
    return tokens[i].norm in HALF and not any(t.norm in UNITS for t in tokens[i + 1 : i + 3])


def _fraction(tokens: Sequence[Token], at: int, seconds: int) -> tuple[int, int] | None:
    """ "... and a half", "y media", "et quart", "e meia", "and a quarter"."""
    norms = [t.norm for t in tokens[at : at + 3]]
    if not norms:
        return None
    skip = 1 if norms[0] in ("a", "an", "un", "um") and len(norms) > 1 else 0
    word = norms[skip]
    if word in HALF and (skip or norms[0] not in ("half",)):
        if norms[skip + 1 : skip + 2] and norms[skip + 1] in UNITS:
            return None
        return (
            seconds * 3 // 2 if seconds in (3600, 60) else seconds + (1800 if seconds >= 3600 else 30)
        ), at + skip + 1
    if word in _QUARTER and seconds >= 3600 and norms[skip + 1 : skip + 2] not in (["of"], ["de"], ["d"]):
        return seconds + 900, at + skip + 1
    return None


def _leading_unit(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """ "hora y media", "hour and a half", "heure et quart", "hora em hora", "meia em meia hora"."""
    if i >= len(tokens):
        return None
    norms = [t.norm for t in tokens[i : i + 4]]
    if len(norms) == 4 and norms[:3] == ["meia", "em", "meia"] and UNITS.get(norms[3]) == 3600:
        return 1800, i + 4
    unit = UNITS.get(norms[0])
    if unit is None or norms[0] in _SHORT or len(norms) < 3:
        return None
    if norms[1] in ("em", "en", "a", "by") and norms[2] == norms[0]:
        return unit, i + 3
    if norms[1] in _AND and unit >= 3600 and _fraction(tokens, i + 2, unit) is not None:
        return unit, i + 1
    return None


def _one_duration(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    norms = [t.norm for t in tokens[i : i + 6]]
    if not norms:
        return None
    skip = 1 if norms[0] in ARTICLES and len(norms) > 1 else 0
    word = norms[skip]
    if word in JOINED and not (word.startswith("kwadrans") and norms[skip + 1 : skip + 2] in (["po"], ["przed"])):
        return JOINED[word], i + skip + 1
    if word in _FACTORS:
        unit = UNITS.get(norms[skip + 1]) if len(norms) > skip + 1 else None
        if unit:
            return round(_FACTORS[word] * unit), i + skip + 2
        return (5400, i + skip + 1) if word == "anderthalb" else None
    if word in HALF:
        at = skip + 1 + (norms[skip + 1 : skip + 2] in (["a"], ["an"]))
        unit = UNITS.get(norms[at]) if at < len(norms) else None
        return (unit // 2, i + at + 1) if unit and unit > 1 and norms[at] not in _SHORT else None
    if quarters := _quarters(norms, skip):
        return quarters[0], i + quarters[1]
    if skip and norms[1] in UNITS and norms[1] not in _SHORT and norms[1] != "godz":
        return UNITS[norms[1]], i + 2
    return _counted(tokens, i, lang)


def _quarters(norms: list[str], skip: int) -> tuple[int, int] | None:
    """ "quarter of an hour", "three quarters of an hour", "tres cuartos de hora", "trzy kwadranse"."""
    times, at = 1, skip
    if norms[0] in ("three", "tres", "trois", "trzy", "drei", "3") and len(norms) > 1:
        times, at = 3, 1
        if norms[1] == "kwadranse" or (norms[1] in ("viertelstunden", "viertelstunde")):
            return 2700, 2
        if norms[1] == "viertel" and norms[2:3] == ["stunde"]:
            return 2700, 3
    elif norms[0] in ("dwa", "zwei", "two", "2") and norms[1:2] in (["kwadranse"], ["viertelstunden"]):
        return 1800, 2
    if at >= len(norms) or norms[at] not in _QUARTER:
        return None
    end = at + 1
    end += norms[end : end + 1] in (["of"], ["de"], ["d"])
    end += norms[end : end + 1] in (["a"], ["an"], ["uma"], ["una"], ["une"])
    if end < len(norms) and UNITS.get(norms[end]) == 3600:
        return 900 * times, end + 1
    return None


def _counted(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    read = read_number(tokens, i, lang)
    if read is None:
        return None
    value, end = float(read[0]), read[1]
    if end == i + 1 and _decimal(tokens, i):
        value, end = float(f"{tokens[i].norm}.{tokens[end + 1].raw}"), end + 2
    tail = [t.norm for t in tokens[end : end + 3]]
    if tail == ["and", "a", "half"]:
        value, end = value + 0.5, end + 3
    elif tail[:2] in (["i", "pol"], ["e", "meia"], ["y", "media"], ["et", "demie"]) and tail[2:3] and tail[2] in UNITS:
        value, end = value + 0.5, end + 2
    if end < len(tokens) and tokens[end].norm in UNITS:
        seconds = round(value * UNITS[tokens[end].norm])
        return (seconds, end + 1) if seconds > 0 else None
    if end < len(tokens) and tokens[end].norm in ("viertelstunden", "kwadranse", "kwadransow"):
        return round(value * 900), end + 1
    return None


def _decimal(tokens: Sequence[Token], i: int) -> bool:
    """ "1.5", "1,5": digits, a mark and digits without a space."""
    if i + 2 >= len(tokens) or tokens[i + 1].norm not in (".", ","):
        return False
    glued = tokens[i].end == tokens[i + 1].start and tokens[i + 1].end == tokens[i + 2].start
    return glued and all(t.is_number and t.raw.isascii() for t in (tokens[i], tokens[i + 2]))


def read_bare_unit(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """ "hour" in "every hour": one of the unit."""
    if i < len(tokens) and tokens[i].norm in UNITS and tokens[i].norm not in _SHORT:
        return UNITS[tokens[i].norm], i + 1
    return chinese.bare_unit(tokens, i) if i < len(tokens) else None


def read_every(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """A bare unit behind a word that makes it one of it: "every hour", "za godzinę", "par heure", "the next hour"."""
    bare = read_bare_unit(tokens, i)
    if bare is None or i == 0:
        return None
    before = tokens[i - 1].norm
    earlier = tokens[i - 2].norm if i > 1 else ""
    strict = tokens[i].norm in _NEVER_BARE and before not in EVERY
    if before in EVERY and not strict:
        return bare
    if before in ("les", "las", "os", "as", "los") and earlier in ("toutes", "tous", "todas", "todos"):
        return bare
    if lang == "pl" and before in ("za", "przez", "co", "w", "ciagu", "na", "po") and tokens[i].norm in (
        "godzine", "minute", "godziny", "minutke", "dobe", "dzien"
    ) and not (before in ("po", "w", "na") and tokens[i].norm == "godziny"):  # fmt: skip
        return bare
    if before in ("next", "nachsten", "proxima", "proximo", "prochaine", "najblizszej", "nastepnej") and not strict:
        return bare
    return bare if lang == "zh" and before in ("每", "隔") else None


EVERY = frozenset(["every", "each", "per", "jede", "jeden", "jedes", "pro", "cada", "chaque", "par", "por", "co", "每"])
QUARTERS = _QUARTER
