"""Chinese numbers, durations, percentages and times of day, read character by character from unsegmented text."""

from __future__ import annotations

from collections.abc import Sequence

from inference.planner.text import Token

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "幺": 1}
_SCALES = {"十": 10, "百": 100, "千": 1000}
NUMERALS = frozenset(DIGITS) | frozenset(_SCALES)
# What may follow a lone numeral that counts: measure words, units of time, rounds.
MEASURES = frozenset("个箱台托件只条排次遍趟圈轮点小分刻天层盒包袋桶瓶辆批组套堆块张架秒时号楼区板卷罐车筐篮位种成")
_NO_NUMBER = (
    "一下",
    "一起",
    "一点",
    "一些",
    "一直",
    "一定",
    "一样",
    "一共",
    "一旦",
    "一般",
    "一会",
    "一边",
    "一律",
    "一切",
)
_AM = ("上午", "早上", "凌晨", "清晨", "早晨", "今早", "明早", "早")
_PM = ("下午", "傍晚", "午后")
_EVENING = ("晚上", "今晚", "夜里", "夜间", "半夜", "明晚", "晚")


def _chars(tokens: Sequence[Token], i: int, length: int) -> str:
    return "".join(t.norm for t in tokens[i : i + length])


def run(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """A number of two or more numeral characters ("二十五", "三零二", "3百"), with the position behind it."""
    end = i
    while end < len(tokens) and tokens[end].norm in NUMERALS:
        end += 1
    digits = "".join(t.norm for t in tokens[i:end])
    if len(digits) < 2 or (i and tokens[i - 1].norm in NUMERALS):
        return None
    value = _valued(digits)
    return (value, end) if value is not None else None


def _valued(digits: str) -> int | None:
    if all(c in DIGITS for c in digits):
        # Digit by digit, as rooms and codes are said; "两三个" (two or three) is no number.
        said_singly = len(digits) >= 3 or "零" in digits or "〇" in digits
        return int("".join(str(DIGITS[c]) for c in digits)) if said_singly else None
    total = 0
    digit: int | None = None
    smallest = 10_000
    for n, c in enumerate(digits):
        if c in DIGITS:
            if digit not in (None, 0):
                return None
            digit = DIGITS[c]
            continue
        scale = _SCALES[c]
        if scale >= smallest or (digit is None and (c != "十" or n > 0)) or digit == 0:
            return None
        total, smallest, digit = total + (1 if digit is None else digit) * scale, scale, None
    if digit is None:
        return total
    # "三百五" is 350, "三百零五" is 305, "二十五" is 25.
    short = smallest > 10 and digits[-2:-1] not in ("零", "〇")
    return total + digit * (smallest // 10 if short else 1)


def number(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """A number in Chinese numerals; a lone numeral only before what it can count."""
    token = tokens[i]
    if token.norm not in NUMERALS:
        return None
    if read := run(tokens, i):
        return read
    following = tokens[i + 1].norm if i + 1 < len(tokens) else ""
    if token.norm not in DIGITS and token.norm != "十":
        return None
    if following in NUMERALS or (i and tokens[i - 1].norm in NUMERALS):
        return None
    if _chars(tokens, i, 2) in _NO_NUMBER or (i and tokens[i - 1].norm in "万统同唯第专另每这那哪某"):
        return None
    if token.norm == "十" and following == "分" and _chars(tokens, i + 2, 1) not in ("钟", "之", "后", "内"):
        return None
    if token.norm in "一零" and following not in MEASURES and following != "":
        return None
    return DIGITS.get(token.norm, 10), i + 1


def any_number(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    if i < len(tokens) and tokens[i].is_number and len(tokens[i].norm) <= 9:
        return int(tokens[i].norm), i + 1
    return _numeral(tokens, i)


def _numeral(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    if i >= len(tokens) or tokens[i].norm not in NUMERALS:
        return None
    if read := run(tokens, i):
        return read
    norm = tokens[i].norm
    return (DIGITS.get(norm, 10), i + 1) if norm in DIGITS or norm == "十" else None


def percent(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """ "百分之八十", "八成", "80%"."""
    if _chars(tokens, i, 3) == "百分之":
        read = any_number(tokens, i + 3)
        if read is None and _chars(tokens, i + 3, 1) == "百":
            read = 100, i + 4
        return read if read is not None and read[0] <= 100 else None
    read = any_number(tokens, i)
    if read is None:
        return None
    value, end = read
    after = _chars(tokens, end, 1)
    if after == "成" and 1 <= value <= 10 and _chars(tokens, end + 1, 1) not in ("功", "本", "品"):
        half = _chars(tokens, end + 1, 1) == "半"
        return value * 10 + 5 * half, end + 1 + half
    return (value, end + 1) if after == "%" and value <= 100 else None


def duration(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """Seconds: "半小时", "两个半小时", "一刻钟", "三十分钟", "一小时十五分", "90秒"."""
    first = _one(tokens, i)
    if first is None:
        return None
    seconds, end = first
    if seconds >= 3600 and _chars(tokens, end, 1) == "半" and _chars(tokens, end - 2, 2) in ("小时", "钟头"):
        return seconds + 1800, end + 1
    skip = end + (_chars(tokens, end, 1) in ("零", "又", "加"))
    second = _one(tokens, skip)
    if second is None and (read := any_number(tokens, skip)) and _chars(tokens, read[1], 1) == "分" and seconds >= 3600:
        second = read[0] * 60, read[1] + 1
    if second is not None and second[0] < seconds and seconds >= 60:
        return seconds + second[0], second[1]
    return seconds, end


def _one(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    half, value = False, 0.0
    end = i
    if _chars(tokens, i, 1) == "半":
        half, end = True, i + 1
        if _chars(tokens, end, 1) == "个":
            end += 1
        value = 0.5
    else:
        read = any_number(tokens, i)
        if read is None:
            return None
        value, end = float(read[0]), read[1]
        if (
            end + 1 < len(tokens)
            and tokens[end].norm == "."
            and tokens[end + 1].is_number
            and tokens[end].start == tokens[end - 1].end
        ):
            value, end = float(f"{read[0]}.{tokens[end + 1].raw}"), end + 2
        if _chars(tokens, end, 2) == "个半":
            value, end = value + 0.5, end + 2
        elif _chars(tokens, end, 1) == "个":
            end += 1
    for word, seconds in (
        ("小时", 3600),
        ("钟头", 3600),
        ("分钟", 60),
        ("刻钟", 900),
        ("秒钟", 1),
        ("秒", 1),
        ("天", 86400),
    ):
        if _chars(tokens, end, len(word)) == word:
            total = round(value * seconds)
            if half and word in ("秒", "秒钟", "刻钟", "天"):
                return None
            return (total, end + len(word)) if total > 0 else None
    if _chars(tokens, end, 1) == "分" and _chars(tokens, end + 1, 1) in ("后", "内") and not half:
        return round(value * 60), end + 1
    latin = _chars(tokens, end, 1)
    for words, seconds in (
        (("h", "hr", "hrs", "hour", "hours"), 3600),
        (("min", "mins", "minutes", "minute"), 60),
        (("s", "sec"), 1),
    ):
        if latin in words and value:
            return round(value * seconds), end + 1
    return None


def bare_unit(tokens: Sequence[Token], i: int) -> tuple[int, int] | None:
    """ "小时" in "每小时"."""
    for word, seconds in (("小时", 3600), ("个小时", 3600), ("钟头", 3600), ("分钟", 60), ("天", 86400), ("日", 86400)):
        if _chars(tokens, i, len(word)) == word:
            return seconds, i + len(word)
    return None


def clock(tokens: Sequence[Token], i: int) -> tuple[int, int, bool, int] | None:
    """(hour, minute, whether either half of the day could be meant, position behind): "下午三点半", "六点差五分"."""
    part, at = _part_of_day(tokens, i)
    if part and at < len(tokens) and tokens[at].norm in "的,":
        at += 1
    early = 0
    if _chars(tokens, at, 1) == "差" and (read := any_number(tokens, at + 1)):
        early, at = (
            (15 if _chars(tokens, read[1], 1) == "刻" else read[0]),
            read[1] + (_chars(tokens, read[1], 1) in ("分", "刻")),
        )
    read = any_number(tokens, at)
    if read is None:
        return _noon(tokens, i)
    hour, end = read
    if end < len(tokens) and tokens[end].norm == ":" and end + 1 < len(tokens) and tokens[end + 1].is_number and part:
        minute, end = int(tokens[end + 1].norm), end + 2
    elif (
        _chars(tokens, end, 1) in ("点", "时") and _chars(tokens, end, 2) != "时候" and _chars(tokens, end, 2) != "时间"
    ):
        idiom = tokens[at].norm == "一" and _chars(tokens, end, 1) == "点"
        minute, after = _minutes(tokens, end + 1)
        if (
            idiom
            and not part
            and after == end + 1
            and _chars(tokens, after, 1) not in ("之", "前", "后", "以", "开", "钟", "整")
        ):
            led = i and tokens[i - 1].norm in ("在", "到", "于")
            if not led:
                return None
        end = after
    else:
        return _noon(tokens, i)
    if minute < 0:
        early, minute = -minute, 0
    if hour > 24 or minute >= 60 or early >= 60:
        return None
    return _resolved(hour, minute, early, part, end)


def _resolved(hour: int, minute: int, early: int, part: str, end: int) -> tuple[int, int, bool, int]:
    twelve = 1 <= hour <= 12
    if twelve and part == "am":
        hour, twelve = hour % 12, False
    elif twelve and part == "pm":
        hour, twelve = hour % 12 + 12, False
    elif twelve and part == "noon":
        hour, twelve = (hour if hour in (11, 12) else hour + 12), False
    elif twelve and part == "night":
        hour, twelve = (hour % 12 + 12 if 5 <= hour < 12 else hour % 12), False
    value = (hour * 60 + minute - early) % 1440
    hour, minute = divmod(value, 60)
    return (hour % 12 or 12) if twelve else hour % 24, minute, twelve, end


def _noon(tokens: Sequence[Token], i: int) -> tuple[int, int, bool, int] | None:
    word = _chars(tokens, i, 2)
    if word in ("中午", "正午"):
        return 12, 0, False, i + 2
    return (0, 0, False, i + 2) if word in ("午夜", "零点") else None


def _part_of_day(tokens: Sequence[Token], i: int) -> tuple[str, int]:
    for length in (2, 1):
        word = _chars(tokens, i, length)
        for part, words in (("am", _AM), ("pm", _PM), ("night", _EVENING), ("noon", ("中午", "正午"))):
            if word in words and len(word) == length:
                return part, i + length
    return "", i


def _minutes(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """The minutes behind "点": 半, 一刻, 三刻, 差五分, 零五分, 二十(分), 钟, 整."""
    word = _chars(tokens, at, 1)
    if word in ("钟", "整"):
        return 0, at + 1
    if word == "半":
        return 30, at + 1
    if word == "差" and (read := any_number(tokens, at + 1)):
        quarter = _chars(tokens, read[1], 1) == "刻"
        return -15 * read[0] if quarter else -read[0], read[1] + (quarter or _chars(tokens, read[1], 1) == "分")
    skip = at + (word in ("零", "过"))
    if read := any_number(tokens, skip):
        after = _chars(tokens, read[1], 1)
        if after == "刻":
            return read[0] * 15, read[1] + 1
        if after == "分" and _chars(tokens, read[1], 2) != "分钟":
            return read[0], read[1] + 1
        if 10 <= read[0] < 60 and after not in MEASURES:
            return read[0], read[1]
        if word == "零" and read[0] < 10:
            return read[0], read[1]
    return 0, at
