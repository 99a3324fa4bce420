"""The ledger as JSON and back, and what would make either a contradiction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from robots.core.traffic.holdings import LedgerError
from robots.core.traffic.zones import CLOSED, CLOSING, OPEN

if TYPE_CHECKING:
    from robots.core.traffic.ledger import Ledger


NOTHING: Final[frozenset[int]] = frozenset()


@dataclass(slots=True)
class Commitment:
    """What one robot is released to. `base[0]` is the node reported last, with sequence id `first`.

    `beside` are nodes it may touch, besides base[0], until it has reached another. `grants` are resources it keeps
    beyond its base because it asked for them (a release zone, a corridor) and was told yes, by the key of the request.
    """

    profile: str
    base: tuple[int, ...]
    first: int = 0
    order: str | None = None
    beside: frozenset[int] = NOTHING
    grants: dict[str, frozenset[int]] = field(default_factory=dict)


def problems(ledger: Ledger) -> list[str]:
    """Every violated invariant of bases, holdings, sequence ids and zones, in words."""
    found = [f"{robot} holds something but is not in traffic" for robot in ledger._held.keys() - ledger._robots.keys()]
    for robot, state in ledger._robots.items():
        ahead = ledger._profile(state).ahead
        if any(b not in ahead[a] for a, b in pairwise(state.base)):
            found.append(f"the base of {robot} is not a path")
        elif ledger._held.get(robot, set()) != ledger._needed(state):
            found.append(f"{robot} does not hold exactly what its base needs")
        if state.first < 0 or state.first % 2:
            found.append(f"the sequence ids of {robot} are wrong")
        for name, zone in ledger._zones:
            if zone.state == CLOSED and ledger._zones.touched_by(zone, state.base, state.beside):
                found.append(f"{name} is closed but {robot} is released into it")
    return found


def to_json(ledger: Ledger) -> dict[str, Any]:
    names, resources = ledger.road.names, ledger.road.resources
    return {
        "map": ledger.road.hash,
        "epoch": ledger.epoch,
        "robots": {
            robot: {
                "profile": state.profile,
                "order": state.order,
                "first": state.first,
                "base": [names[node] for node in state.base],
                "beside": sorted(names[node] for node in state.beside),
                **_grants_json(state, resources),
            }
            for robot, state in sorted(ledger._robots.items())
        },
        "orders": {robot: list(had) for robot, had in sorted(ledger._orders.items())},
        "external": {
            resources[resource]: {"owner": owner, "until": until}
            for resource, (owner, until) in sorted(ledger.external.items())
        },
        "zones": {
            name: zone.state for name, zone in sorted(ledger._zones.of.items())
            if zone.state != OPEN and not zone.for_ever
        },
        "misplaced": {robot: sorted(names[node] for node in places) for robot, places in ledger.presence.items()},
    }  # fmt: skip


def _grants_json(state: Commitment, resources: Sequence[str]) -> dict[str, Any]:
    if not state.grants:
        return {}
    return {"grants": {key: sorted(resources[r] for r in held) for key, held in sorted(state.grants.items())}}


def fill(ledger: Ledger, data: Mapping[str, Any]) -> None:
    """Put what `to_json` gave into a fresh ledger. Raises LedgerError, see `Ledger.restore`."""
    try:
        if data["map"] != ledger.road.hash:
            raise LedgerError("this record belongs to another version of the layout; drain the site before changing it")
        if data["epoch"] > ledger.epoch:
            raise LedgerError(f"a later writer ({data['epoch']}) has taken over from this one ({ledger.epoch})")
        _fill(ledger, data)
    except LedgerError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as broken:
        raise LedgerError(f"the record is not complete: {broken!r}") from broken
    if contradictions := ledger.check():
        raise LedgerError("the record contradicts itself: " + "; ".join(contradictions))


def _fill(ledger: Ledger, data: Mapping[str, Any]) -> None:
    road = ledger.road
    numbers = {name: resource for resource, name in enumerate(road.resources)}
    for name, lease in data["external"].items():
        ledger.external[numbers[name]] = lease["owner"], float(lease["until"])
        ledger._owner[numbers[name]] = lease["owner"]
    for robot, kept in data["robots"].items():
        state = Commitment(
            kept["profile"], tuple(road.index[node] for node in kept["base"]), kept["first"], kept["order"],
            frozenset(road.index[node] for node in kept["beside"]),
            {key: frozenset(numbers[name] for name in found) for key, found in kept.get("grants", {}).items()},
        )  # fmt: skip
        if any(step not in road.edge_of for step in pairwise(state.base)):
            raise LedgerError(f"the record contradicts itself: the base of {robot} is not a path")
        ledger._robots[robot] = state
        ledger._claim(robot, ledger._needed(state))
    ledger._orders = {robot: list(had) for robot, had in data["orders"].items()}
    for name, state in data["zones"].items():
        if state not in (CLOSING, CLOSED) or ledger._zones.of[name].for_ever:
            raise LedgerError(f"{name} cannot be {state}")
        ledger._zones.of[name].state = state
    for robot, places in data["misplaced"].items():
        ledger._stand(robot, frozenset(road.index[node] for node in places))
    ledger._zones.refresh()
    for zone in ledger._zones.of.values():
        zone.robots = {robot for robot in {**ledger._robots, **ledger._present} if ledger._touches(robot, zone)}
