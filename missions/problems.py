"""What can go wrong with missions, as problems of the catalogue (RFC 9457)."""

from __future__ import annotations

from fleet.rest.problems import Problem, Refused, add_type

from .errors import (
    ApprovalNeeded,
    FeedbackRefused,
    IntentRefused,
    InterpretationChanged,
    InterpretationExpired,
    InterpretationUnknown,
    MissionError,
    NotAccepted,
    NotDispatchable,
    PlanInvalid,
    PlannerUnavailable,
)

# fmt: off
for _row in (
    ("plan_invalid", 400, "The plan is not of the grammar", "`errors` names every place by JSON pointer."),
    (
        "planner_unavailable",
        503,
        "The planner did not answer",
        "Send `plan` instead of relying on `text`, or try again.",
    ),
    ("interpretation_unknown", 404, "There is no such interpretation", "Interpret the text again."),
    ("interpretation_expired", 409, "The preview is too old", "Interpret the text again and look at it."),
    ("interpretation_changed", 409, "The site changed since the preview", "`difference` says what; interpret again."),
    ("not_dispatchable", 409, "This reading may not become a mission", "`reasons` says why."),
    ("acceptance_needed", 422, "Unsure parts were not accepted",
     "`missing` names each by number, name and words. Look at them, then send `accepted` with those numbers or names."),
    ("approval_needed", 403, "A person must approve these words",
     "`tainted` lists what the requester did not write. A signed-in person reads it and sends `approve_tainted`."),
    ("feedback_refused", 409, "The wrong reading was not kept", "`detail` says which consent is missing."),
    ("not_in_this_state", 409, "The mission is not in a state for this", "`detail` names the states in which it is."),
):
    add_type(*_row)
# fmt: on


def refused(error: MissionError, kind: str, site: str, target: tuple[str, object]) -> Problem:
    """The problem of a command that was refused, which the ledger keeps."""
    problem = as_problem(error)
    problem.refused = Refused(f"mission.{kind}", site, target)
    return problem


def as_problem(error: MissionError) -> Problem:
    """The problem type of a mission error, with what it carries."""
    match error:
        case PlanInvalid():
            errors = [{**e, "code": "grammar"} for e in error.errors]
            return Problem("plan_invalid", "The request is not of the grammar.", errors=errors)
        case PlannerUnavailable():
            return Problem("planner_unavailable", str(error), headers={"Retry-After": "2"})
        case InterpretationChanged():
            return Problem("interpretation_changed", str(error), difference=error.difference)
        case NotDispatchable():
            return Problem("not_dispatchable", str(error), reasons=error.reasons)
        case NotAccepted():
            missing = [{"index": p.index, "name": p.name, "text": p.text} for p in error.missing]
            return Problem("acceptance_needed", str(error), missing=missing)
        case ApprovalNeeded():
            return Problem("approval_needed", str(error), tainted=error.tainted)
        case InterpretationExpired() | InterpretationUnknown() | IntentRefused() | FeedbackRefused():
            return Problem(error.code, str(error))
    raise error
