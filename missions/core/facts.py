"""What dispatch knows and what it decides, as frozen values: facts go in, decisions come out.

Times are POSIX seconds, battery in percent. Facts of a robot are only what the robot itself reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ActionFact:
    """An action as the robot reports it. `result` is its parsed resultDescription."""

    status: str
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speech:
    """What may be said to a robot. `program`: it has our onboard worker, which knows attempts, steps and quantities.

    `quantity`: its factsheet declares that parameter. `unplug`: how it is told to stop charging, `order` (first action
    of its next order) or `instant`.
    """

    program: bool = True
    quantity: bool = False
    unplug: str = "order"


@dataclass(frozen=True, slots=True)
class RobotFact:
    """A robot as it last reported, and what traffic says of it.

    `at` is the last node it reported, `node` where its base ends, `sent_order` the last order fleet control sent,
    `remaining` how many nodes it still reports ahead, `moving` whether its base is not fully reported yet, `acting`
    whether an action has not ended, `pending` whether an order is on its way to it, `broken` the order that can never
    be finished as sent: an update of it was refused, or the robot lost it. `ended`: the order that link has seen end by
    a cancel, so that nothing of it is on its way. `why`: the robot's own words for a refusal or a broken order.
    `coarse`: its battery gauge knows only good (80) and bad (20). `loads_known` False: it does not report loads (absent
    is unknown, VDA 5050 2.1 6.10.6).
    """

    id: int
    serial: str
    name: str
    reachable: bool
    automatic: bool
    paused: bool
    held: bool
    driving: bool
    battery: float | None
    charging: bool
    loaded: bool
    order_id: str
    sent_order: str
    at: str
    node: str
    moving: bool
    remaining: int
    actions: Mapping[str, ActionFact]
    rejected: frozenset[str]
    fault: str
    home: str
    idle_since: float | None = None
    acting: bool = False
    broken: str = ""
    pending: bool = False
    ended: str = ""
    why: str = ""
    loads_known: bool = True
    coarse: bool = False
    speech: Speech = Speech()


@dataclass(frozen=True, slots=True)
class StepFact:
    index: int
    op: str
    payload: Mapping[str, Any]
    state: str
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What an attempt must remember between cycles; stored with it as JSON.

    phase: next | drive | again | renew | wait | confirm | charge | cancel | stuck. `until`, `since` are POSIX seconds.
    """

    phase: str = "next"
    step: int = 0
    leg: int = 0
    order: str = ""
    goal: str = ""
    actions: tuple[str, ...] = ()
    until: float | None = None
    since: float | None = None
    place: int = 0
    round: int = 0
    tries: int = 0
    after: str = ""  # what becomes of the mission when a cancel is confirmed: cancelled | queued
    cancels: int = 0
    text: str = ""
    asked: int = 0  # how often a RETRIABLE action was answered
    paused: bool = False  # the robot was paused for a person who asked, and is to be let go with the attempt


@dataclass(frozen=True, slots=True)
class MissionFact:
    id: int
    label: str
    state: str
    steps: tuple[StepFact, ...]
    attempt: int | None = None
    key: str = ""  # the attempt's public id
    robot: int | None = None
    memory: Memory = Memory()
    deadline: float | None = None
    speed: str | None = None


# --- decisions ---


@dataclass(frozen=True, slots=True)
class LegAction:
    """An action of a leg. `id` is unique for ever; the robot never repeats one that it finished."""

    id: str
    type: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drive:
    """Give the robot a leg: drive to `goal`, do `actions` there. `first` are actions where it stands (stopCharging)."""

    robot: int
    order: str
    goal: str
    actions: tuple[LegAction, ...] = ()
    first: tuple[LegAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Instant:
    robot: int
    type: str
    action: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetStep:
    mission: int
    index: int
    state: str
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SetMission:
    mission: int
    state: str
    reason: str = ""
    kind: str = "state"


@dataclass(frozen=True, slots=True)
class EndAttempt:
    mission: int
    state: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class SendProgram:
    mission: int
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    mission: int
    kind: str
    text: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Abandon:
    """`order` is over without its end: what lies ahead of where the robot stands may be freed (evidence: its state)."""

    robot: int
    at: str
    order: str = ""


Decision = Drive | Instant | SetStep | SetMission | EndAttempt | SendProgram | Note | Abandon

Nearest = Callable[[RobotFact, str], str | None]
"""(robot, "charger" | "parking" | "at:<node>") -> the nearest such node that no other robot stands on or is bound for.

"at:" means the places of the station that the node belongs to. None when all are taken.
"""
