"""The table under the ledger: every resource has one owner, a robot or an external one.

Only a release zone of a larger capacity is shared, by that many robots at most. Where a misplaced robot stands nobody
gets anything new, though it owns nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass


class LedgerError(ValueError):
    """An act that the rules never allow, or a record that contradicts itself. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not granted.

    kind: not_admitted, misplaced, no_order, no_edge, zone, held, door (an external owner has it), presence, lease.
    `resource` and `holder` (a robot, an external owner, a zone) say what is in the way; None and "" where nothing is.
    """

    kind: str
    resource: int | None
    holder: str
    text: str


class Holdings:
    """`resources` are names; `capacities` are of those resources that more than one robot may hold at a time.

    `external`: resource -> (owner, until in s) of what is not held by robots.
    """

    def __init__(self, resources: Sequence[str], capacities: Mapping[int, int]) -> None:
        self.external: dict[int, tuple[str, float]] = {}
        self._resources = resources
        self._capacities = capacities
        self._sharers: dict[int, set[str]] = {}
        self._owner: dict[int, str] = {}
        self._held: dict[str, set[int]] = {}
        self._present: dict[str, tuple[frozenset[int], frozenset[int]]] = {}

    def owner(self, resource: int) -> str | None:
        """The robot or external owner that has it; of several that share it, one."""
        return self._owner.get(resource) or min(self._sharers.get(resource, ()), default=None)

    def held(self, robot: str) -> frozenset[int]:
        return frozenset(self._held.get(robot, ()))

    @property
    def presence(self) -> dict[str, frozenset[int]]:
        """Misplaced robots and the nodes they stand around."""
        return {robot: places for robot, (places, _) in sorted(self._present.items())}

    def take(self, resource: int, owner: str, until: float, now: float) -> Refusal | None:
        """An external owner (a door's control, a crossing) takes a resource till about `until` s, or renews.

        Past `until` it is overdue, and still held: only `give_back` frees it.
        """
        if not owner.strip() or until <= now:
            text = f"taking {self._resources[resource]} needs an owner and an end that lies ahead"
            return Refusal("lease", resource, owner, text)
        renewed = resource in self.external and self.external[resource][0] == owner
        if not renewed and (refused := self._in_the_way("", {resource})):
            return refused
        self._owner[resource], self.external[resource] = owner, (owner, until)
        return None

    def give_back(self, resource: int, owner: str) -> None:
        """Raises LedgerError unless `owner` took it."""
        if resource not in self.external or self.external[resource][0] != owner:
            raise LedgerError(f"{self._resources[resource]} was not taken by {owner}")
        del self.external[resource], self._owner[resource]

    def overdue(self, now: float) -> list[int]:
        """Resources that external owners should have given back by now."""
        return sorted(resource for resource, (_, until) in self.external.items() if until < now)

    def check(self) -> list[str]:
        """Violated invariants in words: S1, and that the table tells the same in both directions."""
        owner: dict[int, str] = {resource: owner for resource, (owner, _) in self.external.items()}
        sharers: dict[int, set[str]] = {}
        found = []
        for robot, held in self._held.items():
            for resource in held:
                if resource in self._capacities:
                    sharers.setdefault(resource, set()).add(robot)
                elif owner.setdefault(resource, robot) != robot or resource in self.external:
                    found.append(f"{self._resources[resource]} is held by {robot} and by {owner[resource]}")
        for resource, robots in sharers.items():
            if len(robots) > self._capacities[resource] or resource in self.external:
                found.append(f"{self._resources[resource]} is shared by too many")
        if owner != self._owner or sharers != self._sharers:
            found.append("owners and holdings differ")
        return found

    # --- for the ledger alone -------------------------------------------------------------------------------------

    def _in_the_way(self, robot: str, wanted: Iterable[int], touched: Set[int] = frozenset()) -> Refusal | None:
        """Who has one of `wanted`, or stands without leave in one of those or of `touched`. "" is nobody's name."""
        wanted = set(wanted)
        for resource in sorted(wanted):
            if (owner := self._has(robot, resource)) is not None:
                kind = "door" if resource in self.external else "held"
                return Refusal(kind, resource, owner, f"{self._resources[resource]} is held by {owner}")
        for other in sorted(self._present):
            shared = self._present[other][1] & (wanted | touched) - self._capacities.keys()
            if other != robot and shared:
                name = self._resources[min(shared)]
                return Refusal("presence", min(shared), other, f"{other} stands in {name} without being released there")
        return None

    def _has(self, robot: str, resource: int) -> str | None:
        """Who keeps `robot` from having it too."""
        owner = self._owner.get(resource)
        if owner is not None:
            return owner if owner != robot or resource in self.external else None
        if resource not in self._capacities:
            return None
        standing = {other for other, (_, near) in self._present.items() if resource in near}
        inside = standing | self._sharers.get(resource, set())
        room = self._capacities[resource] if robot else 1
        return min(inside) if robot not in inside and len(inside) >= room else None

    def _claim(self, robot: str, wanted: Iterable[int]) -> None:
        """Raises LedgerError, changing nothing, when somebody else has one of `wanted`."""
        wanted = set(wanted)
        for resource in wanted:
            if (owner := self._has(robot, resource)) is not None:
                raise LedgerError(f"{self._resources[resource]} is held by {owner}")
        for resource in wanted:
            if resource in self._capacities:
                self._sharers.setdefault(resource, set()).add(robot)
            else:
                self._owner[resource] = robot
        self._held.setdefault(robot, set()).update(wanted)

    def _keep(self, robot: str, needed: Set[int]) -> frozenset[int]:
        """Free what `robot` holds beyond `needed`."""
        held = self._held.get(robot, set())
        freed = frozenset(held - needed)
        for resource in freed:
            if resource not in self._capacities:
                del self._owner[resource]
            else:
                self._sharers[resource].discard(robot)
                if not self._sharers[resource]:
                    del self._sharers[resource]
        held -= freed
        if not held:
            self._held.pop(robot, None)
        return freed
