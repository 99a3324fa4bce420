"""What can be refused in this app, in plain words."""

from __future__ import annotations


class RobotsError(Exception):
    """Base: the text says what is wrong and what would be right. `code` is stable for programs.

    `fields`: what is wrong with single values, where the one who sent them can be told by name.
    """

    code = "robots_error"
    status = 422

    def __init__(self, message: str, *, problems: list[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems or []
        self.fields: dict[str, str] = {}


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


class TypeRefused(RobotRefused):
    """A robot type that cannot be added or changed so; `fields`: column -> what is wrong with its value."""

    code = "robot_type_refused"

    def __init__(self, message: str, *, fields: dict[str, str]) -> None:
        problems = [f"{name}: {text.rstrip('.')}." for name, text in fields.items()]
        super().__init__(" ".join([message, *problems]), problems=problems)
        self.fields = fields
        self.lead = message


class MapRefused(RobotsError):
    """A map file that cannot be hosted, or not be used so; the text says why."""

    code = "map_refused"


class CommandRefused(RobotsError):
    """A command that this robot cannot carry out now, or at all; the text says why."""

    code = "command_refused"
    status = 409


class CommandInvalid(RobotsError):
    """A command with a value that will not do; `fields`: parameter -> what is wrong with it."""

    code = "command_invalid"

    def __init__(self, message: str, *, fields: dict[str, str]) -> None:
        super().__init__(message, problems=[f"{name}: {text}" for name, text in fields.items()])
        self.fields = fields


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


class JoinRefused(RobotsError):
    """A robot that cannot be admitted as asked; `problems` names every reason."""

    code = "join_refused"


class JoinConflict(RobotsError):
    """A request to join that somebody has decided already, or whose robot stands where another one is."""

    code = "join_conflict"
    status = 409
