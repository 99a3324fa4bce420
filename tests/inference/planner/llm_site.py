"""One site, its sentences, and answers to them as a model would write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from inference.contract import Named, Plan, PlanRequest, Vocabulary, named_from_json, plan_to_json
from inference.core.grammar import canonical, plan_from_json
from inference.planner.llm.grounding import Grounded, ground
from inference.planner.llm.schema import Offer, offer

SITE = Vocabulary(
    "yard",
    "10:20",
    places=(
        Named("inb-2", "Inbound 2", ("inbound two",), "station"),
        Named("cold-a", "Cold Storage A", ("cold A",), "station"),
        Named("cold-b", "Cold Storage B", ("cold B",), "station"),
        Named("row-3", "Row 3", (), "station"),
        Named("bench", "Repair Bench", ("workshop",), "station"),
        Named("hall", "Quarantine", (), "zone"),
    ),
    items=(Named("pal-oat", "oat pallets", ("oats",)), Named("tape", "tape rolls", ("tape",))),
    robots=(Named("heron", "Heron"), Named("mx-3", "MX-3")),
)
NOTHING_SAID: dict[str, Any] = {
    "robot": None,
    "priority": "normal",
    "start": None,
    "deadline": None,
    "avoid": [],
    "speed": None,
    "repeat": None,
}


def asked(text: str, vocabulary: Vocabulary = SITE) -> PlanRequest:
    return PlanRequest(text, vocabulary)


def grounded(text: str) -> tuple[Grounded, Offer]:
    found = ground(asked(text))
    return found, offer(found)


def step(op: str, **fields: Any) -> dict[str, Any]:
    return {"op": op, **fields, "if": fields.pop("condition", None)}


def answered(*steps: dict[str, Any], unused: tuple[str, ...] = (), **plan: Any) -> str:
    """The answer with these steps, as a model writes it."""
    whole = {**NOTHING_SAID, **plan, "steps": list(steps)}
    return json.dumps({"answer": {"decision": "plan", "plan": whole, "unused": list(unused)}}, ensure_ascii=False)


def answer_for(plan: Plan) -> str:
    return json.dumps({"answer": {"decision": "plan", "plan": plan_to_json(plan), "unused": []}})


def cases() -> list[tuple[str, PlanRequest, Plan]]:
    """(id, request, right plan) of all plan cases beside the tests."""
    out = []
    for path in sorted((Path(__file__).parents[1] / "cases").glob("*.jsonl")):
        sites: dict[str, Vocabulary] = {}
        for row in map(json.loads, path.read_text().splitlines()):
            if row["type"] == "site":
                records = (named_from_json(row[kind]) for kind in ("places", "items", "robots"))
                sites[row["id"]] = Vocabulary(row["id"], row["now"], *records)
            elif row["expect"]["decision"] == "plan":
                fields = {k: v for k, v in row["expect"].items() if k not in ("decision", "accept", "reason")}
                right = canonical(plan_from_json(fields))
                out.append((f"{path.stem}-{row['id']}", PlanRequest(row["text"], sites[row["site"]]), right))
    return out
