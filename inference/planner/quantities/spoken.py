"""Times of day as people say them, per language: "five to nine", "halb vier", "menos cuarto", "za dziesięć trzecia"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inference.planner.quantities.clocks import Clock, closes, half_of_day, in_half
from inference.planner.quantities.durations import UNITS
from inference.planner.quantities.numbers import PERCENT_WORDS, read_number
from inference.planner.quantities.words import ORDINALS_PL
from inference.planner.text import Token

_ROUND = frozenset({5, 10, 15, 20, 25})
_MINUTES = frozenset({"minutes", "minutos", "minuten", "minut", "minuty", "min", "mins"})
Read = tuple[Clock, int] | None


def spoken(tokens: Sequence[Token], i: int, lang: str, *, led: bool, bare: bool) -> Read:
    """A spoken time at `i` in the text's language, or as the English say it."""
    own = _BY_LANGUAGE.get(lang)
    said = own(tokens, i, lang, led) if own is not None else None
    if said is None and lang not in ("fr", "pl"):
        said = _english(tokens, i, lang, led)
    return said


def _hour(tokens: Sequence[Token], i: int, lang: str, most: int = 12) -> tuple[int, int] | None:
    read = read_number(tokens, i, lang)
    if read is None or not 1 <= read[0] <= most:
        return None
    following = tokens[read[1]].norm if read[1] < len(tokens) else ""
    # "five to 9 %", "half 3 hours": what follows says that it is no hour.
    return None if following in PERCENT_WORDS or (following in UNITS and following not in ("uhr", "h")) else read


def _shifted(tokens: Sequence[Token], hour: int, minutes: int, end: int, lang: str = "en") -> tuple[Clock, int]:
    """The hour moved by `minutes`, in the half of the day that is said behind it."""
    value = hour * 60 + minutes
    if hour > 12:
        return Clock(value // 60 % 24, value % 60, False), end
    half, after = half_of_day(tokens, end, lang)
    said = in_half(hour, 0, half) if half else None
    if said is not None:
        value = said.hour * 60 + minutes
        return Clock(value // 60 % 24, value % 60, False), after
    return Clock(value // 60 % 12 or 12, value % 60, True), end


def _english(tokens: Sequence[Token], i: int, lang: str, led: bool) -> Read:
    at = i + (tokens[i].norm == "a")
    word = tokens[at].norm if at < len(tokens) else ""
    if word in ("half", "quarter"):
        minutes, end = (30 if word == "half" else 15), at + 1
        if word == "half" and lang == "en" and (hour := _hour(tokens, end, lang)) and closes(tokens, hour[1]):
            return _shifted(tokens, hour[0], 30, hour[1])
    else:
        read = read_number(tokens, at, lang) if at == i else None
        if read is None or not 1 <= read[0] < 60:
            return None
        minutes, end = read
        if (
            led
            and lang == "en"
            and not tokens[i].is_number
            and minutes <= 12
            and (thirty := _hour_minutes(tokens, minutes, end))
        ):
            return thirty
        said = end < len(tokens) and tokens[end].norm in _MINUTES
        end += said
        link = tokens[end].norm if end < len(tokens) else ""
        sure = led or said or minutes in _ROUND
        if link != "past" and not (
            sure and (minutes in _ROUND or said) and (led or i == 0 or link in ("after", "til"))
        ):
            return None
    link = tokens[end].norm if end < len(tokens) else ""
    if link not in ("past", "to", "after", "before", "of", "til", "till"):
        return None
    if link == "of" and word != "quarter":
        return None
    hour = _hour(tokens, end + 1, lang)
    if hour is None or not (link == "past" or closes(tokens, hour[1])):
        return None
    return _shifted(tokens, hour[0], minutes if link in ("past", "after") else -minutes, hour[1])


def _hour_minutes(tokens: Sequence[Token], hour: int, end: int) -> Read:
    """ "at three thirty", "by eleven forty five", "at nine oh five"."""
    if end >= len(tokens) or (tokens[end].is_number and tokens[end].raw.isdigit()):
        return None
    if tokens[end].norm in ("oh", "o") and end + 1 < len(tokens) and (low := read_number(tokens, end + 1, "en")):
        return _shifted(tokens, hour, low[0], low[1]) if low[0] < 10 else None
    read = read_number(tokens, end, "en")
    if (
        read is None
        or not (read[0] in (10, 15, 20, 30, 40, 45, 50) or 21 <= read[0] < 60)
        or not closes(tokens, read[1])
    ):
        return None
    return _shifted(tokens, hour, read[0], read[1])


def _german(tokens: Sequence[Token], i: int, lang: str, led: bool) -> Read:
    at = i + (tokens[i].norm in ("ein", "kurz") and i + 1 < len(tokens))
    word = tokens[at].norm if at < len(tokens) else ""
    if word == "halb":
        hour = _hour(tokens, at + 1, lang)
        return _shifted(tokens, hour[0], -30, hour[1], lang) if hour else None
    quarters = 3 if word == "dreiviertel" else 0
    if word in ("drei", "3") and at + 1 < len(tokens) and tokens[at + 1].norm == "viertel":
        quarters, at = 3, at + 1
    elif word == "viertel":
        quarters = 1
    if quarters:
        link = tokens[at + 1].norm if at + 1 < len(tokens) else ""
        if link in ("vor", "nach") and quarters == 1:
            return _behind(tokens, at + 2, lang, 15 if link == "nach" else -15)
        hour = _hour(tokens, at + 1, lang)
        if hour is None or not (led or quarters == 3 or closes(tokens, hour[1])):
            return None
        return _shifted(tokens, hour[0], -45 if quarters == 1 else -15, hour[1], lang)
    read = read_number(tokens, i, lang)
    if read is None or not 1 <= read[0] < 30:
        return None
    end = read[1] + (read[1] < len(tokens) and tokens[read[1]].norm in _MINUTES)
    link = tokens[end].norm if end < len(tokens) else ""
    if link not in ("vor", "nach") or not (read[0] in _ROUND or end > read[1]):
        return None
    return _behind(tokens, end + 1, lang, read[0] if link == "nach" else -read[0])


def _behind(tokens: Sequence[Token], at: int, lang: str, minutes: int) -> Read:
    """The hour behind "vor" or "nach", also "halb drei"."""
    shift = -30 if at < len(tokens) and tokens[at].norm == "halb" else 0
    hour = _hour(tokens, at + (shift != 0), lang)
    if hour is None or not (
        shift or closes(tokens, hour[1]) or (hour[1] < len(tokens) and not tokens[hour[1]].raw[:1].isupper())
    ):
        return None
    return _shifted(tokens, hour[0], minutes + shift, hour[1], lang)


def _article_led(tokens: Sequence[Token], i: int, words: tuple[str, ...]) -> bool:
    return i > 0 and tokens[i - 1].norm in words


def _spanish(tokens: Sequence[Token], i: int, lang: str, led: bool) -> Read:
    """ "(las) tres y media", "cinco menos cuarto", "la una y diez", "las doce de la noche"."""
    read = (1, i + 1) if tokens[i].norm == "una" and _article_led(tokens, i, ("la",)) else read_number(tokens, i, lang)
    if read is None or not 1 <= read[0] <= 24:
        return None
    hour, end = read
    article = _article_led(tokens, i, ("las", "la"))
    rest = [t.norm for t in tokens[end : end + 2]]
    minutes, after = 0, end
    if rest[:1] in (["y"], ["menos"]) and len(rest) > 1:
        sign = 1 if rest[0] == "y" else -1
        named = {"media": 30, "cuarto": 15, "pico": 0}.get(rest[1])
        counted = read_number(tokens, end + 1, lang) if named is None and (article or led) else None
        if named is not None:
            minutes, after = sign * named, end + 2
        elif counted is not None and counted[0] < 60 and (sign < 0 or counted[0] >= 5):
            minutes, after = sign * counted[0], counted[1]
    half, behind = half_of_day(tokens, after)
    if after == end:
        exact = rest == ["en", "punto"]
        if not (article and (half or exact)):
            return None
        after, behind = (end + 2 if exact else after), (end + 2 if exact else behind)
    elif not (article or led or half):
        return None
    if after < len(tokens) and tokens[after].norm in UNITS and minutes > 0 and tokens[after].norm not in ("horas", "h"):
        after += 1
    return _shifted(tokens, hour, minutes, after)


def _portuguese(tokens: Sequence[Token], i: int, lang: str, led: bool) -> Read:
    """ "(às) três e meia", "quinze para as cinco", "à uma e quinze da tarde"."""
    articles = ("as", "a", "das", "da", "pelas")
    read = (1, i + 1) if tokens[i].norm == "uma" and _article_led(tokens, i, ("a",)) else read_number(tokens, i, lang)
    if read is None and tokens[i].norm in ("um", "quarto") and led:
        return None
    if read is None:
        return None
    value, end = read
    rest = [t.norm for t in tokens[end : end + 3]]
    if value < 30 and rest[:1] and rest[0] in ("para", "pras", "pra") and (value in _ROUND):
        at = end + 1 + (rest[0] != "pras" and rest[1:2] in (["as"], ["a"], ["o"]))
        hour = (1, at + 1) if at < len(tokens) and tokens[at].norm == "uma" else _hour(tokens, at, lang, 24)
        if hour is not None and at > end + 1:
            return _shifted(tokens, hour[0], -value, hour[1])
    if 20 < value < 60 and value > 24 and tokens[i].norm.isdigit() and not tokens[i].raw.isdigit():
        return _shifted(tokens, 20, value - 20, end) if value < 30 and _accented(tokens, i) else None
    if not 1 <= value <= 24:
        return None
    minutes, after = 0, end
    article = _article_led(tokens, i, articles)
    if rest[:1] == ["e"] and len(rest) > 1:
        named = {"meia": 30, "quarto": 15, "pouco": 0}.get(rest[1])
        counted = read_number(tokens, end + 1, lang) if named is None and (_accented(tokens, i) or led) else None
        if named is not None and rest[2:3] not in (["hora"], ["horas"]):
            minutes, after = named, end + 2
        elif counted is not None and 5 <= counted[0] < 60:
            minutes, after = counted[0], counted[1]
    half, _ = half_of_day(tokens, after)
    if after == end and not (article and (half or rest[:2] == ["em", "ponto"])):
        return None
    if after > end and not (article or led or half):
        return None
    if rest[:2] == ["em", "ponto"]:
        after = end + 2
    return _shifted(tokens, value, minutes, after)


def _accented(tokens: Sequence[Token], i: int) -> bool:
    """Whether "às" or "à" stands before, which leads a time; "as" is an article."""
    return i > 0 and tokens[i - 1].raw.casefold() in ("às", "à", "ás", "á", "das", "pelas")


def _french(tokens: Sequence[Token], i: int, lang: str, led: bool) -> Read:
    """ "deux heures et quart", "cinq heures moins le quart", "8 heures du soir", "midi moins dix"."""
    first = tokens[i].norm
    read = (
        (1, i + 1)
        if first == "une" and i + 1 < len(tokens) and tokens[i + 1].norm == "heure"
        else read_number(tokens, i, lang)
    )
    if read is None or not 1 <= read[0] <= 24:
        return None
    hour, end = read
    if end >= len(tokens) or tokens[end].norm not in ("heures", "heure", "h"):
        return None
    end += 1
    rest = [t.norm for t in tokens[end : end + 3]]
    minutes, after, sure = 0, end, False
    if rest[:2] in (["et", "demie"], ["et", "demi"]):
        minutes, after = 30, end + 2
    elif rest[:2] == ["et", "quart"]:
        minutes, after = 15, end + 2
    elif rest[:3] == ["moins", "le", "quart"] or rest[:2] == ["moins", "quart"]:
        minutes, after, sure = -15, end + (3 if rest[1] == "le" else 2), True
    elif rest[:1] == ["moins"] and (counted := read_number(tokens, end + 1, lang)) and counted[0] < 60:
        minutes, after, sure = -counted[0], counted[1], True
    half, _ = half_of_day(tokens, after)
    if not (half or sure or (after > end and led)):
        return None
    return _shifted(tokens, hour, minutes, after)


def _ordinal(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """A Polish hour: "trzecia", "piętnastej", "dwudziestej pierwszej"."""
    if i >= len(tokens):
        return None
    value = ORDINALS_PL.get(tokens[i].norm)
    if value is None or tokens[i].norm in ("drugi", "pierwszy", "trzeci"):
        return None
    if value == 20 and i + 1 < len(tokens) and (low := ORDINALS_PL.get(tokens[i + 1].norm, 9)) < 5:
        return 20 + low, i + 2
    return value, i + 1


def _polish(tokens: Sequence[Token], i: int, lang: str, led: bool) -> Read:
    """ "wpół do czwartej", "kwadrans po drugiej", "za dziesięć trzecia", "o czternastej trzydzieści"."""
    first = tokens[i].norm
    following = [t.norm for t in tokens[i + 1 : i + 3]]
    if first in ("wpol", "pol") and following[:1] == ["do"]:
        hour = _polish_hour(tokens, i + 2, lang)
        return _shifted(tokens, hour[0], -30, hour[1]) if hour else None
    if first == "za":
        minutes = (15, i + 2) if following[:1] == ["kwadrans"] else read_number(tokens, i + 1, lang)
        hour = _ordinal(tokens, minutes[1]) if minutes is not None and minutes[0] < 60 else None
        return _shifted(tokens, hour[0], -minutes[0], hour[1]) if hour and minutes else None
    minutes = (15, i + 1) if first == "kwadrans" else read_number(tokens, i, lang)
    if minutes is not None and minutes[0] < 60 and minutes[1] + 1 < len(tokens):
        link = tokens[minutes[1]].norm
        hour = _ordinal(tokens, minutes[1] + 1) if link in ("po", "przed") else None
        if hour is not None:
            return _shifted(tokens, hour[0], minutes[0] if link == "po" else -minutes[0], hour[1])
    before = tokens[i - 1].norm if i else ""
    if before in (
        "o",
        "przed",
        "po",
        "do",
        "od",
        "okolo",
        "kolo",
        "godzina",
        "godziny",
        "godzinie",
        "godzine",
        "na",
        "godz",
    ):
        return _polish_full(tokens, i, lang, before)
    return None


def _polish_full(tokens: Sequence[Token], i: int, lang: str, before: str) -> Read:
    at = i + (tokens[i].norm in ("godzinie", "godziny", "godzina", "godz", "godzine"))
    at += at < len(tokens) and tokens[at].norm == "." and at > i
    named = at > i or before.startswith("godz")
    hour = _ordinal(tokens, at)
    if hour is None:
        read = read_number(tokens, at, lang) if named else None
        if read is None or read[0] > 24 or not tokens[at].raw.isdigit():
            return None
        parted = (
            read[1] + 1 < len(tokens)
            and tokens[read[1]].norm in (":", ".")
            and tokens[read[1] + 1].start == tokens[read[1]].end
        )
        if parted and len(tokens[read[1] + 1].raw) == 2 and tokens[read[1] + 1].is_number:
            return Clock(read[0] % 24, int(tokens[read[1] + 1].norm), 1 <= read[0] <= 12), read[1] + 2
        return _shifted(tokens, read[0], 0, read[1])
    if hour[1] < len(tokens) and tokens[hour[1]].norm.startswith(("stron", "raz", "kolej")):
        return None
    minutes = read_number(tokens, hour[1], lang)
    after = tokens[minutes[1]].norm if minutes is not None and minutes[1] < len(tokens) else ""
    if minutes is not None and 10 <= minutes[0] < 60 and (minutes[0] in (15, 30, 45) or not after.isalpha()):
        return _shifted(tokens, hour[0], minutes[0], minutes[1])
    return _shifted(tokens, hour[0], 0, hour[1])


def _polish_hour(tokens: Sequence[Token], i: int, lang: str) -> tuple[int, int] | None:
    return _ordinal(tokens, i) or _hour(tokens, i, lang)


_BY_LANGUAGE: dict[str, Callable[[Sequence[Token], int, str, bool], Read]] = {
    "de": _german, "es": _spanish, "fr": _french, "pt": _portuguese, "pl": _polish,
}  # fmt: skip
