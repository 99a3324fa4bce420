"""Robots without a mission: they charge when low, make room at the chargers when asked, and leave the lanes.

Every place is given once. Out of a zone that is being closed they go at once. Elsewhere a robot that stands well
stays, so that robots are not sent to and fro: it must be low to go and charge, and have enough, be full or be asked to
leave again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from .charging import Charge, Levels, can_leave, may_take, queue
from .facts import Drive, LegAction, RobotFact

PARK_AFTER_S = 4.0
USUAL_LEVELS = Levels()

Aside = Callable[[RobotFact, frozenset[str]], str | None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """What there is room for.

    `nearest(robot, kind, without)`: the nearest free place of that kind; `resting(node)`: parking, charger or "";
    `wanted(serial)`: another waits for its place; `short`: missions that lack a charger; `bad`: nodes that cut the
    roads in two when a robot rests there; `aside(robot, without)`: the nearest node off the lanes where no parking is
    free. `shut`: nodes in zones that are not open, which neither of them gives. `levels` and `charging_since` (POSIX
    s) by robot id. `chargers`: how many the site has, `free_chargers`: those nobody stands on or is bound for (None:
    unknown, then none is kept free), `leaving`: robots on their way off one.
    """

    nearest: Callable[[RobotFact, str, frozenset[str]], str | None]
    resting: Callable[[str], str]
    wanted: Callable[[str], bool]
    short: int = 0
    levels: Mapping[int, Levels] = field(default_factory=dict)
    bad: frozenset[str] = frozenset()
    chargers: int = 0
    free_chargers: int | None = None
    leaving: int = 0
    aside: Aside | None = None
    shut: frozenset[str] = frozenset()
    charging_since: Mapping[int, float] = field(default_factory=dict)

    def rests(self, robot: RobotFact) -> str:
        """Parking or charger when it stands well at one; "" also in a zone that is being closed: there nobody stays."""
        return "" if robot.node in self.shut else self.resting(robot.node)

    def charge(self, robot: RobotFact) -> Charge | None:
        """The robot as the queue for chargers sees it; None when its charge is unknown."""
        if robot.battery is None:
            return None
        since = self.charging_since.get(robot.id)
        return Charge(robot.id, robot.battery, self.levels.get(robot.id, USUAL_LEVELS), robot.charging, since)


def idle_moves(robots: Sequence[RobotFact], now: float, crowd: Crowd) -> list[Drive]:
    """Where robots without a mission go now; a place is given once, a charger to the emptiest robot first."""
    ready = [r for r in robots if _ready(r, now, crowd.shut)]
    moves, critical, waiting = _to_chargers(ready, now, crowd)
    waiting = max(0, waiting + critical + crowd.short - crowd.leaving)
    critical = min(critical, waiting)
    for robot in sorted(ready, key=lambda r: (-(r.battery or 0.0), r.serial)):
        if any(move.robot == robot.id for move in moves):
            continue
        kind = crowd.rests(robot)
        if kind == "charger" and not _leaves(robot, now, waiting, critical, crowd):
            continue
        if kind == "parking" and robot.node not in crowd.bad and not crowd.wanted(robot.serial):
            continue
        place = _rest(robot, kind, crowd, moves)
        if place is None:
            continue
        moves.append(_leg(robot, _order(robot, now), place))
        if kind == "charger":
            waiting, critical = max(0, waiting - 1), max(0, critical - 1)
    return moves


def _to_chargers(ready: Sequence[RobotFact], now: float, crowd: Crowd) -> tuple[list[Drive], int, int]:
    """Who drives to a charger, and how many robots wait for one: at their critical level, and others."""
    facts = {r.id: r for r in ready}
    charges = [charge for r in ready if (charge := crowd.charge(r)) is not None]
    leavers = sum(can_leave(c, now) for c in charges if crowd.rests(facts[c.robot]) == "charger")
    free, moves, critical, waiting = crowd.free_chargers, list[Drive](), 0, 0
    for charge in queue(charges):
        robot = facts[charge.robot]
        place = _free(robot, "charger", crowd, moves)
        here = place == robot.node
        if place is None or not (here or free is None or may_take(charge, free, leavers, crowd.chargers)):
            critical, waiting = critical + charge.must, waiting + (not charge.must)
            continue
        if free is not None and not here:
            free -= 1
        order = _order(robot, now)
        moves.append(_leg(robot, order, place, (LegAction(f"{order}.startCharging", "startCharging"),)))
    return moves, critical, waiting


def _ready(robot: RobotFact, now: float, shut: frozenset[str]) -> bool:
    if not robot.reachable or not robot.automatic or robot.paused or robot.held or robot.moving or robot.fault:
        return False
    if robot.idle_since is None:
        return False
    return robot.node in shut or now - robot.idle_since >= PARK_AFTER_S


def _leaves(robot: RobotFact, now: float, waiting: int, critical: int, crowd: Crowd) -> bool:
    """Whether it makes room at a charger: when full, or when another needs the place and it can do without."""
    charge = crowd.charge(robot)
    if charge is None:
        return (waiting > 0 or crowd.wanted(robot.serial)) and not robot.charging
    if robot.charging and charge.full:
        return True
    asked = waiting > 0 or crowd.wanted(robot.serial)
    return asked and can_leave(charge, now, critical=critical > 0)


def _rest(robot: RobotFact, kind: str, crowd: Crowd, moves: Sequence[Drive]) -> str | None:
    """The place where it is out of the way from now on; None when there is none better than where it stands."""
    place = _free(robot, "parking", crowd, moves, besides=robot.node)
    ousted = robot.node in crowd.shut
    if place is None and crowd.aside is not None and (kind or ousted or robot.node in crowd.bad):
        place = crowd.aside(robot, _given(moves) | crowd.bad | {robot.node})
    if place is None and ousted:
        place = _free(robot, "charger", crowd, moves, besides=robot.node)
    return place


def _given(moves: Sequence[Drive]) -> frozenset[str]:
    return frozenset(move.goal for move in moves)


def _free(robot: RobotFact, kind: str, crowd: Crowd, moves: Sequence[Drive], besides: str | None = None) -> str | None:
    """The nearest place of a kind that is not given yet; to rest, none that cuts the roads, nor where it stands."""
    without = _given(moves)
    if besides is not None:
        without |= crowd.bad | {besides}
    return crowd.nearest(robot, kind, without)


def _order(robot: RobotFact, now: float) -> str:
    return f"idle.{robot.serial}.{int(now * 1000)}"


def _leg(robot: RobotFact, order: str, goal: str, actions: tuple[LegAction, ...] = ()) -> Drive:
    in_order = robot.charging and robot.speech.unplug == "order"
    first = (LegAction(f"{order}.stopCharging", "stopCharging"),) if in_order else ()
    return Drive(robot.id, order, goal, actions, first)
