"""One robot per pocket and per goal: a token each, granted to the robot whose goal has the highest age.

Keys are a pocket's number, or `~node` for a goal in the core. Whoever has base in a pocket has its token, always. A
robot joins the queue when it comes near, so nothing is kept empty for one that is still far, and then stays in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from robots.core.traffic.audit import Audit
from robots.core.traffic.state import RobotState


class Tokens:
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self.holder: dict[int, str] = {}
        self.wanted: dict[int, str] = {}
        self.queued: dict[str, int] = {}
        self.granted: dict[int, float] = {}
        """`RobotState.since` of the mission that each token was given for: the next mission queues anew."""
        self.overdue: set[str] = set()
        """Robots in a pocket that have begun another mission there while somebody older waits."""

    def key(self, node: int) -> int:
        pocket = self._audit.pocket_of[node]
        return pocket if pocket >= 0 else ~node

    def occupied(self, robot: RobotState) -> set[int]:
        """Keys of the pockets its base touches."""
        if not self._audit.pockets:
            return set()
        return {self._audit.pocket_of[node] for node in robot.base} - {-1}

    def may_enter(self, robot: str, start: int, end: int) -> bool:
        """Whether this step stays out of pockets, stays inside one, or goes into one the robot has the token of."""
        pocket = self._audit.pocket_of[end]
        return pocket < 0 or pocket == self._audit.pocket_of[start] or self.holder.get(pocket) == robot

    def bound_for(self, robot: RobotState, node: int) -> bool:
        """Whether its goal is in the same pocket as `node`."""
        return robot.goal is not None and self._audit.pocket_of[robot.goal] == self._audit.pocket_of[node]

    def enabled(self, robot: RobotState) -> bool:
        if robot.goal is None or robot.id in self.overdue:
            return False
        return self.holder.get(self.key(robot.goal)) == robot.id

    def waits(self, robot: RobotState) -> str:
        """Who has the place this robot is near and bound for, or "": nobody else has."""
        other = self.holder.get(self.queued[robot.id], "") if robot.id in self.queued else ""
        return "" if other == robot.id else other

    def must_leave(self, robot: RobotState) -> bool:
        """It stands in a pocket that another waits for, and has nothing to do there now (or ever)."""
        pocket = self._audit.pocket_of[robot.end]
        if pocket < 0 or pocket not in self.wanted or self.wanted[pocket] == robot.id:
            return False
        return robot.goal is None or not self.enabled(robot)

    def grant(
        self, robots: Iterable[RobotState], comes: Callable[[RobotState], bool], near: Callable[[RobotState], bool]
    ) -> None:
        """Take back what is no longer needed, then give what is free, in the order of `robots` (first is first).

        `comes(robot)`: it can get to its goal. One that cannot for now keeps others from it only where it stands.
        """
        ordered = list(robots)
        queued: dict[str, int] = {}
        needs = {robot.id: self.occupied(robot) for robot in ordered}
        for robot in ordered:
            if robot.goal is None or not comes(robot):
                continue
            key = self.key(robot.goal)
            if self.queued.get(robot.id) == key or near(robot):
                queued[robot.id] = key
                needs[robot.id].add(key)
        self.queued = queued
        missions = {robot.id: robot.since for robot in ordered}
        before = {
            key: robot for key, robot in self.holder.items()
            if key in needs.get(robot, ()) and self.granted.get(key) == missions[robot]
        }  # fmt: skip
        self.holder = dict(before)
        for robot in ordered:
            self.holder.update(dict.fromkeys(self.occupied(robot), robot.id))
            if robot.goal is not None and robot.arriving:  # it is there: its work comes first, then it goes
                self.holder[self.key(robot.goal)] = robot.id
        self.wanted = {}
        for robot in ordered:
            if robot.id in queued and self.holder.setdefault(queued[robot.id], robot.id) != robot.id:
                self.wanted.setdefault(queued[robot.id], robot.id)
        self._renew(ordered)

    def _renew(self, ordered: Sequence[RobotState]) -> None:
        """Note what mission each token is given for, and who has begun another one in a pocket an older one wants."""
        states = {robot.id: robot for robot in ordered}
        rank = {robot.id: number for number, robot in enumerate(ordered)}
        granted: dict[int, float] = {}
        self.overdue = set()
        for key, robot in self.holder.items():
            state, waiting = states[robot], self.wanted.get(key)
            given = self.granted.get(key, state.since)
            if waiting is None or rank[robot] < rank[waiting] or key not in self.occupied(state):
                given = state.since
            elif given != state.since and not state.arriving:
                self.overdue.add(robot)
            granted[key] = given
        self.granted = granted
