"""Public command sets: made-up sentences of the generator's form, and what they mean here."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.contract import Step
from inference.training.public_sets import cases, parse, read_gpsr, singular

LINES = (
    "navigate to the workbench then look for a spanner and fetch it and place it on the tool shelf",
    "tell me how many spanners there are on the workbench",
    "guide Alma from the tool shelf to the workbench",
)


def test_made_up_sentences_become_cases() -> None:
    found, left_out = cases([*LINES, "open the pod bay doors", ""])
    assert left_out == 1 and [case.decision for case in found] == ["plan", "plan", "ask"]
    first, second, third = found
    assert first.plan is not None and first.plan.steps == (
        Step("inspect", at="workbench", item="spanner"), Step("pick", at="workbench", item="spanner"),
        Step("drop", at="tool-shelf"),
    )  # fmt: skip
    assert second.plan is not None and second.plan.steps == (
        Step("scan", at="workbench", item="spanner"),
        Step("report"),
    )
    assert third.accept == ("ask", "refuse") and third.plan is None and third.tags == ("people",)
    names = first.request.vocabulary
    assert {n.name for n in names.places} == {"workbench", "tool shelf"} and [n.name for n in names.items] == [
        "spanner"
    ]


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("get an apple from the sink and put it on the desk", "takeObjFromPlcmt"),
        ("Grasp a food from the sink and deliver it to me.", "takeObjFromPlcmtToMe"),
        ("take a cup from the sink and give it to Alma in the office", "takeObjFromPlcmtToPrs"),
        ("find a dish in the office then get it and place it on the desk", "findObjInRoom"),
        ("give me an apple from the sink", "bringMeObjFromPlcmt"),
        ("tell me what is the biggest object on the desk", "tellObjPropOnPlcmt"),
        ("tell me how many waving persons are in the office", "people"),
        ("go to the sink then meet Alma and follow them", "people"),
        ("find a person raising their left arm in the office and answer a quiz", "people"),
        ("look for a standing person in the office and guide them to the sink", "people"),
    ],
)
def test_templates(text: str, template: str) -> None:
    found = parse(text)
    assert found is not None and found.template == template


def test_only_what_is_put_down_at_a_place_is_a_plan() -> None:
    found, _ = cases(["bring me a cup from the sink", "get a cup from the sink and bring it to me"])
    assert [(case.decision, case.accept) for case in found] == [("ask", ("ask", "refuse"))] * 2


@pytest.mark.parametrize(
    ("many", "one"), [("dishes", "dish"), ("cleaning supplies", "cleaning supply"), ("toys", "toy"), ("glass", "glass"),
                      ("boxes", "box"), ("food", "food")],
)  # fmt: skip
def test_one_of_them(many: str, one: str) -> None:
    assert singular(many) == one


def test_a_folder_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no \*\.txt"):
        read_gpsr(tmp_path)
    (tmp_path / "commands.txt").write_text("\n".join(LINES))
    assert len(read_gpsr(tmp_path)[0]) == 3
