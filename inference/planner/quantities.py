"""Numbers, clock times, durations and percentages in a token list (English, German, Spanish, basic French).

Every reader takes the tokens and a position and returns what it read with the position after it, or None. A bare number
is only a clock time where the caller says so (after "before", "at", ...): `read_clock(..., bare=True)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.planner.text import LANGUAGES, Token, fold


def _numbered(words: str, start: int = 0) -> dict[str, int]:
    return {fold(alternative): start + i for i, word in enumerate(words.split()) for alternative in word.split("|")}


_EN = _numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
) | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "dozen": 12,
    "hundred": 100,
}
_DE = _numbered(
    "null eins zwei|zwo drei vier fünf|fuenf sechs sieben acht neun zehn elf zwölf|zwoelf dreizehn "
    "vierzehn fünfzehn|fuenfzehn"
    " sechzehn siebzehn achtzehn neunzehn zwanzig"
) | {
    fold(w): n
    for w, n in {
        "dreißig": 30,
        "vierzig": 40,
        "fünfzig": 50,
        "sechzig": 60,
        "siebzig": 70,
        "achtzig": 80,
        "neunzig": 90,
        "hundert": 100,
        "dutzend": 12,
        "fünfundvierzig": 45,
        "fünfundzwanzig": 25,
    }.items()
}
_ES = _numbered(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho"
    " diecinueve veinte"
) | {
    "treinta": 30,
    "cuarenta": 40,
    "cincuenta": 50,
    "sesenta": 60,
    "setenta": 70,
    "ochenta": 80,
    "noventa": 90,
    "cien": 100,
    "docena": 12,
    "veinticinco": 25,
}
_FR = _numbered(
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf vingt"
) | {"trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "cent": 100, "douzaine": 12}
_FR.pop("un")
_NUMBERS: dict[str, dict[str, int]] = {"en": _EN, "de": _EN | _DE, "es": _EN | _ES, "fr": _EN | _FR}

_UNITS: dict[str, int] = {}
for _seconds, _words in (
    (1, "s sec secs second seconds sekunde sekunden sek segundo segundos seconde secondes"),
    (60, "m min mins minute minutes minuten minuto minutos"),
    (3600, "h hr hrs hour hours stunde stunden std hora horas heure heures"),
    (86400, "day days tag tage tagen dia dias jour jours"),
):
    _UNITS.update(dict.fromkeys(_words.split(), _seconds))
_SHORT_UNITS = frozenset({"s", "m", "h"})
_PERCENT = frozenset({"%", "percent", "pct", "prozent", "pourcent"})
_ARTICLES = frozenset(["a", "an", "one", "ein", "eine", "einer", "einem", "einen", "una", "un", "uno", "une"])
_HALF = frozenset(["half", "halbe", "halben", "halbes", "media", "medio", "demi", "demie"])
_WHOLE_TIMES = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0), "mittag": (12, 0), "mitternacht": (0, 0),
                "mediodia": (12, 0), "medianoche": (0, 0), "midi": (12, 0), "minuit": (0, 0)}  # fmt: skip

# Words of times and amounts: never typing errors of a name.
VALUE_WORDS = (
    frozenset(_UNITS)
    | _PERCENT
    | _HALF
    | frozenset(_WHOLE_TIMES)
    | {"quarter", "cuarto", "quart", "viertel", "halb", "viertelstunde"}
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as said; `twelve` when it could mean either half of the day."""

    hour: int
    minute: int
    twelve: bool

    def resolve(self, now: str) -> str:
        """ "HH:MM": of the two readings of a twelve-hour time, the one that comes next after `now` ("HH:MM")."""
        if not self.twelve:
            return f"{self.hour:02d}:{self.minute:02d}"
        head, _, tail = now.partition(":")
        at = (int(head) * 60 + int(tail)) if head.isdigit() and tail.isdigit() else 0
        readings = [((self.hour % 12) + half) * 60 + self.minute for half in (0, 12)]
        first = min(readings, key=lambda minutes: (minutes - at - 1) % 1440)
        return f"{first // 60:02d}:{first % 60:02d}"


def number_words(lang: str) -> dict[str, int]:
    return _NUMBERS[lang if lang in LANGUAGES else "en"]


def read_number(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """A whole number in digits or words ("twenty five", "half a dozen", "a couple of")."""
    if i >= len(tokens):
        return None
    words = number_words(lang)
    norm = tokens[i].norm
    if tokens[i].is_number:
        return (int(norm), i + 1) if len(norm) <= 9 else None
    following = [t.norm for t in tokens[i + 1 : i + 4]]
    if (norm in ("half", "media") and "dozen" in following[:2]) or (norm == "media" and following[:1] == ["docena"]):
        return 6, i + 2 + (following[0] == "a")
    if (
        norm in ("a", "una", "ein", "une")
        and following[:1]
        and following[0] in ("couple", "dozen", "pair", "docena", "dutzend", "douzaine", "par", "hundred")
    ):
        value = words.get(following[0], 2)
        return value, i + 2 + (following[1:2] in (["of"], ["de"]))
    if norm in ("couple", "pair"):
        return 2, i + 1 + (following[:1] == ["of"])
    if norm not in words or (norm == "dozen" and not following):
        return None
    value, end = words[norm], i + 1
    if norm in ("one", "uno", "eins") and following[:1] in (["of"], ["de"]):
        return None
    tail = following[0] if following else ""
    if 20 <= value <= 90 and 0 < words.get(tail, 0) < 10:
        return value + words[tail], end + 1
    if 30 <= value <= 90 and tail == "y" and len(following) > 1 and 0 < words.get(following[1], 0) < 10:
        return value + words[following[1]], end + 2
    if tail in ("hundred", "dozen") and 0 < value < 10:
        return value * words[tail], end + 1 + (following[1:2] == ["of"])
    return value, end


def read_percent(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    read = read_number(tokens, i, lang)
    if read is None or read[0] > 100:
        return None
    value, end = read
    rest = [t.norm for t in tokens[end : end + 2]]
    if rest[:1] and rest[0] in _PERCENT:
        return value, end + 1
    if rest in (["per", "cent"], ["por", "ciento"], ["pour", "cent"]):
        return value, end + 2
    return None


def read_duration(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    """Seconds: "10 min", "half an hour", "an hour and a half", "1.5 hours", "1 h 30", "eine halbe Stunde"."""
    first = _one_duration(tokens, i, lang)
    if first is None:
        return None
    seconds, end = first
    more = end + (end < len(tokens) and tokens[end].norm in ("and", "und", "y", "et"))
    tail = [t.norm for t in tokens[more : more + 2]]
    if tail and more > end and (tail == ["a", "half"] or tail[0] in ("media", "demie", "demi")):
        return seconds * 3 // 2 if seconds >= 3600 or seconds == 60 else seconds + 1800, more + (
            2 if tail[0] == "a" else 1
        )
    second = _one_duration(tokens, more, lang)
    if second is not None and second[0] < seconds and seconds >= 3600:
        return seconds + second[0], second[1]
    if (
        more == end
        and seconds >= 3600
        and seconds % 3600 == 0
        and end < len(tokens)
        and tokens[end].is_number
        and tokens[end - 1].norm == "h"
    ):
        return seconds + 60 * int(tokens[end].norm[:2]), end + 1
    return seconds, end


def _one_duration(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    norms = [t.norm for t in tokens[i : i + 5]]
    if not norms:
        return None
    joined = {"halbstunde": 1800, "viertelstunde": 900, "dreiviertelstunde": 2700, "anderthalb": 5400}
    skip = 1 if norms[0] in _ARTICLES and len(norms) > 1 else 0
    if norms[skip] in joined:
        used = i + skip + 1
        return joined[norms[skip]], used + (norms[skip] == "anderthalb" and norms[skip + 1 : skip + 2] != [])
    if norms[skip] in _HALF:
        at = skip + 1 + (norms[skip + 1 : skip + 2] in (["a"], ["an"]))
        unit = _UNITS.get(norms[at]) if at < len(norms) else None
        return (unit // 2, i + at + 1) if unit and unit > 1 else None
    if norms[skip] in ("quarter", "cuarto", "quart") and len(norms) > skip + 1:
        at = skip + 1 + (norms[skip + 1] in ("of", "de", "d"))
        at += norms[at : at + 1] in (["a"], ["an"])
        return (900, i + at + 1) if at < len(norms) and _UNITS.get(norms[at]) == 3600 else None
    if skip and norms[1] in _UNITS and norms[1] not in _SHORT_UNITS:
        return _UNITS[norms[1]], i + 2
    read = read_number(tokens, i, lang)
    if read is None:
        return None
    value, end = float(read[0]), read[1]
    decimal = end + 1 < len(tokens) and tokens[i].is_number and tokens[end].norm in (".", ",")
    if decimal and _glued(tokens, end) and tokens[end + 1].raw.isascii():
        value, end = float(f"{tokens[i].norm}.{tokens[end + 1].raw}"), end + 2
    if end + 2 < len(tokens) and [t.norm for t in tokens[end : end + 3]] == ["and", "a", "half"]:
        value, end = value + 0.5, end + 3
    if end < len(tokens) and tokens[end].norm in _UNITS:
        seconds = round(value * _UNITS[tokens[end].norm])
        return (seconds, end + 1) if seconds > 0 else None
    return None


def read_bare_unit(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """ "hour" in "every hour": one of the unit."""
    if i < len(tokens) and tokens[i].norm in _UNITS and tokens[i].norm not in _SHORT_UNITS:
        return _UNITS[tokens[i].norm], i + 1
    return None


def read_clock(tokens: Sequence[Token], i: int, lang: str, *, bare: bool) -> tuple[Clock, int] | None:
    """A time of day. With `bare`, also "three" or "14" alone (the caller saw a time preposition before it)."""
    norms = [t.norm for t in tokens[i : i + 5]]
    if not norms:
        return None
    if bare and lang == "es" and norms[0] in ("las", "la"):
        return read_clock(tokens, i + 1, lang, bare=True)
    if bare and lang == "es" and norms[0] == "una":
        return _spanish_tail(tokens, (Clock(1, 0, True), i + 1), lang)
    if norms[0] in _WHOLE_TIMES:
        hour, minute = _WHOLE_TIMES[norms[0]]
        return Clock(hour, minute, False), i + 1
    if spoken := _spoken(tokens, i, lang):
        return spoken
    read = read_number(tokens, i, lang)
    if read is None:
        return None
    hour, end = read
    rest = [t.norm for t in tokens[end : end + 3]]
    digits = tokens[i].is_number
    leading = digits and tokens[i].raw.startswith("0")
    if digits and len(tokens[i].raw) == 4 and end == i + 1 and (bare or rest[:1] in (["hours"], ["hrs"], ["h"])):
        hour, minute = divmod(int(tokens[i].raw), 100)
        return (
            (Clock(hour, minute, False), end + (rest[:1] in (["hours"], ["hrs"], ["h"])))
            if hour < 24 and minute < 60
            else None
        )
    minute, sure = 0, False
    parted = digits and len(rest) > 1 and rest[0] in (":", ".", "h") and _glued(tokens, end)
    # "3.30" alone is a decimal; a unit of time or a time preposition makes it a clock.
    timed = rest[:1] != ["."] or rest[2:3] in (["uhr"], ["pm"], ["am"], ["h"]) or bare
    if parted and timed and len(tokens[end + 1].raw) == 2:
        minute, end, sure = int(rest[1]), end + 2, True
        rest = [t.norm for t in tokens[end : end + 3]]
    if hour > 24 or minute > 59:
        return None
    half, end = _half_of_day(tokens, end, rest)
    if half is not None and 1 <= hour <= 12:
        return Clock(hour % 12 + half, minute, False), end
    if (
        rest[:1] in (["uhr"], ["oclock"], ["heures"], ["heure"])
        or rest[:2] == ["o", "clock"]
        or (rest[:1] == ["h"] and digits and hour >= 6)
    ):
        end, sure = end + (2 if rest[:2] == ["o", "clock"] else 1), True
        if (
            end < len(tokens)
            and tokens[end].is_number
            and len(tokens[end].raw) == 2
            and int(tokens[end].norm) < 60
            and rest[0] in ("uhr", "h", "heures")
        ):
            minute, end = int(tokens[end].norm), end + 1
    if not sure and not bare:
        return None
    clock = Clock(hour % 24, minute, 1 <= hour <= 12 and not leading)
    return _spanish_tail(tokens, (clock, end), lang) if lang == "es" and not sure else (clock, end)


def _glued(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i - 1].end == tokens[i].start and tokens[i].end == tokens[i + 1].start and tokens[i + 1].is_number


def _half_of_day(tokens: Sequence[Token], end: int, rest: list[str]) -> tuple[int | None, int]:
    for half, short in ((0, "a"), (12, "p")):
        if rest[:1] == [short + "m"]:
            return half, end + 1
        if rest[:3] == [short, ".", "m"]:
            closing = end + 3
            return half, closing + (closing < len(tokens) and tokens[closing].norm == "." and closing + 1 < len(tokens))
    if rest in (["in", "the", "morning"], ["de", "la", "manana"], ["du", "matin"]) or rest[:2] == ["du", "matin"]:
        return 0, end + (2 if rest[0] == "du" else 3)
    if rest in (["in", "the", "afternoon"], ["in", "the", "evening"], ["de", "la", "tarde"], ["de", "l", "apres"]):
        return 12, end + 3
    if rest[:1] in (["nachmittags"], ["abends"]):
        return 12, end + 1
    if rest[:1] in (["morgens"], ["fruh"], ["vormittags"]):
        return 0, end + 1
    return None, end


def _spoken(tokens: Sequence[Token], i: int, lang: str) -> tuple[Clock, int] | None:
    """ "half past three", "quarter to four", "ten past two", "halb drei", "viertel nach zwei"."""
    norms = [t.norm for t in tokens[i : i + 4]]
    at = i + (norms[:1] in (["a"], ["ein"]))
    word = tokens[at].norm if at < len(tokens) else ""
    if word == "halb":
        hour = read_number(tokens, at + 1, lang)
        return (Clock((hour[0] - 2) % 12 + 1, 30, True), hour[1]) if hour and 1 <= hour[0] <= 12 else None
    if word in ("half", "quarter", "viertel"):
        minutes, end = (30 if word == "half" else 15), at + 1
    else:
        read = read_number(tokens, at, lang)
        if read is None or not 1 <= read[0] < 60:
            return None
        minutes, end = read
        end += end < len(tokens) and tokens[end].norm in ("minutes", "minuten", "min")
    link = tokens[end].norm if end < len(tokens) else ""
    if link not in ("past", "to", "after", "before", "nach", "vor") or (
        link in ("after", "before", "to", "nach", "vor") and word not in ("half", "quarter", "viertel")
    ):
        return None
    hour = read_number(tokens, end + 1, lang)
    if hour is None or not 1 <= hour[0] <= 12:
        return None
    value = hour[0] * 60 + (minutes if link in ("past", "after", "nach") else -minutes)
    clock, after = Clock(value // 60 % 12 or 12, value % 60, True), hour[1]
    half, after = _half_of_day(tokens, after, [t.norm for t in tokens[after : after + 3]])
    return (Clock(clock.hour % 12 + half, clock.minute, False) if half is not None else clock), after


def _spanish_tail(tokens: Sequence[Token], read: tuple[Clock, int], lang: str) -> tuple[Clock, int]:
    clock, end = read
    rest = [t.norm for t in tokens[end : end + 2]]
    if rest[:1] == ["y"] and len(rest) > 1:
        extra = {"media": 30, "cuarto": 15}.get(rest[1])
        counted = read_number(tokens, end + 1, lang) if extra is None else None
        if extra is not None:
            return Clock(clock.hour, extra, clock.twelve), end + 2
        if counted is not None and counted[0] < 60:
            return Clock(clock.hour, counted[0], clock.twelve), counted[1]
    return clock, end
