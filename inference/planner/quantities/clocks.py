"""Times of day. A bare number is one only where the caller says so (after "before", "at", ...)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.planner.quantities import chinese
from inference.planner.quantities.numbers import read_number
from inference.planner.text import Token, listed

WHOLE_TIMES = {
    "noon": (12, 0), "midday": (12, 0), "midnight": (0, 0), "mittag": (12, 0), "mittags": (12, 0),
    "mitternacht": (0, 0), "mediodia": (12, 0), "medianoche": (0, 0), "midi": (12, 0), "minuit": (0, 0),
    "poludnie": (12, 0), "poludnia": (12, 0), "poludniem": (12, 0), "meiodia": (12, 0), "meianoite": (0, 0),
}  # fmt: skip
_HOURS_LED_BY = frozenset({"las", "as", "das", "pelas"})
_OCLOCK = frozenset({"uhr", "oclock", "heures", "heure"})
_AFTER_HOUR = frozenset({"horas", "hora", "hrs", "hours"})
_AM = ("morgens", "fruh", "vormittags", "rano")
_PM = ("nachmittags", "abends", "wieczorem", "popoludniu")
_OF_DAY = {
    ("in", "the", "morning"): "am", ("de", "la", "manana"): "am", ("du", "matin"): "am", ("da", "manha"): "am",
    ("de", "la", "madrugada"): "night", ("da", "madrugada"): "night", ("in", "the", "afternoon"): "pm",
    ("in", "the", "evening"): "pm", ("de", "la", "tarde"): "pm", ("de", "la", "noche"): "night",
    ("du", "soir"): "night",
    ("de", "l", "apres", "midi"): "pm", ("de", "lapres", "midi"): "pm", ("da", "tarde"): "pm",
    ("da", "noite"): "night",
    ("am", "nachmittag"): "pm", ("am", "abend"): "night", ("am", "morgen"): "am", ("am", "vormittag"): "am",
    ("in", "der", "nacht"): "night", ("in", "der", "fruh"): "am", ("po", "poludniu"): "pm", ("w", "nocy"): "night",
    ("at", "night"): "night", ("nachts",): "night", ("this", "afternoon"): "pm", ("this", "evening"): "pm",
    ("tonight",): "night", ("this", "morning"): "am", ("por", "la", "manana"): "am", ("por", "la", "tarde"): "pm",
    ("por", "la", "noche"): "night", ("nad", "ranem"): "am",
}  # fmt: skip
_LONGEST = max(map(len, _OF_DAY))


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


def read_clock(
    tokens: Sequence[Token], i: int, lang: str, *, bare: bool, led: bool = False
) -> tuple[Clock, int] | None:
    """A time of day and the position behind it. With `bare`, also "three" or "14" alone (the caller saw a time
    preposition before it); `led` says that one stands before without making bare numbers times.
    """
    from inference.planner.quantities.spoken import spoken  # it builds on this module

    norms = [t.norm for t in tokens[i : i + 5]]
    if not norms:
        return None
    if lang == "zh" and (han := chinese.clock(tokens, i)):
        return Clock(*han[:3]), han[3]
    if bare and lang in ("es", "pt") and norms[0] in ("las", "la", "as"):
        return read_clock(tokens, i + 1, lang, bare=True)
    if whole := _whole(tokens, i, norms):
        return whole
    if said := spoken(tokens, i, lang, led=led or bare, bare=bare):
        return said
    if bare and norms[0] == {"es": "una", "pt": "uma"}.get(lang):
        return Clock(1, 0, True), i + 1
    return _digital(tokens, i, lang, bare, led)


def _whole(tokens: Sequence[Token], i: int, norms: list[str]) -> tuple[Clock, int] | None:
    """ "noon", "midi et demi", "mid-day", "meio-dia e meia", "o północy"."""
    hour, minute, end = -1, 0, i + 1
    if norms[0] in WHOLE_TIMES:
        hour, minute = WHOLE_TIMES[norms[0]]
    elif norms[:2] in (["mid", "day"], ["meio", "dia"], ["medio", "dia"]):
        hour, end = 12, i + 2
    elif norms[:2] in (["mid", "night"], ["meia", "noite"], ["media", "noche"]):
        hour, end = 0, i + 2
    elif norms[0] == "polnocy" and i and tokens[i - 1].norm in ("o", "przed", "po", "do", "od", "okolo"):
        hour = 0
    if hour < 0 or (norms[0].startswith("poludni") and i and tokens[i - 1].norm == "na"):
        return None
    rest = [t.norm for t in tokens[end : end + 2]]
    if rest in (["et", "demi"], ["et", "demie"], ["e", "meia"], ["y", "media"]):
        return Clock(hour, 30, False), end + 2
    if rest in (["et", "quart"], ["y", "cuarto"]):
        return Clock(hour, 15, False), end + 2
    if rest[:1] == ["moins"] and end + 1 < len(tokens):
        quarter = [t.norm for t in tokens[end + 1 : end + 3]]
        if "quart" in quarter:
            return Clock((hour - 1) % 24, 45, False), end + 2 + (quarter[0] == "le")
        if (less := read_number(tokens, end + 1, "fr")) and 0 < less[0] < 60:
            return Clock((hour - 1) % 24, 60 - less[0], False), less[1]
    return Clock(hour, minute, False), end


def _digital(tokens: Sequence[Token], i: int, lang: str, bare: bool, led: bool) -> tuple[Clock, int] | None:
    """ "14:30", "4.30pm", "0400", "1430 hours", "15h30", "14 Uhr 15", "16 hundred hours", "three pm"."""
    read = read_number(tokens, i, lang)
    if read is None:
        return None
    hour, end = read
    rest = [t.norm for t in tokens[end : end + 3]]
    digits = tokens[i].is_number
    if digits and (military := _military(tokens, i, end, hour, rest, bare or led)):
        return (military[0], military[1]) if military[0] is not None else None
    minute, sure = 0, False
    parted = digits and len(rest) > 1 and rest[0] in (":", ".", "h") and glued(tokens, end)
    # "3.30" alone is a decimal; a unit of time or a time preposition makes it a clock.
    timed = rest[:1] != ["."] or rest[2:3] in (["uhr"], ["pm"], ["am"], ["h"], ["p"], ["a"]) or bare
    timed = timed or (rest[:1] == ["."] and led and parted and rest[2:3] != ["%"] and len(tokens[end + 1].raw) == 2)
    if parted and timed and len(tokens[end + 1].raw) == 2:
        minute, end, sure = int(rest[1]), end + 2, True
        rest = [t.norm for t in tokens[end : end + 3]]
    if hour > 24 or minute > 59:
        return None
    half, end = half_of_day(tokens, end, lang)
    if half and 1 <= hour <= 12:
        return in_half(hour, minute, half), end
    short = rest[:1] == ["h"] and digits and (hour >= 6 or (led and lang == "fr"))
    oclock = rest[:1] and (rest[0] in _OCLOCK or short)
    if oclock or rest[:2] == ["o", "clock"]:
        end, sure = end + (2 if rest[:2] == ["o", "clock"] else 1), True
        minute, end = _minutes_behind(tokens, end, rest, minute, lang)
        half, end = half_of_day(tokens, end, lang)
        if half and 1 <= hour <= 12:
            return in_half(hour, minute, half), end
    elif led and not bare and i and tokens[i - 1].norm in _HOURS_LED_BY and rest[:1] and rest[0] in (*_AFTER_HOUR, "h"):
        end, sure = end + 1, True
    if not sure and not bare:
        return None
    leading = digits and tokens[i].raw.startswith("0")
    return Clock(hour % 24, minute, 1 <= hour <= 12 and not leading), end


def _military(
    tokens: Sequence[Token], i: int, end: int, value: int, rest: list[str], timed: bool
) -> tuple[Clock | None, int] | None:
    """ "0400", "by 1430", "1600 hours": four digits that are a time. (None, 0) when they cannot be one."""
    hours = rest[:1] in (["hours"], ["hrs"], ["h"], ["uhr"])
    raw = tokens[i].raw
    four = len(raw) == 4 and raw.isdigit() and end == i + 1
    if not (four or (hours and 100 <= value <= 2400 and not raw.isdigit())):
        return None
    leading = four and raw.startswith("0")
    # "make room for 1500 boxes" counts; "by 1500" is a time.
    if not (hours or leading or (timed and closes(tokens, end))):
        return None
    hour, minute = divmod(value, 100)
    return (Clock(hour, minute, False), end + hours) if hour < 24 and minute < 60 else (None, 0)


def _minutes_behind(tokens: Sequence[Token], end: int, rest: list[str], minute: int, lang: str) -> tuple[int, int]:
    """The minutes behind "Uhr", "h" or "heures", in two digits or in words; and "et demie", "moins le quart"."""
    if end >= len(tokens) or rest[0] not in ("uhr", "h", "heures", "heure"):
        return minute, end
    token = tokens[end]
    if token.is_number and token.raw.isdigit():
        return (int(token.norm), end + 1) if len(token.raw) == 2 and int(token.norm) < 60 else (minute, end)
    read = read_number(tokens, end, lang)
    after = tokens[read[1]].norm if read is not None and read[1] < len(tokens) else ""
    if read is None or not 5 <= read[0] < 60 or after in ("%", "prozent", "minuten", "minutes", "uhr"):
        return minute, end
    # "um drei Uhr fünf Kisten holen": small numbers are minutes only where nothing follows that they count.
    alone = read[0] >= 10 or after in ("", ".", ",", "am", "im", "zum", "zur", "nach", "in")
    return read if alone else (minute, end)


_CLOSERS = listed(
    "and or then to from at in on by before for with if when please sharp latest today tomorrow tonight am pm "
    "but the und "
    "oder dann bitte im zum zur vom von nach soll spatestens sein bin los mit an ins zu auf hinter o clock "
    "oclock this every "
    "take bring get go send put drop pick move have be so do until till , . ; : ! ? ) a p"
) | {"\n"}


def closes(tokens: Sequence[Token], i: int) -> bool:
    """Whether nothing that a number could count stands at `i`."""
    if i >= len(tokens) or tokens[i].norm in _CLOSERS:
        return True
    return tokens[i].norm.endswith(("en", "n")) and tokens[i].raw[:1].islower()


def glued(tokens: Sequence[Token], i: int) -> bool:
    return (
        i + 1 < len(tokens)
        and tokens[i - 1].end == tokens[i].start
        and tokens[i].end == tokens[i + 1].start
        and tokens[i + 1].is_number
    )


def half_of_day(tokens: Sequence[Token], end: int, lang: str = "en") -> tuple[str, int]:
    """ "am", "pm" or "night" ("" for none) as said behind a time, with the position behind it."""
    rest = [t.norm for t in tokens[end : end + _LONGEST]]
    for half in ("a", "p"):
        if rest[:1] == [half + "m"] and not (half == "a" and rest[1:2] and (*rest[:2],) in _OF_DAY):
            # "um 3 am Tor": the German "am" is no half of the day.
            following = tokens[end + 1].norm if end + 1 < len(tokens) else ""
            glued_on = tokens[end].start == tokens[end - 1].end
            if half == "a" and not glued_on and lang == "de" and following[:1].isalpha():
                continue
            return half + "m", end + 1
        if rest[:3] == [half, ".", "m"]:
            closing = end + 3
            return half + "m", closing + (
                closing < len(tokens) and tokens[closing].norm == "." and closing + 1 < len(tokens)
            )
    for length in range(min(_LONGEST, len(rest)), 0, -1):
        if half := _OF_DAY.get(tuple(rest[:length]), ""):
            return half, end + length
    if rest[:1] and rest[0] in _PM:
        return "pm", end + 1
    return ("am", end + 1) if rest[:1] and rest[0] in _AM else ("", end)


def in_half(hour: int, minute: int, half: str) -> Clock:
    """A twelve-hour time in the said half of the day; "night" is from the evening to the early morning."""
    if half == "am" or (half == "night" and (hour == 12 or hour < 5)):
        return Clock(hour % 12, minute, False)
    return Clock(hour % 12 + 12, minute, False)
