"""Stop words in every language of the product, matched without a model; what goes on is still read."""

from __future__ import annotations

import pytest

from missions.core.placeholders import kind_of, placeholders
from missions.core.stop_words import STOP, find, folded, lists


@pytest.mark.parametrize("words", [word for group in STOP.values() for word in group])
def test_every_word_means_stop_alone_and_shouted(words: str) -> None:
    for text in (words, f" {words.upper()}!!"):
        assert find(text).stop and find(text).only, text


@pytest.mark.parametrize(
    "text",
    [
        "Stop everything now", "bitte anhalten", "Alle Roboter sofort stoppen!", "arrêtez tout, s'il vous plaît",
        "¡Paren todos!", "Zatrzymać wszystkie roboty natychmiast", "pare agora", "请马上停止", "全部停下", "стоп",
    ],
)  # fmt: skip
def test_what_is_said_around_changes_nothing(text: str) -> None:
    assert find(text) == find("stop")


@pytest.mark.parametrize("text", ["stop at dock 3 and take two totes", "para la estación 3 lleva dos cajas"])
def test_a_text_that_goes_on_is_a_stop_and_is_read_too(text: str) -> None:
    assert find(text).stop and not find(text).only


@pytest.mark.parametrize(
    "text", ["", "  ", "stopwatch to pack 1", "take the stop signs to dock 3", "please", "haltbar"]
)
def test_other_texts_are_no_stop(text: str) -> None:
    assert not find(text).stop and not find(text).only


def test_the_page_gets_both_lists_folded_with_the_longest_first() -> None:
    for group in lists().values():
        assert group == sorted(group, key=lambda word: (-len(word), word))
        assert all(word == folded(word) for word in group)


def test_placeholders_are_found_once_each_with_what_may_stand_there() -> None:
    text = "take {quantity} {item} from {place} to {place 2} for {item}"
    assert placeholders(text) == ["quantity", "item", "place", "place 2"]
    assert [kind_of(name) for name in placeholders(text)] == ["", "item", "place", "place"]
