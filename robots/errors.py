"""What can be refused in this app, in plain words."""

from __future__ import annotations


class RobotsError(Exception):
    """Base: the text says what is wrong and what would be right. `code` is stable for programs."""

    code = "robots_error"
    status = 422

    def __init__(self, message: str, *, problems: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems or []


class BrokerAddressError(RobotsError):
    code = "broker_address"


class LayoutRefused(RobotsError):
    """A layout that cannot be imported or published; `problems` names every fault."""

    code = "layout_refused"


class LayoutNotSafe(LayoutRefused):
    """A layout on which the fleet can lock up, published without naming how many robots at once are accepted."""

    code = "layout_not_safe"


class RobotRefused(RobotsError):
    code = "robot_refused"


class StopRefused(RobotsError):
    """A stop that names what does not exist (a zone, a robot)."""

    code = "stop_refused"


class ResumeRefused(RobotsError):
    """A robot that must not be resumed: a physical stop, a field violation, or no such stop."""

    code = "resume_refused"
    status = 409


class NotFound(RobotsError):
    code = "not_found"
    status = 404


class FloorUnknown(RobotsError):
    """A zone, door, node, edge or robot that the layout or the site does not have."""

    code = "floor_unknown"


class FloorRefused(RobotsError):
    """Something asked of the floor that cannot be: a reason is missing, or it means nothing in this state."""

    code = "floor_refused"


class FloorConflict(RobotsError):
    """Asked already, held by somebody else, settled, too late, or the same person twice."""

    code = "floor_conflict"
    status = 409
