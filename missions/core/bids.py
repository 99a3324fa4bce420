"""What allocation compares and answers: robots, missions, how urgent these are, and the choices with their parts.

Everything that is weighed is in metres of driving, so that a person can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .charging import Energy, Levels

STICKY_M = 25.0
"""A change of robot must save more than this for each mission that changes."""
PRIORITY_M = 2000.0
AGEING_M_PER_S = 1.0
DUE_SOON_S = 900.0
DUE_M_PER_S = 2.0
KEPT_M = 500.0
"""Only for a mission more urgent by this is one that has a robot put back into the queue, not for a nearer one."""
LONG_WAIT_S = 600.0
USUAL_LEVELS = Levels()
USUAL_ENERGY = Energy()

Kind = Literal["start", "keep", "move", "release", "wait"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A robot as allocation sees it. `blocked` says in plain words why it cannot take a mission now, or is empty.

    `battery` in percent (None: unknown, it may take none), `payload` kg, `wait_s` s until it could set off, `speed` m/s
    as far as the battery is concerned, `charged_s` for how long it has been charging.
    """

    robot: int
    name: str
    node: str
    battery: float | None
    charging: bool
    skills: frozenset[str]
    capacity: int
    payload: float
    blocked: str = ""
    loaded: bool = False
    type: str = ""
    levels: Levels = USUAL_LEVELS
    energy: Energy = USUAL_ENERGY
    wait_s: float = 0.0
    speed: float = 1.0
    charged_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mission as allocation sees it: `first_node` None = anywhere; `load` kg and `quantity` units carried at most.

    `stops`: every known node it visits, in order, from `first_node` on; `seconds` it stands meanwhile; `types`: the
    robot types that may do it, empty = any. `current`: the robot that has it now. As long as nothing is picked up and
    its base is not committed to the first stop it may be taken away; `started`: no longer.
    """

    mission: int
    priority: int
    deadline: float | None
    age: float
    first_node: str | None
    ops: frozenset[str]
    quantity: int
    load: float
    pinned: int | None = None
    unloads: bool = False  # its first load handling puts something down: for the robot that carries it
    stops: tuple[str, ...] = ()
    seconds: float = 0.0
    types: frozenset[str] = frozenset()
    current: int | None = None
    started: bool = False

    @property
    def charges_only(self) -> bool:
        """It sends a robot to a charger and asks nothing else of it."""
        return "charge" in self.ops and self.ops <= {"charge", "move", "home", "report"}


@dataclass(frozen=True, slots=True)
class Part:
    """One candidate's cost for one mission in metres, or why it is out.

    `total_m` = distance + battery penalty + waiting; `kept_m` is what the robot that has the mission already is
    favoured by.
    """

    robot: int
    name: str
    distance_m: float | None
    battery_penalty_m: float
    total_m: float | None
    excluded: str = ""
    waiting_m: float = 0.0
    kept_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Urgency:
    """How much further robots may drive for this mission's sake, in metres. Ageing has no bound: none starves."""

    priority_m: float = 0.0
    ageing_m: float = 0.0
    due_m: float = 0.0
    kept_m: float = 0.0

    @property
    def total_m(self) -> float:
        return self.priority_m + self.ageing_m + self.due_m + self.kept_m


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one mission.

    `kind`: start (give it to `robot`), keep, move (from `current` to `robot`), release (from `current` back to the
    queue: its robot serves a more urgent one), wait.
    """

    mission: int
    robot: int | None
    parts: tuple[Part, ...]
    text: str
    kind: Kind = "wait"
    current: int | None = None
    urgency: Urgency = field(default_factory=Urgency)


Distance = Callable[[int, str, str], float | None]
"""(robot, start, goal) -> m of driving; None when no way leads there."""
ToCharger = Callable[[int, str], float | None]
"""(robot, node) -> m to the nearest free charger, or to the nearest one when none is free; None: no way."""
Column = Callable[[str, Sequence[Candidate]], Sequence[float]]
"""(goal, robots) -> m for each robot; infinite where no way leads there. One table read instead of many calls."""


def urgency(mission: Wanted, now: float | None = None) -> Urgency:
    """Priority, age and due time of a mission in metres; without `now` the due time is left out."""
    soon = 0.0
    if mission.deadline is not None and now is not None:
        soon = max(0.0, DUE_SOON_S - (mission.deadline - now)) * DUE_M_PER_S
    return Urgency(
        priority_m=PRIORITY_M * mission.priority,
        ageing_m=round(AGEING_M_PER_S * max(0.0, mission.age), 1),
        due_m=round(soon, 1),
        kept_m=KEPT_M if mission.current is not None else 0.0,
    )


def presses(mission: Wanted, now: float | None = None) -> bool:
    """Urgent enough to take a robot off its charger before it has enough."""
    due = mission.deadline is not None and now is not None and mission.deadline - now < DUE_SOON_S
    return mission.priority > 0 or mission.pinned is not None or due or mission.age >= LONG_WAIT_S
