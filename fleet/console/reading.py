"""One interpretation as the preview shows it: options with the words they replace, and what stands in the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from inference.contract import plan_from_json
from missions.core.readback import step_lines
from missions.models import Interpretation
from missions.site_facts import names
from missions.snapshots import interpretation_view
from robots.models import Robot

MODEL_NOTES = {
    "form": "Filled in as fields; read by no model.",
    "rules": "Read by {name} {version}: a deterministic baseline reader (no trained model).",
}


def preview_context(seen: Interpretation, now: datetime) -> dict[str, Any]:
    reading = interpretation_view(seen)
    name, version = reading["model"]["name"], reading["model"]["version"]
    note = MODEL_NOTES.get(name, MODEL_NOTES["rules"] if "rules" in name else "Read by {name} {version}.")
    value = reading["confidence"]["value"]
    lines = step_lines(plan_from_json(seen.plan), names(seen.site)) if seen.plan else []
    return {
        "r": reading,
        "by": "form" if name == "form" else "reader",
        "site": seen.site,
        "ttl": max(0, int((seen.expires_at - now).total_seconds())),
        "percent": round(value * 100) if isinstance(value, int | float) else None,
        "options": _options(reading, seen),
        "obstacle": _obstacle(seen, reading),
        "model_note": note.format(name=name or "an unnamed reader", version=version),
        "step_lines": lines if len(lines) > 1 else [],
    }


def _options(reading: dict[str, Any], seen: Interpretation) -> list[dict[str, str]]:
    """Up to four answers, each with the span of the words it would replace; a question of the person's opens pages."""
    asked = reading["clarification"]
    if not asked:
        return []
    if reading["reason"] == "question":
        return _pages(asked["options"][:4], seen)
    found = []
    for option in asked["options"][:4]:
        span = ""
        for slot in reading["slots"]:
            if any(candidate["id"] == option["id"] for candidate in slot.get("candidates") or ()):
                span = ",".join(str(at) for at in slot["span"])
                break
        found.append({"name": option["name"], "span": span})
    return found


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
    if any(w["severity"] == "block" for w in reading["warnings"]):
        return "What is marked ✗ stands in the way."
    return "Too uncertain to dispatch: say it differently, or use the form."


def unaccepted(seen: Interpretation, accepted: str) -> list[str]:
    """The unsure parts of a reading of medium confidence that nobody accepted; `accepted` lists slot numbers."""
    if seen.level != "medium":
        return []
    numbers = {int(part) for part in accepted.split(",") if part.strip().isdigit()}
    slots = interpretation_view(seen)["slots"]
    return [f"“{slot['text']}”" for number, slot in enumerate(slots) if slot["mark"] == "?" and number not in numbers]
