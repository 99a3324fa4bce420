"""What Traffic is told and what it answers: plain data, ids as the layout and the fleet call them."""

from __future__ import annotations

from dataclasses import dataclass, field

from robots.core.routing import NOTHING


class AdmissionRefused(ValueError):
    """A robot may not be taken into automatic control here: says who owns the place."""


class UnexpectedReport(ValueError):
    """A robot says something that its released base does not allow. Its holdings are left as they were."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A node in an order, with its VDA 5050 sequence id (even; the edge to the next visit has the odd one between)."""

    sequence_id: int
    node: str


@dataclass(frozen=True, slots=True)
class EdgeVisit:
    sequence_id: int
    edge: str


@dataclass(frozen=True, slots=True)
class ExtendBase:
    """Release this to the robot. `visits` begins with the stitching node (or, for a new order, where it stands).

    `resources` are those newly held for it. `horizon` are nodes planned beyond: information only, may change any time,
    and not to be sent in a yielding order, which must end where its base ends.
    """

    robot: str
    order_id: str
    new_order: bool
    yielding: bool
    visits: tuple[Visit, ...]
    edges: tuple[EdgeVisit, ...]
    resources: tuple[str, ...]
    horizon: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Freed:
    """`robot` no longer holds `resources`."""

    robot: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitReason:
    """Why a robot does what it does.

    kind: driving, idle, at_goal, held, no_way, waiting_for_place, waiting_for_robot, waiting_for_zone,
    waiting_for_door, waiting_for_turn (the cap on active robots, or the one place in a dead end).
    `resource` and `holder` name what it waits for and who has it; `since` is the time of the cycle that saw it first.
    `ends` says what would end the wait, `chain` names robot after robot up to the one at the root of it.
    """

    kind: str
    resource: str | None
    holder: str | None
    since: float
    text: str
    ends: str = ""
    chain: tuple[str, ...] = ()


@dataclass(slots=True)
class RobotState:
    """One robot in traffic. `base` are released nodes from the last one reported on; the last is where it is bound.

    `base`, `first` (the sequence id of base[0]) and `order_id` repeat what the ledger has; `sent` is how many of
    `base` an ExtendBase has carried. `since` orders priorities: when it last reached a goal or, if it had none, when
    it got one. `type` is its vehicle type, "" for the default; `busy` tells what kind of thing holds it;
    `came` is the node it left last, which tells where it faces.
    """

    id: str
    base: list[int]
    first: int = 0
    sent: int = 1
    order_id: str | None = None
    yielding: bool = False
    goal: int | None = None
    since: float = 0.0
    bonus: float = 0.0
    avoid: frozenset[int] = NOTHING
    lookahead: int = 2
    held: str | None = None
    held_since: float | None = None
    busy: str = ""
    reached: bool = False
    type: str = ""
    came: int | None = None
    horizon: list[int] = field(default_factory=list)
    wait: WaitReason = WaitReason("idle", None, None, 0.0, "has nothing to do")

    @property
    def end(self) -> int:
        """The node where its base ends: where the planner sees it."""
        return self.base[-1]

    @property
    def arriving(self) -> bool:
        """Its base ends at its goal: it goes nowhere until the goal is changed, because something is done there."""
        return self.goal is not None and self.base[-1] == self.goal
