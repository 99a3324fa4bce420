"""The words of a type of robot, as people enter them."""

from __future__ import annotations

import pytest

from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.words import EXAMPLE, MAX_JSON, check_words, read_words, usable


def test_words_are_read_and_checked() -> None:
    found = read_words(EXAMPLE)
    check_words(found)
    assert found["loadType"] == {"totes": "EPAL", "*": "BOX"} and usable(found) is found
    for nothing in ("", " \n"):
        assert read_words(nothing) == {}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["EPAL"], "name each parameter with its values"),
        (None, "name each parameter with its values"),
        ({"loadType": "EPAL"}, "loadType: give its values"),
        ({"loadType": {"totes": 7}}, "loadType: give its values"),
        ({"loadType": {7: "EPAL"}}, "loadType: give its values"),
        ({" ": {}}, "1 to 100 characters"),
        ({7: {}}, "1 to 100 characters"),
        ({"loadType": {"totes": "a\x00b"}}, "without control characters"),
        ({"loadType": {"\ud800": "a"}}, "without control characters"),
        ({"loadType": {"totes": "x" * 101}}, "1 to 100 characters"),
        ({str(n): {} for n in range(41)}, "at most 40 parameters"),
        ({"loadType": {str(n): "x" for n in range(41)}}, "at most 40 values"),
    ],
)
def test_words_that_will_not_do_are_told_and_never_used(words: object, text: str) -> None:
    with pytest.raises(LocalProtocolError, match=text):
        check_words(words)
    assert usable(words) == {}


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ('{"loadType": ', "line 1, column"),
        ('{"a": {"b": NaN}}', "NaN is no number"),
        ("[" * 10_000, "two levels"),
        (" " * MAX_JSON + "{}", "at most 20000 characters"),
        ('{"a": {}, "a": {}}', "a is named twice"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(typed: str, text: str) -> None:
    with pytest.raises(LocalProtocolError, match=text):
        read_words(typed)
