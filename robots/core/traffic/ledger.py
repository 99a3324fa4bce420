"""Who owns which resource: the safety kernel. One owner per resource, freed only by name, no clock, no planner.

A bug elsewhere may cost throughput; it cannot make this table give one resource to two robots.
"""

from __future__ import annotations

from collections.abc import Iterable


class LedgerError(RuntimeError):
    """Our own fault: something was freed that was not held."""


class Ledger:
    """resource -> robot, and back. Claims are all or nothing."""

    def __init__(self) -> None:
        self._owner: dict[int, str] = {}
        self._held: dict[str, set[int]] = {}

    def claim(self, robot: str, resources: Iterable[int]) -> tuple[int, str] | None:
        """Take all of `resources` for `robot`, or none: then the first (resource, owner) in the way is returned."""
        wanted = tuple(resources)
        for resource in wanted:
            owner = self._owner.get(resource, robot)
            if owner != robot:
                return resource, owner
        for resource in wanted:
            self._owner[resource] = robot
        self._held.setdefault(robot, set()).update(wanted)
        return None

    def free(self, robot: str, resources: Iterable[int]) -> None:
        """Give back what `robot` holds. Raises LedgerError, changing nothing, if it does not hold one of them."""
        given = tuple(resources)
        for resource in given:
            if self._owner.get(resource) != robot:
                raise LedgerError(f"resource {resource} is not held by {robot} but by {self._owner.get(resource)}")
        for resource in given:
            del self._owner[resource]
        self._held[robot].difference_update(given)
        if not self._held[robot]:
            del self._held[robot]

    def owner(self, resource: int) -> str | None:
        return self._owner.get(resource)

    def held(self, robot: str) -> frozenset[int]:
        return frozenset(self._held.get(robot, ()))

    def check(self) -> list[str]:
        """Violated invariants of the table itself: both directions must tell the same."""
        back = {resource: robot for robot, resources in self._held.items() for resource in resources}
        count = sum(len(resources) for resources in self._held.values())
        found = [] if count == len(back) else ["a resource is listed under two robots"]
        return found if back == self._owner else [*found, "owners and holdings differ"]
