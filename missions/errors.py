"""What can go wrong between a person's wish and a mission, each with what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .core.bands import Part


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


class NotAccepted(MissionError):
    """A reading of medium confidence whose unsure parts nobody has accepted. `missing` are those parts."""

    code = "acceptance_needed"

    def __init__(self, missing: Sequence[Part]) -> None:
        words = ", ".join(part.text if part.index == part.name else f"“{part.text}”" for part in missing)
        super().__init__(f"Accept or change first: {words}.")
        self.missing = list(missing)


class ApprovalNeeded(MissionError):
    """Words that the requester did not write: a person must read them first. `tainted` are those parts."""

    code = "approval_needed"

    def __init__(self, tainted: Sequence[Mapping[str, Any]], *, by_person: bool) -> None:
        parts = "; ".join(f"“{part['text']}” ({part['said']})" for part in tainted)
        how = "Read it and approve it" if by_person else "A person must read and approve it"
        super().__init__(f"Not everything here was typed by whoever asks: {parts}. {how}.")
        self.tainted = [dict(part) for part in tainted]


class FeedbackRefused(MissionError):
    """A wrong reading that may not be kept: a consent is missing."""

    code = "feedback_refused"


class PhraseRefused(MissionError):
    """A template that cannot be kept."""

    code = "template_refused"


class IntentRefused(MissionError):
    """The mission is not in a state in which this can be asked for."""

    code = "not_in_this_state"
