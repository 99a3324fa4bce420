"""Checks of what is collected, carried and put down: stock, quantities, capacity, payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inference.contract import Plan
from missions.core.plan import GroundedStep, ground
from missions.core.violation import BLOCK, CAUTION, Violation, named_robot
from missions.core.world import World

MAX_QTY = 500


def stock(plan: Plan, world: World) -> Iterator[Violation]:
    for step in ground(plan, world).steps:
        if step.op != "pick" or step.item is None or step.item not in world.items:
            continue
        pointer, name = f"/steps/{step.index}", world.item_name(step.item)
        if step.qty is not None and step.qty > MAX_QTY:
            yield Violation(
                "absurd_quantity",
                BLOCK,
                f"{step.qty} of {name} is more than one mission may carry ({MAX_QTY}).",
                pointer + "/qty",
                {"qty": step.qty},
            )
        if step.station is None:
            yield Violation(
                "no_stock",
                BLOCK,
                f"The inventory has no {name} at a place robots can reach. Say where it is, or correct the inventory.",
                pointer + "/at",
                {"item": step.item},
            )
            continue
        held = world.stock.get(step.item, {})
        yield from _held(step, held, pointer, world)


def _held(step: GroundedStep, held: Mapping[str, int | None], pointer: str, world: World) -> Iterator[Violation]:
    if step.item is None or step.station is None or step.station not in world.stations:
        return
    name, place, there = world.item_name(step.item), world.station_name(step.station), held.get(step.station, 0)
    evidence = {"item": step.item, "station": step.station, "held": there, "qty": step.qty}
    if there is not None and step.qty is not None and step.qty > there > 0:
        yield Violation(
            "short_stock",
            BLOCK,
            f"{place} has {there} of {name}, not {step.qty}. Ask for at most {there}.",
            pointer + "/qty",
            evidence,
        )
    elif there == 0:
        # A place that was named by the requester may hold what the inventory does not know yet.
        yield Violation(
            "not_in_stock",
            CAUTION,
            f"The inventory shows no {name} at {place}. The robot may find nothing.",
            pointer + "/at",
            evidence,
        )


def load(plan: Plan, world: World) -> Iterator[Violation]:
    carried: dict[str, int] = {}
    named = named_robot(plan, world)
    left_over = named is not None and named.loaded  # what a cancelled mission left on the robot that is named
    for step in ground(plan, world).steps:
        pointer = f"/steps/{step.index}"
        if step.op == "pick" and step.item is not None:
            carried[step.item] = carried.get(step.item, 0) + (step.qty or 1)
            yield from _overload(plan, world, carried, pointer)
        elif step.op == "drop":
            if left_over:
                left_over = False
            elif not carried:
                yield Violation(
                    "nothing_carried",
                    BLOCK,
                    f"Step {step.index + 1} puts something down, but nothing was collected before it. Add a pick step.",
                    pointer,
                )
            elif step.item is not None and step.item not in carried:
                yield Violation(
                    "not_carried",
                    BLOCK,
                    f"Step {step.index + 1} puts down {world.item_name(step.item)}, which was not collected before it.",
                    pointer + "/item",
                )
            yield from _room(step, carried, world, pointer)
            carried = {} if step.item is None else {k: v for k, v in carried.items() if k != step.item}
    if carried:
        names = ", ".join(world.item_name(item) for item in carried)
        yield Violation(
            "still_carrying",
            CAUTION,
            f"At the end the robot still carries {names}. Add a step that puts it down, if that is not wanted.",
            "/steps",
        )


def _room(step: GroundedStep, carried: Mapping[str, int], world: World, pointer: str) -> Iterator[Violation]:
    station = world.stations.get(step.station) if step.station is not None else None
    if station is None or station.capacity is None:
        return
    units = sum(carried.values()) if step.item is None else carried.get(step.item, 0)
    level = sum(rows.get(station.id) or 0 for rows in world.stock.values())
    free = station.capacity - level
    if units > free:
        evidence = {"capacity": station.capacity, "level": level, "units": units}
        yield Violation(
            "no_room",
            BLOCK if units > station.capacity else CAUTION,
            f"{station.name} has room for {max(free, 0)} more, and {units} would be put down there.",
            pointer + "/at",
            evidence,
        )


def _overload(plan: Plan, world: World, carried: Mapping[str, int], pointer: str) -> Iterator[Violation]:
    """Over what every robot in question can carry: the named one, or the strongest of the site."""
    named = named_robot(plan, world)
    robots = [named] if named else list(world.robots.values())
    if not robots:
        return
    units = sum(carried.values())
    if all(r.units is not None for r in robots) and units > (most := max(r.units or 0 for r in robots)):
        yield Violation(
            "over_units",
            BLOCK,
            (
                f"{units} units would be carried at once; {_who(plan, world)} carries at most {most}. Put "
                f"something down in between or ask for fewer."
            ),
            pointer,
            {"units": units, "most": most},
        )
    if all(r.payload is not None for r in robots) and all(item in world.items for item in carried):
        mass = sum((world.items[item].unit_mass or 0.0) * n for item, n in carried.items())
        limit = max(r.payload or 0.0 for r in robots)
        if mass > limit:
            yield Violation(
                "over_payload",
                BLOCK,
                f"{mass:g} kg would be carried at once; {_who(plan, world)} carries at most {limit:g} kg.",
                pointer,
                {"mass": mass, "limit": limit},
            )


def _who(plan: Plan, world: World) -> str:
    named = named_robot(plan, world)
    return named.name if named else "the strongest robot here"


def same_place(plan: Plan, world: World) -> Iterator[Violation]:
    picked: set[str] = set()
    for step in ground(plan, world).steps:
        if step.op == "pick" and step.station is not None:
            picked.add(step.station)
        elif step.op == "drop":
            if step.station is not None and step.station in picked:
                yield Violation(
                    "same_place",
                    BLOCK,
                    f"It would be collected and put down at the same place, {world.station_name(step.station)}.",
                    f"/steps/{step.index}/at",
                )
            picked = set()
