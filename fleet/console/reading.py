"""One interpretation as the preview shows it: options with the words they replace, and what stands in the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from inference.contract import plan_from_json
from missions.core.readback import step_lines
from missions.models import Interpretation
from missions.site_facts import names
from missions.snapshots import interpretation_view

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
        "options": _options(reading),
        "obstacle": _obstacle(seen, reading),
        "model_note": note.format(name=name or "an unnamed reader", version=version),
        "step_lines": lines if len(lines) > 1 else [],
    }


def _options(reading: dict[str, Any]) -> list[dict[str, str]]:
    """Up to four answers to the question, each with the span of the words it would replace."""
    asked = reading["clarification"]
    if not asked:
        return []
    found = []
    for option in asked["options"][:4]:
        span = ""
        for slot in reading["slots"]:
            if any(candidate["id"] == option["id"] for candidate in slot.get("candidates") or ()):
                span = ",".join(str(at) for at in slot["span"])
                break
        found.append({"name": option["name"], "span": span})
    return found


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
