"""Numbers, clock times, durations and percentages in four languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.planner.quantities import Clock, read_clock, read_duration, read_number, read_percent
from inference.planner.text import tokenize


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("3", "en", 3),
        ("007", "en", 7),
        ("twenty five", "en", 25),
        ("half a dozen", "en", 6),
        ("a couple of", "en", 2),
        ("two dozen", "en", 24),
        ("drei", "de", 3),
        ("zwölf", "de", 12),
        ("once", "es", 11),
        ("treinta y dos", "es", 32),
        ("sept", "fr", 7),
    ],
)
def test_numbers(text: str, lang: str, value: int) -> None:
    tokens = tokenize(text)
    assert read_number(tokens, 0, lang) == (value, len(tokens))


@pytest.mark.parametrize(("text", "lang"), [("one of the", "en"), ("once", "en"), ("sept", "en"), ("tape", "en")])
def test_not_numbers(text: str, lang: str) -> None:
    assert read_number(tokenize(text), 0, lang) is None


@pytest.mark.parametrize(
    ("text", "lang", "seconds"),
    [
        ("10 min", "en", 600),
        ("10min", "en", 600),
        ("half an hour", "en", 1800),
        ("an hour", "en", 3600),
        ("an hour and a half", "en", 5400),
        ("1.5 hours", "en", 5400),
        ("1 hour 20 minutes", "en", 4800),
        ("two and a half hours", "en", 9000),
        ("a quarter of an hour", "en", 900),
        ("eine halbe Stunde", "de", 1800),
        ("anderthalb Stunden", "de", 5400),
        ("20 Minuten", "de", 1200),
        ("media hora", "es", 1800),
        ("una hora y media", "es", 5400),
        ("dix minutes", "fr", 600),
        ("1 h 30", "fr", 5400),
    ],
)
def test_durations(text: str, lang: str, seconds: int) -> None:
    tokens = tokenize(text)
    assert read_duration(tokens, 0, lang) == (seconds, len(tokens))


@pytest.mark.parametrize(
    ("text", "lang", "bare", "now", "clock"),
    [
        ("14:00", "en", False, "10:20", "14:00"),
        ("3 pm", "en", False, "10:20", "15:00"),
        ("12 am", "en", False, "10:20", "00:00"),
        ("12 pm", "en", False, "10:20", "12:00"),
        ("3:15", "en", False, "10:20", "15:15"),
        ("03:15", "en", False, "10:20", "03:15"),
        ("eleven", "en", True, "10:20", "11:00"),
        ("ten", "en", True, "10:20", "22:00"),
        ("1430", "en", True, "10:20", "14:30"),
        ("half past three", "en", False, "10:20", "15:30"),
        ("quarter to four", "en", False, "16:00", "03:45"),
        ("ten past two", "en", False, "10:20", "14:10"),
        ("noon", "en", False, "10:20", "12:00"),
        ("6 in the morning", "en", True, "10:20", "06:00"),
        ("halb drei", "de", False, "10:20", "14:30"),
        ("14 Uhr 15", "de", False, "10:20", "14:15"),
        ("viertel nach zwei", "de", False, "10:20", "14:15"),
        ("las 3 y media", "es", True, "10:20", "15:30"),
        ("la una", "es", True, "10:20", "13:00"),
        ("15h30", "fr", False, "10:20", "15:30"),
        ("midi", "fr", False, "10:20", "12:00"),
    ],
)
def test_clock_times(text: str, lang: str, bare: bool, now: str, clock: str) -> None:
    tokens = tokenize(text)
    read = read_clock(tokens, 0, lang, bare=bare)
    assert read is not None
    assert (read[0].resolve(now), read[1]) == (clock, len(tokens))


@pytest.mark.parametrize("text", ["3", "three pallets", "3.30", "25:00", "3:99", "row 3"])
def test_a_number_alone_is_no_clock(text: str) -> None:
    assert read_clock(tokenize(text), 0, "en", bare=False) is None


@given(st.integers(1, 12), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
@settings(max_examples=100)
def test_a_twelve_hour_time_is_the_next_such_time(hour: int, minute: int, now_h: int, now_m: int) -> None:
    said = Clock(hour, minute, True).resolve(f"{now_h:02d}:{now_m:02d}")
    h, m = map(int, said.split(":"))
    wait = (h * 60 + m - now_h * 60 - now_m) % 1440 or 1440
    assert h % 12 == hour % 12
    assert m == minute
    assert wait <= 720


@pytest.mark.parametrize(
    ("text", "lang", "pct"),
    [
        ("90 %", "en", 90),
        ("90%", "en", 90),
        ("eighty percent", "en", 80),
        ("80 Prozent", "de", 80),
        ("85 por ciento", "es", 85),
    ],
)
def test_percentages(text: str, lang: str, pct: int) -> None:
    tokens = tokenize(text)
    assert read_percent(tokens, 0, lang) == (pct, len(tokens))
