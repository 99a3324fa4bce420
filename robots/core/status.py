"""What one robot is doing, judged from what it last said and how old that is. Pure: the ages are arguments.

Times in s, battery in percent. Limits as in VDA 5050: a state message at least every 30 s, so silence beyond that is
stale; a driving robot that sends visualization is stale after a much shorter silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from .frames import Mark, Status

STALE_STATE_S = 35.0
STALE_VISUALIZATION_S = 2.0
LOW_BATTERY_PCT = 15.0
COMMANDABLE_MODES = ("AUTOMATIC", "SEMIAUTOMATIC")
"""VDA 5050 2.1 6.10.6, 3.0 6.6.6: in every other mode fleet control is not in charge. An INTERVENED robot keeps its
order and takes orders for later, but no instant action besides cancelOrder, so it counts as not commandable."""
MODE_LINES = {
    "STARTUP": "Starting up, takes no orders yet",
    "INTERVENED": "A person has taken over at the robot; it keeps its order",
}
HIBERNATING = "hibernating"
SERIOUS_LEVELS = ("FATAL", "CRITICAL")
ACTING_STATES = ("INITIALIZING", "RUNNING", "PAUSED")

WORDS = {
    Status.UNKNOWN: "unknown",
    Status.IDLE: "idle",
    Status.DRIVING: "driving",
    Status.ACTING: "acting",
    Status.CHARGING: "charging",
    Status.HELD: "held",
    Status.WAITING: "waiting",
    Status.ERROR: "error",
    Status.OUT: "out of service",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one robot. Ages are seconds since receipt on the server, None = never received.

    `pending`: it still has nodes or actions of an order to do. `acting`: an action runs. `held`: a software stop or a
    hold of ours stands. `waiting`: in plain words, why it does not move, or "".
    """

    connection: str = "unknown"
    operating_mode: str = ""
    in_service: bool = True
    localized: bool = True
    driving: bool = False
    paused: bool = False
    charging: bool = False
    acting: bool = False
    pending: bool = False
    held: bool = False
    loaded: bool = False
    physical_stop: str = "NONE"
    field_violation: bool = False
    error_levels: tuple[str, ...] = ()
    battery: float | None = None
    state_age: float | None = None
    visualization_age: float | None = None
    waiting: str = ""
    work: str = ""


def is_stale(facts: Facts, *, state_s: float = STALE_STATE_S, visualization_s: float = STALE_VISUALIZATION_S) -> bool:
    """True when its last position may be wrong by now. A robot that never sent visualization is judged by its state.

    One that hibernates stands still and sends no states (3.0 6.2.3.1); the connection topic tells when that ends.
    """
    if facts.connection == HIBERNATING and facts.state_age is not None:
        return False
    if facts.state_age is None or facts.state_age > state_s:
        return True
    if not facts.driving or facts.visualization_age is None:
        return False
    return min(facts.visualization_age, facts.state_age) > visualization_s


def is_connected(facts: Facts) -> bool:
    return facts.connection == "online"


def _out_of_our_hands(facts: Facts) -> bool:
    return bool(facts.operating_mode) and facts.operating_mode not in COMMANDABLE_MODES


def is_commandable(facts: Facts) -> bool:
    """False where fleet control is not in charge or the robot cannot hear it (operating mode, broken connection)."""
    return is_connected(facts) and facts.operating_mode in COMMANDABLE_MODES


def needs_person(facts: Facts) -> bool:
    """True when only a person can help: physical stop, field violation, lost position, serious error."""
    return (
        facts.physical_stop != "NONE"
        or facts.field_violation
        or (facts.state_age is not None and not facts.localized)
        or any(level in SERIOUS_LEVELS for level in facts.error_levels)
    )


def judge(facts: Facts) -> Status:
    """The one word for the map and the lists; what keeps a robot from working outranks what it is doing."""
    if not facts.in_service:
        return Status.OUT
    if facts.state_age is None:
        return Status.UNKNOWN
    if facts.connection == HIBERNATING or _out_of_our_hands(facts):
        return Status.OUT
    if needs_person(facts):
        return Status.ERROR
    if facts.held or facts.paused:
        return Status.HELD
    if facts.charging:
        return Status.CHARGING
    if facts.driving:
        return Status.DRIVING
    if facts.acting:
        return Status.ACTING
    return Status.WAITING if facts.pending else Status.IDLE


def marks(facts: Facts, *, state_s: float = STALE_STATE_S, visualization_s: float = STALE_VISUALIZATION_S) -> Mark:
    found = Mark.NONE
    if is_stale(facts, state_s=state_s, visualization_s=visualization_s):
        found |= Mark.STALE
    if not is_connected(facts) and facts.connection != HIBERNATING:
        found |= Mark.DISCONNECTED
    if facts.loaded:
        found |= Mark.LOADED
    if facts.in_service and (needs_person(facts) or (facts.battery is not None and facts.battery < LOW_BATTERY_PCT)):
        found |= Mark.ATTENTION
    return found


def truth(facts: Facts) -> str:
    """One line: what it does, why it does not, and how old the knowledge is. Never says more than is known."""
    if facts.state_age is None:
        return "Nothing heard from it yet" if facts.in_service else "Out of service, nothing heard from it yet"
    age = f"data {_age(facts.state_age)} old"
    if facts.connection == HIBERNATING:
        return f"Hibernating, answers only when it is woken up, {age}"
    if not is_connected(facts):
        moving = ", may still be moving" if facts.driving or facts.pending else ""
        return f"Disconnected{moving}, {age}"
    return f"{_doing(facts)}, {age}"


def _doing(facts: Facts) -> str:
    status = judge(facts)
    if status is Status.OUT:
        mode = facts.operating_mode
        other = f"Not under fleet control ({mode.lower().replace('_', '-')})"
        return MODE_LINES.get(mode, other) if facts.in_service else "Out of service"
    if status is Status.ERROR:
        return _trouble(facts)
    if status is Status.HELD:
        return "Held by a software stop" if facts.held else "Paused at the robot"
    if status is Status.WAITING:
        return f"Waiting: {facts.waiting}" if facts.waiting else "Waiting"
    if facts.work and status in (Status.DRIVING, Status.ACTING):
        return f"Working on {facts.work}"
    return WORDS[status].capitalize()


def _trouble(facts: Facts) -> str:
    if facts.physical_stop != "NONE":
        return "Physical stop pressed at the robot"
    if facts.field_violation:
        return "Protective field violated"
    if not facts.localized:
        return "Does not know where it is"
    return "Reports an error that needs a person"


def _age(seconds: float) -> str:
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
