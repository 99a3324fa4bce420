"""Three bands with consequences: what may run, what must be accepted, and what is never dispatched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.core.bands import WHOLE, level_of, marks, not_accepted, to_accept


def slot(confidence: Any, value: Any = "x", name: str = "place") -> dict[str, Any]:
    return {"name": name, "value": value, "text": f"the {name}", "confidence": confidence}


@pytest.mark.parametrize(
    ("confidence", "run_at", "ask_at", "level"),
    [
        (0.95, None, None, "high"),
        (0.7, None, None, "medium"),
        (0.3, None, None, "low"),
        (0.95, 0.97, 0.5, "medium"),
        (0.97, 0.97, 0.5, "high"),
        (0.49, 0.97, 0.5, "low"),
        (0.99, "much", 0.5, "medium"),
        (None, 0.0, 0.0, "low"),
        (float("nan"), None, None, "low"),
        (True, None, None, "low"),
        (1.2, None, None, "low"),
    ],
)
def test_the_thresholds_come_with_the_draft(confidence: Any, run_at: Any, ask_at: Any, level: str) -> None:
    assert level_of(confidence, run_at, ask_at) == level


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=100)
def test_more_confidence_never_lowers_the_level(confidence: float, run_at: float, ask_at: float) -> None:
    order = ["low", "medium", "high"]
    more = min(1.0, confidence + 0.1)
    assert order.index(level_of(more, run_at, ask_at)) >= order.index(level_of(confidence, run_at, ask_at))


def test_each_slot_has_its_own_mark() -> None:
    assert marks([slot(0.95), slot(0.6), slot(0.2), slot(0.99, value=None), slot(None)], "high") == list("✓?✗✗✗")


def test_a_medium_reading_always_has_something_to_accept() -> None:
    sure = [slot(0.97), slot(0.93, name="item")]
    assert [p.name for p in to_accept(sure, "medium")] == ["item"]
    assert [p.index for p in to_accept([], "medium")] == [WHOLE]
    assert to_accept(sure, "high") == []


def test_parts_are_accepted_by_number_or_name() -> None:
    parts = to_accept([slot(0.6), slot(0.95), slot(0.3, name="item")], "medium")
    assert [p.index for p in parts] == ["0", "2"]
    assert [p.text for p in not_accepted(parts, ["0"])] == ["the item"]
    assert not_accepted(parts, [0, "item"]) == []
    assert len(not_accepted(parts, ["1", "", "nothing"])) == 2
