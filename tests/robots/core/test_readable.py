"""Bytes that were no message, and what changed in a factsheet, as a person can read it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.readable import CHANGES_SHOWN, changes, readable


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"a": 1}', '{"a": 1}'),
        ("Gr\u00f6\u00dfe".encode(), "Gr\u00f6\u00dfe"),
        (b"\xff\x00{", "\\xff\\x00{"),
        (b"a\x1b[31mred\r", "a\\x1b[31mred\\r"),
        ("right to left \u202e!".encode(), "right to left \\u202e!"),
        (b"back\\slash\tand\nline", "back\\slash\tand\nline"),
    ],
)
def test_what_cannot_be_seen_is_escaped(payload, text):
    assert readable(payload) == text


@settings(max_examples=80)
@given(st.binary(max_size=200))
def test_any_bytes_become_text_that_hides_nothing(payload):
    found = readable(payload)
    assert all(letter.isprintable() or letter in "\n\t" for letter in found)


def test_what_changed_is_named_by_its_path():
    before = {"physicalParameters": {"speedMax": 1.0}, "agvActions": [{"actionType": "pick"}, {"actionType": "drop"}]}
    after = {"physicalParameters": {"speedMax": 1.5}, "agvActions": [{"actionType": "drop"}], "versions": []}
    found = {change.path: (change.before, change.after) for change in changes(before, after)}
    assert found == {
        "agvActions[pick]": ('{"actionType": "pick"}', ""),
        "physicalParameters.speedMax": ("1.0", "1.5"),
        "versions": ("", "[]"),
    }


def test_a_list_without_names_is_compared_by_place_and_much_is_cut_off():
    assert [change.path for change in changes({"a": [1, 2]}, {"a": [1, 3]})] == ["a[1]"]
    assert len(changes({}, {str(n): n for n in range(500)})) == CHANGES_SHOWN
    assert changes({"a": [{"key": "x", "value": 1}]}, {"a": [{"key": "x", "value": 1}]}) == []
