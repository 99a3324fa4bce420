"""A plan made concrete for one site.

`ground` decides only what the records decide: which station a pick without a place means, which node a step happens at.
The nearest charger and the robot stay open; dispatch chooses them when it allocates.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.contract import Condition, Plan, canonical
from missions.core.world import World, usable


@dataclass(frozen=True, slots=True)
class GroundedStep:
    """A step with the station and node it happens at; both None where none is needed or dispatch picks the nearest.

    `stations` lists the patrol's places in order with `nodes` beside them. `index` is the step's place in the plan.
    """

    index: int
    op: str
    station: str | None
    node: str | None
    item: str | None = None
    qty: int | None = None
    seconds: float | None = None
    until: str | None = None
    to_pct: float | None = None
    stations: tuple[str, ...] = ()
    nodes: tuple[str | None, ...] = ()
    times: int | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class GroundedPlan:
    plan: Plan
    steps: tuple[GroundedStep, ...]


def ground(plan: Plan, world: World) -> GroundedPlan:
    """The canonical plan with every step resolved as far as the records resolve it. Never raises on a plan of the
    grammar.
    """
    plan = canonical(plan)
    steps: list[GroundedStep] = []
    carried: list[str] = []
    for index, step in enumerate(plan.steps):
        station, item = step.at, step.item
        if step.op == "pick" and item is not None:
            station = station or stocked_at(world, item, step.qty)
            carried.append(item)
        if step.op == "drop":
            item = item if item is not None else carried[0] if len(set(carried)) == 1 else None
            carried = [] if item is None else [c for c in carried if c != item]
        steps.append(
            GroundedStep(
                index=index,
                op=step.op,
                station=station,
                node=_node(world, station),
                item=item,
                qty=step.qty,
                seconds=step.seconds,
                until=step.until,
                to_pct=step.to_pct,
                stations=step.places,
                nodes=tuple(_node(world, place) for place in step.places),
                times=step.times,
                condition=step.condition,
            )
        )
    return GroundedPlan(plan, tuple(steps))


def stocked_at(world: World, item: str, qty: int | None) -> str | None:
    """The station a pick without a place means: one that can be driven to and holds enough, the fullest first.

    Counted stock comes before uncounted; equal stock is settled by id so that the answer is always the same.
    """
    rows: list[tuple[bool, int, str]] = []
    for station, held in world.stock.get(item, {}).items():
        record = world.stations.get(station)
        if record is None or not usable(record) or held == 0:
            continue
        rows.append((held is not None and held >= (qty or 1), held or 0, station))
    if not rows:
        return None
    return min(rows, key=lambda row: (not row[0], -row[1], row[2]))[2]


def _node(world: World, station: str | None) -> str | None:
    record = world.stations.get(station) if station is not None else None
    return record.node if record else None
