"""The life of a mission: one table of states, and of what may follow what.

"Late" is not here: it is the deadline against the clock. "Unknown" is not here either: losing the link to a robot
never writes a result, so the mission keeps its state and says why it waits.
"""

from __future__ import annotations

from dataclasses import dataclass

QUEUED = "queued"
ASSIGNED = "assigned"
RUNNING = "running"
WAITING = "waiting"
PAUSED = "paused"
FAILING = "failing"
COMPLETED = "completed"
CANCELLED = "cancelled"
FAILED = "failed"

FINAL = frozenset({COMPLETED, CANCELLED, FAILED})
OPEN = frozenset({QUEUED, ASSIGNED, RUNNING, WAITING, PAUSED, FAILING})
ACTIVE = frozenset({ASSIGNED, RUNNING, WAITING, PAUSED, FAILING})

# state -> the states that may follow it
MOVES: dict[str, frozenset[str]] = {
    QUEUED: frozenset({ASSIGNED, PAUSED, CANCELLED, FAILED}),
    ASSIGNED: frozenset({RUNNING, WAITING, PAUSED, FAILING, QUEUED, COMPLETED, CANCELLED, FAILED}),
    RUNNING: frozenset({WAITING, PAUSED, FAILING, QUEUED, COMPLETED, CANCELLED, FAILED}),
    WAITING: frozenset({RUNNING, PAUSED, FAILING, QUEUED, COMPLETED, CANCELLED, FAILED}),
    PAUSED: frozenset({QUEUED, ASSIGNED, RUNNING, WAITING, FAILING, COMPLETED, CANCELLED, FAILED}),
    FAILING: frozenset({QUEUED, RUNNING, WAITING, PAUSED, CANCELLED, FAILED}),
    COMPLETED: frozenset(),
    CANCELLED: frozenset(),
    FAILED: frozenset({QUEUED}),  # only by a person's retry, as a new attempt
}

# what a person may ask for -> the states in which it makes sense
INTENTS: dict[str, frozenset[str]] = {
    "cancel": OPEN,
    "pause": frozenset({QUEUED, ASSIGNED, RUNNING, WAITING}),
    "resume": frozenset({PAUSED}),
    "retry": frozenset({FAILED, FAILING, WAITING}),
    "reassign": frozenset({QUEUED, ASSIGNED, RUNNING, WAITING, FAILING, PAUSED}),
    "prioritise": OPEN,
    "confirm": frozenset({WAITING}),
    "settle": ACTIVE,
}

WORDS: dict[str, str] = {
    QUEUED: "Queued",
    ASSIGNED: "Assigned",
    RUNNING: "Running",
    WAITING: "Waiting",
    PAUSED: "Paused",
    FAILING: "Needs a decision",
    COMPLETED: "Completed",
    CANCELLED: "Cancelled",
    FAILED: "Failed",
}


class IllegalMove(ValueError):
    """A transition the table does not have: a bug of ours, never a reaction to the outside."""


@dataclass(frozen=True, slots=True)
class Move:
    """A checked transition, with who and why."""

    source: str
    target: str
    actor: str
    reason: str


def move(source: str, target: str, *, actor: str, reason: str) -> Move:
    """The transition from `source` to `target`; raises IllegalMove when the table does not have it."""
    if target not in MOVES[source]:
        allowed = ", ".join(sorted(MOVES[source])) or "nothing"
        raise IllegalMove(f"a {source} mission cannot become {target}; it may become: {allowed}")
    return Move(source, target, actor, reason)


def may_ask(kind: str, state: str) -> bool:
    """Whether a person may ask for `kind` while the mission is in `state`."""
    return state in INTENTS.get(kind, frozenset())
