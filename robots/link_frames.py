"""Robots as rows of a live frame: judged anew only when something about them changed, packed only when they moved."""

from __future__ import annotations

from .core.frames import Blip, Mark, Status, pack
from .core.status import is_stale, judge, marks
from .link_robot import LinkRobot

NEVER = float("inf")
Judged = tuple[bool, Status, Mark]
"""Whether a stop held it, the word for it, and its marks while its state is fresh."""


def row(robot: LinkRobot, now: float, *, held: bool, state_s: float, visualization_s: float) -> bytes | None:
    """The robot's 12 bytes; None while nobody knows where it is. Ages in s after which what is known is stale."""
    fields = robot.fields
    x, y = fields["x"], fields["y"]
    if x is None or y is None:
        return None
    judged = robot.judged
    if judged is None or judged[0] is not held:
        facts = robot.facts(now, held=held)
        judged = robot.judged = (held, judge(facts), marks(facts, state_s=NEVER, visualization_s=NEVER))
    _, status, found = judged
    seen = robot.state_seen
    fresh = seen is not None and now - seen <= min(state_s, visualization_s)
    if not fresh and is_stale(robot.facts(now, held=held), state_s=state_s, visualization_s=visualization_s):
        found |= Mark.STALE
    robot.moved = False
    return pack(Blip(robot.live_index, x, y, fields["theta"] or 0.0, status, found, fields["battery"]))
