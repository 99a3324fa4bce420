"""What a new leader may believe (traffic design 5.8): nothing leaves for a robot until it has been heard anew.

Recorded is at least what a robot can have, so one that is behind gets the identical messages again; a robot that has
more than was recorded is a stray, see `whereabouts`; a silent one keeps what the record says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fleet.outbox.models import Message

from ..models import Robot, RobotState

if TYPE_CHECKING:
    from .floor import Floor


class Recovery:
    """Robots in traffic that have not reported since this leader began, each with the time of its last old report."""

    def __init__(self) -> None:
        self._unheard: dict[str, datetime | None] = {}
        self._asked: set[str] = set()
        self._now_heard: set[str] = set()
        self._now_asked: set[str] = set()

    def begin(self, floor: Floor) -> None:
        """Everybody in traffic is to be heard. One query."""
        found = RobotState.objects.filter(robot__site=floor.site).values_list("robot__serial", "state_at")
        states = dict(found)
        self._unheard = {serial: states.get(serial) for serial in floor.traffic.robots}

    def heard(self, floor: Floor, robot: Robot, state: RobotState) -> bool:
        """Whether it may be dealt with. At its first new report it is sent again what it does not have yet.

        Until then it is asked for its state once, so that an idle robot does not take its half minute to tell.
        """
        serial = robot.serial
        if serial not in self._unheard or serial in self._now_heard:
            return True
        before = self._unheard[serial]
        if state.state_at is None or (before is not None and state.state_at <= before):
            if state.connection == "online" and serial not in self._asked:
                self._now_asked.add(serial)
                floor.instant(robot, "stateRequest", f"{robot.public_id}.heard{floor.epoch}")
            return False
        self._now_heard.add(serial)
        for body in unreceived(floor, robot, state):
            floor.send_order(robot, body)
        return True

    def committed(self) -> None:
        """What was sent in this cycle has left."""
        for serial in self._now_heard:
            self._unheard.pop(serial, None)
        self._asked |= self._now_asked
        self.undone()

    def undone(self) -> None:
        """The cycle was not committed: what it sent has to be sent by the next."""
        self._now_heard, self._now_asked = set(), set()


def unreceived(floor: Floor, robot: Robot, state: RobotState) -> list[dict[str, object]]:
    """Recorded orders and updates, oldest first, that the robot has not confirmed by its state."""
    row, traffic = floor.rows[robot.serial], floor.traffic.robots[robot.serial]
    if row.order is None or traffic.order_id != row.order_id or _refused(state, row.order_id):
        return []
    first = 0
    if state.order_id == row.order_id:
        first = state.order_update_id + 1
    elif traffic.first > 0 or _has_left(floor, robot.serial, state):
        return []  # it had this order and has lost it, which is not put right by sending it again
    wanted = range(first, row.order_update_id + 1)
    if not wanted:
        return []
    keys = [f"order:{row.order_id}:{number}" for number in wanted]
    kept = Message.objects.filter(kind="mqtt", key__in=keys, payload__robot=robot.pk).order_by("id")
    bodies = {message.key: message.payload["body"] for message in kept}
    bodies[keys[-1]] = row.order
    return [bodies[key] for key in keys if key in bodies]


def _has_left(floor: Floor, serial: str, state: RobotState) -> bool:
    """It has passed another node than the first that was released to it; one that has passed none has not."""
    return state.last_node_id in floor.traffic.road.index and state.last_node_id != floor.base(serial)[0]


def order_word(state: RobotState) -> Mapping[str, Any]:
    """What link has seen become of the newest order: {order_id, order_update_id, state, text}, or nothing."""
    if "order_word" in state.__dict__:  # read apart, without the rest of link's bookkeeping
        return state.__dict__["order_word"] or {}
    return (state.link or {}).get("order") or {}


def _refused(state: RobotState, order_id: str) -> bool:
    word = order_word(state)
    return word.get("order_id") == order_id and word.get("state") in ("rejected", "cancelled", "lost")
