"""One interpretation as the preview shows it: answers and other readings, and what stands in the way."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from django.urls import reverse

from inference.contract import plan_from_json
from missions.core.readback import step_lines
from missions.models import Interpretation
from missions.site_facts import names
from missions.snapshots import interpretation_view
from robots.models import Robot

from . import readings

BY_HAND = {"form": "Filled in as fields; read by no model.", "repeat": "The same plan once more; read by no model."}
RULES = "Read by {name} {version}: a deterministic baseline reader (no trained model)."
# Words between two contested names that go with them: "R-1 or R-2".
BETWEEN = 12


def preview_context(seen: Interpretation, now: datetime) -> dict[str, Any]:
    reading = interpretation_view(seen)
    name, version = reading["model"]["name"], reading["model"]["version"]
    note = BY_HAND.get(name) or (RULES if "rules" in name else "Read by {name} {version}.")
    value = reading["confidence"]["value"]
    lines = step_lines(plan_from_json(seen.plan), names(seen.site), readings.language()) if seen.plan else []
    reading["readback"] = readings.plan_words(seen.plan, seen.site, reading["readback"])
    for other in reading["alternatives"]:
        other["readback"] = readings.plan_words(other["plan"], seen.site, other["readback"])
    return {
        "r": reading,
        "by": "form" if name == "form" else "repeat" if name == "repeat" else "reader",
        "chosen": bool(seen.draft.get("chosen")),
        "site": seen.site,
        "ttl": max(0, int((seen.expires_at - now).total_seconds())),
        "percent": round(value * 100) if isinstance(value, int | float) else None,
        "options": _options(reading, seen),
        "whole": any(part["index"] == "reading" for part in reading["to_accept"]),
        "waiting": seen.approves.public_id if seen.approves else "",
        "obstacle": _obstacle(seen, reading),
        "model_note": note.format(name=name or "an unnamed reader", version=version),
        "step_lines": lines if len(lines) > 1 else [],
    }


def _options(reading: dict[str, Any], seen: Interpretation) -> list[dict[str, str]]:
    """Up to four answers. One that is a record of the site names the words it stands for and leaves the text alone."""
    asked = reading["clarification"]
    if not asked:
        return []
    if reading["reason"] == "question":
        return _pages(asked["options"][:4], seen)
    known = names(seen.site)
    found = []
    for option in asked["options"][:4]:
        start, end = _span(option["id"], asked["options"], reading)
        edit = option["id"] if option["id"] in known else ""
        found.append({"name": option["name"], "edit": edit, "span": f"{start},{end}"})
    return found


def _span(id: str, options: list[dict[str, Any]], reading: dict[str, Any]) -> tuple[int, int]:
    """The words an answer stands for: those it is a candidate of; all the contested ones; else the text's end."""
    for slot in reading["slots"]:
        if any(candidate["id"] == id for candidate in slot.get("candidates") or ()):
            return slot["span"][0], slot["span"][1]
    contested = {option["id"] for option in options}
    spans = sorted(slot["span"] for slot in reading["slots"] if slot["value"] in contested)
    if len(spans) > 1 and all(b[0] - a[1] <= BETWEEN for a, b in itertools.pairwise(spans)):
        return spans[0][0], spans[-1][1]
    return len(reading["text"]), len(reading["text"])


def _pages(options: list[dict[str, Any]], seen: Interpretation) -> list[dict[str, str]]:
    """Where a question such as "where is R-03?" is answered: the robots' own pages."""
    serials = [option["id"] for option in options]
    robots = {r.serial: r for r in Robot.objects.filter(site=seen.site, serial__in=serials)}
    return [
        {"name": robots[serial].name, "url": reverse("robot", args=[robots[serial].public_id])}
        for serial in serials
        if serial in robots
    ]


def _obstacle(seen: Interpretation, reading: dict[str, Any]) -> str:
    if reading["dispatchable"]:
        return ""
    if seen.decision != "plan":
        return "Answer the question first." if seen.decision == "ask" else "Nothing can be sent."
    if reading["blocked"] or any(w["severity"] == "block" for w in reading["warnings"]):
        return "What is marked ✗ stands in the way."
    return "Too uncertain to dispatch: say it differently, or use the form."
