"""Answers and changed chips change what is read; the text and every position in it stay as typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.core.edits import Edit, apply, draft_as_typed, told


def edit(start: int, end: int, said: str = "Pack 1") -> Edit:
    return Edit(start, end, "pack-1", "Pack 1", said)


def test_the_chosen_record_is_read_in_the_place_of_the_words() -> None:
    edited = apply("bring it to pack now", [edit(12, 16)])
    assert edited.text == "bring it to Pack 1 now"
    assert told((12, 18), edited) == (12, 16)
    assert told((19, 22), edited) == (17, 20)


def test_an_answer_without_words_of_its_own_is_added() -> None:
    edited = apply("bring two totes", [edit(15, 15)])
    assert edited.text == "bring two totes Pack 1"
    assert told((16, 22), edited) == (15, 15)
    assert told((10, 15), edited) == (10, 15)


def test_what_a_person_chose_is_certain_and_told_in_their_words() -> None:
    draft = {
        "slots": [{"name": "place", "value": "pack-1", "text": "Pack 1", "span": [12, 18], "confidence": 0.7}],
        "ignored": [[19, 22]],
    }
    typed = "bring it to pack now"
    shown = draft_as_typed(draft, apply(typed, [edit(12, 16)]), typed)
    assert shown["slots"][0] == {
        "name": "place", "value": "pack-1", "text": "pack", "span": [12, 16], "confidence": 1.0, "chosen": True,
    }  # fmt: skip
    assert shown["ignored"] == [[17, 20]]


@pytest.mark.parametrize("edits", [[edit(0, 99)], [edit(4, 2)], [edit(0, 5), edit(3, 8)]])
def test_edits_that_do_not_fit_the_text_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="not those of the text"):
        apply("bring it to pack", edits)


@given(st.text(max_size=40), st.data())
@settings(max_examples=100)
def test_every_character_that_was_typed_is_found_again(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    edited = apply(text, [edit(a, b, said=data.draw(st.text(min_size=1, max_size=5))) for a, b in pairs])
    inside = {at for a, b in pairs for at in range(a, b)}
    outside = [at for at in range(len(text)) if at not in inside]
    shift, places = 0, {start: end for start, end, _ in edited.places}
    assert len(places) == len(pairs)
    for at in outside:
        shift = sum((end - start) - (e.end - e.start) for start, end, e in edited.places if e.end <= at)
        assert edited.text[at + shift] == text[at]
        assert told((at + shift, at + shift + 1), edited) == (at, at + 1)
