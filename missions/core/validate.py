"""The last word on a plan: every reason why it may not, or had better not, be dispatched on this site now.

Deterministic and pure; it never sees the text the plan came from and never stops at the first finding. `block` forbids
dispatch, `caution` is shown and may be accepted. Texts are plain words: what is wrong, and what would be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inference.contract import Plan
from missions.core import check_load, check_time
from missions.core.fitness import robots_fit, why_unfit
from missions.core.violation import BLOCK, CAUTION, Violation, blocks, named_robot
from missions.core.world import RIGHT_DISPATCH, RIGHT_PRIORITISE, World

Check = Callable[[Plan, World], Iterator[Violation]]


def validate(plan: Plan, world: World) -> list[Violation]:
    """Every violation, in the order of the checks and of the steps. Never raises on a plan of the grammar."""
    return [violation for check in CHECKS for violation in check(plan, world)]


# --- who asks ---


def _rights(plan: Plan, world: World) -> Iterator[Violation]:
    if RIGHT_DISPATCH not in world.rights:
        yield Violation(
            "no_right", BLOCK, "You may not dispatch missions at this site. Ask a supervisor of the site.", ""
        )
    if plan.priority == "high" and RIGHT_PRIORITISE not in world.rights:
        yield Violation(
            "no_right_priority",
            BLOCK,
            "You may not give high priority. Use normal priority or ask a supervisor.",
            "/priority",
        )


# --- places and items ---


def _places(plan: Plan, world: World) -> Iterator[Violation]:
    for n, step in enumerate(plan.steps):
        if step.at is not None:
            yield from _place(step.at, f"/steps/{n}/at", plan, world)
        elif step.op in ("drop", "scan", "inspect") and not _place_known(plan, n):
            text = f"Step {n + 1} does not say at which place. Name the place."
            yield Violation("no_place", BLOCK, text, f"/steps/{n}/at")
        for k, place in enumerate(step.places):
            yield from _place(place, f"/steps/{n}/places/{k}", plan, world)
    for k, place in enumerate(plan.avoid):
        if place not in world.stations:
            yield _unknown("place", place, f"/avoid/{k}")


def _place_known(plan: Plan, n: int) -> bool:
    """Whether a step without a place follows one that says where the robot is."""
    for step in reversed(plan.steps[:n]):
        if step.at is not None or step.places:
            return True
        if step.op not in ("wait", "report", "drop", "scan", "inspect"):
            return False
    return False


def _place(place: str, pointer: str, plan: Plan, world: World) -> Iterator[Violation]:
    station = world.stations.get(place)
    if station is None:
        yield _unknown("place", place, pointer)
        return
    evidence = {"station": place}
    if station.human_only:
        yield Violation(
            "human_only",
            BLOCK,
            f"{station.name} is in a zone for people only. Choose a place robots may enter.",
            pointer,
            evidence,
        )
    if station.closed:
        yield Violation(
            "closed_zone",
            BLOCK,
            f"{station.name} is in a closed zone. Choose another place or wait until the zone is opened.",
            pointer,
            evidence,
        )
    if station.node is None:
        yield Violation(
            "not_on_map",
            BLOCK,
            f"{station.name} has no point on the map where a robot can stand. Place it on the map first.",
            pointer,
            evidence,
        )
    elif not station.reachable:
        yield Violation(
            "unreachable",
            BLOCK,
            f"No route leads to {station.name} at present. Choose another place.",
            pointer,
            evidence,
        )
    if place in plan.avoid or station.zones & set(plan.avoid):
        yield Violation(
            "avoids_goal",
            BLOCK,
            f"{station.name} is to be avoided and to be visited. Take it out of one of the two.",
            pointer,
            evidence,
        )


def _items(plan: Plan, world: World) -> Iterator[Violation]:
    for n, step in enumerate(plan.steps):
        if step.item is not None and step.item not in world.items:
            yield _unknown("item", step.item, f"/steps/{n}/item")


def _unknown(kind: str, identifier: str, pointer: str) -> Violation:
    return Violation(
        f"unknown_{kind}",
        BLOCK,
        f"There is no {kind} {identifier!r} at this site. Choose one of the site's {kind}s.",
        pointer,
        {"id": identifier},
    )


# --- charging and the robot ---


def _charging(plan: Plan, world: World) -> Iterator[Violation]:
    for n, step in enumerate(plan.steps):
        if step.op != "charge":
            continue
        if step.at is None and not world.chargers():
            yield Violation("no_charger", BLOCK, "No charger of this site can be reached.", f"/steps/{n}/at")
        station = world.stations.get(step.at) if step.at is not None else None
        if station is not None and station.kind != "charger":
            options = ", ".join(s.name for s in world.chargers()[:4])
            hint = f" Chargers are: {options}." if options else ""
            yield Violation("not_a_charger", BLOCK, f"{station.name} is not a charger.{hint}", f"/steps/{n}/at")


def _robot(plan: Plan, world: World) -> Iterator[Violation]:
    if plan.robot is None:
        fit = robots_fit(plan, world)
        if not fit:
            reasons = {r.name: why_unfit(plan, r)[0] for r in world.robots.values()}
            listed = " ".join(f"{name}: {reason}." for name, reason in list(reasons.items())[:4])
            yield Violation(
                "no_eligible_robot",
                BLOCK,
                f"No robot of this site can do this now. {listed}".strip(),
                "/robot",
                {"reasons": reasons},
            )
        elif all(r.busy for r in fit):
            yield Violation(
                "all_busy",
                CAUTION,
                "Every robot that can do this is working; the mission waits for the first free one.",
                "/robot",
            )
        return
    robot = world.robots.get(plan.robot)
    if robot is None:
        yield _unknown("robot", plan.robot, "/robot")
        return
    for reason in why_unfit(plan, robot):
        yield Violation(
            "robot_not_eligible", BLOCK, f"{robot.name} cannot do this: {reason}.", "/robot", {"robot": robot.id}
        )
    waiting = world.open_missions.get(robot.id, 0)
    if robot.busy is not None:
        yield Violation(
            "robot_busy",
            CAUTION,
            f"{robot.name} is working on {robot.busy}; this mission starts after it.",
            "/robot",
            {"mission": robot.busy},
        )
    elif waiting:
        yield Violation(
            "robot_queued",
            CAUTION,
            f"{waiting} other missions wait for {robot.name} already.",
            "/robot",
            {"waiting": waiting},
        )


def _battery(plan: Plan, world: World) -> Iterator[Violation]:
    """A rough figure: legs times the usual use per leg, up to the first charge, over what the robot (or the best
    one) has.
    """
    named = named_robot(plan, world)
    robots = [named] if named else robots_fit(plan, world)
    levels = [r.battery for r in robots if r.battery is not None]
    if not levels or len(levels) < len(robots):
        return
    legs = 0
    for step in plan.steps:
        if step.op == "charge":
            break
        legs += check_time.legs(step)
    need, best = legs * world.effort.leg_pct + world.effort.reserve_pct, max(levels)
    if legs and best < need:
        yield Violation(
            "battery_low",
            CAUTION,
            (
                f"This needs about {need:.0f} % of battery with the reserve, and "
                f"{named.name if named else 'the fullest robot'} has {best:.0f} %. It may have to charge "
                f"first."
            ),
            "/robot",
            {"need": need, "battery": best},
        )


CHECKS: tuple[Check, ...] = (
    _rights,
    _places,
    _items,
    check_load.stock,
    check_load.load,
    check_load.same_place,
    _charging,
    _robot,
    _battery,
    check_time.times,
    check_time.bounds,
    check_time.conditions,
)

__all__ = ["BLOCK", "CAUTION", "CHECKS", "Violation", "blocks", "validate"]
