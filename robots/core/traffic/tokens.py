"""One robot per pocket and per goal: a token each, granted to the robot whose goal has the highest age.

Keys are a pocket's number, or `~node` for a goal in the core. Whoever has base in a pocket has its token, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from robots.core.traffic.audit import Audit
from robots.core.traffic.state import RobotState


class Tokens:
    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self.holder: dict[int, str] = {}
        self.wanted: dict[int, str] = {}

    def key(self, node: int) -> int:
        pocket = self._audit.pocket_of[node]
        return pocket if pocket >= 0 else ~node

    def occupied(self, robot: RobotState) -> set[int]:
        """Keys of the pockets its base touches."""
        return {self._audit.pocket_of[node] for node in robot.base} - {-1}

    def may_enter(self, robot: str, start: int, end: int) -> bool:
        """Whether this step stays out of pockets, stays inside one, or goes into one the robot has the token of."""
        pocket = self._audit.pocket_of[end]
        return pocket < 0 or pocket == self._audit.pocket_of[start] or self.holder.get(pocket) == robot

    def enabled(self, robot: RobotState) -> bool:
        return robot.goal is not None and self.holder.get(self.key(robot.goal)) == robot.id

    def must_leave(self, robot: RobotState) -> bool:
        """It stands in a pocket that another waits for, and has nothing to do there now (or ever)."""
        pocket = self._audit.pocket_of[robot.end]
        if pocket < 0 or pocket not in self.wanted or self.wanted[pocket] == robot.id:
            return False
        return robot.goal is None or not self.enabled(robot)

    def grant(self, robots: Iterable[RobotState], comes: Callable[[RobotState], bool]) -> None:
        """Take back what is no longer needed, then give what is free, in the order of `robots` (first is first).

        `comes(robot)`: it can get to its goal. One that cannot for now keeps others from it only where it stands.
        """
        ordered = list(robots)
        bound = {robot.id for robot in ordered if robot.goal is not None and comes(robot)}
        needs = {robot.id: self.occupied(robot) for robot in ordered}
        for robot in ordered:
            if robot.goal is not None and robot.id in bound:
                needs[robot.id].add(self.key(robot.goal))
        self.holder = {key: robot for key, robot in self.holder.items() if key in needs.get(robot, ())}
        for robot in ordered:
            self.holder.update(dict.fromkeys(self.occupied(robot), robot.id))
        self.wanted = {}
        for robot in ordered:
            if robot.goal is None or robot.id not in bound:
                continue
            key = self.key(robot.goal)
            if self.holder.setdefault(key, robot.id) != robot.id:
                self.wanted.setdefault(key, robot.id)
