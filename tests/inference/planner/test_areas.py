"""An area (a zone of the layout) can be kept clear of, but no robot is sent to it: the answer is a question."""

from __future__ import annotations

from inference.contract import Named, PlanRequest, Vocabulary
from inference.planner import get_planner

SITE = Vocabulary(
    site="hall",
    now="10:00",
    places=(
        Named("cold-a", "Cold Storage A", ("cold A",), "storage"),
        Named("cold-b", "Cold Storage B", ("cold B",), "storage"),
        Named("dock-2", "Dock 2", (), "dock"),
        Named("cold-area", "Cold Storage", (), "zone:area"),
        Named("break-room", "Break Room", (), "zone:human_only"),
    ),
    items=(Named("pallets", "Pallets", ("pallet",)),),
    robots=(),
)


def test_a_goal_that_is_an_area_asks_which_place_in_it() -> None:
    draft = get_planner("rules").interpret(PlanRequest("bring one pallet from cold storage to dock 2", SITE))
    assert (draft.decision, draft.reason) == ("ask", "ambiguous_place")
    assert [option.id for option in draft.options] == ["cold-a", "cold-b"]


def test_an_area_without_places_in_its_name_is_said_to_be_one() -> None:
    draft = get_planner("rules").interpret(PlanRequest("drive to the break room", SITE))
    assert draft.decision == "ask"
    assert "Break Room" in (draft.question or "")


def test_an_area_can_be_avoided() -> None:
    draft = get_planner("rules").interpret(PlanRequest("drive to dock 2 and avoid the cold storage", SITE))
    assert draft.plan is not None
    assert draft.plan.avoid == ("cold-area",)
