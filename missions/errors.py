"""What can go wrong between a person's wish and a mission, each with what would be right."""

from __future__ import annotations

from collections.abc import Sequence


class MissionError(Exception):
    """Base. `code` is stable; the message is for people."""

    code = "mission_error"


class PlannerUnavailable(MissionError):
    """The planner did not answer in time. The structured form still works."""

    code = "planner_unavailable"


class PlanInvalid(MissionError):
    """A plan that is not of the grammar. `errors`: [{pointer, detail}]."""

    code = "plan_invalid"

    def __init__(self, errors: Sequence[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{e['pointer']}: {e['detail']}" for e in errors))
        self.errors = list(errors)


class InterpretationUnknown(MissionError):
    code = "interpretation_unknown"


class InterpretationExpired(MissionError):
    """What was shown is too old to act on."""

    code = "interpretation_expired"


class InterpretationChanged(MissionError):
    """The site changed since the preview. `difference` names each change in plain words."""

    code = "interpretation_changed"

    def __init__(self, difference: Sequence[str]) -> None:
        super().__init__(" ".join(difference))
        self.difference = list(difference)


class NotDispatchable(MissionError):
    """The reading may not become a mission. `reasons` in plain words."""

    code = "not_dispatchable"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


class IntentRefused(MissionError):
    """The mission is not in a state in which this can be asked for."""

    code = "not_in_this_state"
