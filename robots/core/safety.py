"""The safety supervisor between whatever proposes a motion and the wheels: code with no model in it.

Pure: no clock, no chance. Ages are measured by the caller on its own monotonic clock and given in seconds. Every
rule can only slow a robot down or stop it; nothing here widens the envelope (Machinery Regulation (EU) 2023/1230,
Annex III 1.2.1: limits not changeable by learning). It is not a certified safety function: the certified stop and the
scanners stay on the robot and below this.

Units: m, m/s, rad/s, rad, s. A robot drives forward or turns; a negative speed is never let through, because the
corridor and the ranges are judged in the direction of the heading.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

Point = tuple[float, float]

MAX_LEASE_TTL = 5.0
"""The longest validity, s, a robot grants any lease, whatever the message says."""

CREEP = 0.03
"""Below this speed, m/s, a robot that must slow down stands: else it would creep up without end."""


def lease_text(message: Mapping[str, Any]) -> bytes:
    """What is signed of a lease: the message without `sig` as JSON, keys sorted, no spaces, ASCII."""
    unsigned = {key: value for key, value in message.items() if key != "sig"}
    return json.dumps(unsigned, sort_keys=True, separators=(",", ":")).encode()


class LeaseRefused(ValueError):
    """A lease message that is not accepted; the text says why."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Permission to move: `epoch` and `counter` order the messages, `ttl`, `received_at`: s, robot's clock."""

    site: str
    epoch: int
    counter: int
    ttl: float
    held: frozenset[str]
    received_at: float

    def age(self, now: float) -> float:
        return now - self.received_at

    def allows(self, serial: str, now: float) -> bool:
        """True while it is fresh and does not hold this robot. A clock that ran backwards counts as expired."""
        return 0.0 <= self.age(now) <= self.ttl and serial not in self.held


def accept_lease(
    last: tuple[int, int] | None, message: Mapping[str, object], *, site: str, received_at: float
) -> Lease:
    """The lease in `message` (its signature is verified elsewhere), if it is newer than `last` = (epoch, counter).

    A repeated or older message is refused, so a recorded lease cannot keep a robot moving. Raises LeaseRefused.
    """
    if message.get("site") != site:
        raise LeaseRefused(f"the lease is for site {message.get('site')!r}, this robot belongs to {site!r}")
    epoch, counter, ttl_ms = message.get("epoch"), message.get("counter"), message.get("ttl_ms")
    for name, value in (("epoch", epoch), ("counter", counter), ("ttl_ms", ttl_ms)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise LeaseRefused(f"{name} must be a whole number of at least 0, not {value!r}")
    assert isinstance(epoch, int) and isinstance(counter, int) and isinstance(ttl_ms, int)
    held = message.get("held")
    if not isinstance(held, list) or not all(isinstance(serial, str) for serial in held):
        raise LeaseRefused("held must be a list of serial numbers")
    if last is not None and (epoch, counter) <= last:
        raise LeaseRefused(f"lease {epoch}/{counter} is not newer than {last[0]}/{last[1]}")
    return Lease(site, epoch, counter, min(ttl_ms / 1000, MAX_LEASE_TTL), frozenset(held), received_at)


class Rung(IntEnum):
    """How far the supervisor had to intervene, mildest first."""

    PASS = 0
    CLAMPED = 1
    SLOWED = 2
    STOPPED = 3
    STOP_AND_ASK = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """The envelope in force: the least of site, robot type, order and program. All values finite and not negative."""

    max_speed: float
    max_rotation: float
    person_clearance: float
    min_confidence: float
    max_decision_age: float
    robot_clearance: float = 0.15
    obstacle_clearance: float = 0.05
    deceleration: float = 1.0
    reaction: float = 0.15
    min_allowed_confidence: float = 0.05

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a finite number of at least 0, not {value!r}")

    @property
    def least_confidence(self) -> float:
        """Never 0: with a threshold of 0 a model that knows nothing would be trusted."""
        return max(self.min_confidence, self.min_allowed_confidence)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the policy proposes for this tick: m/s, rad/s, confidence 0..1 or None, age of the decision in s."""

    v: float
    omega: float
    confidence: float | None
    age: float


@dataclass(frozen=True, slots=True)
class Corridor:
    """The released way (VDA 5050 base) as a polyline, `half_width` m to each side, round at both ends."""

    points: tuple[Point, ...]
    half_width: float

    def distance(self, x: float, y: float) -> float:
        """From a point to the centre line, m; infinite when nothing is released."""
        if not self.points:
            return math.inf
        if len(self.points) == 1:
            return math.hypot(x - self.points[0][0], y - self.points[0][1])
        return min(_to_segment(x, y, a, b) for a, b in zip(self.points, self.points[1:], strict=False))


@dataclass(frozen=True, slots=True)
class Situation:
    """What the robot knows about itself now. `lease_ok`: fresh by its own clock (see `Lease.allows`).

    `person`, `robot`, `obstacle`: free distance in m from the robot's edge (person: all round; robot and obstacle:
    in the direction of travel); NaN counts as 0. `stopped` covers pause, cancelled orders and manual mode.
    """

    x: float
    y: float
    theta: float
    v: float
    lease_ok: bool
    held: bool
    stopped: bool
    corridor: Corridor
    person: float
    robot: float
    obstacle: float
    speed_limit: float = math.inf


@dataclass(frozen=True, slots=True)
class Verdict:
    """The command that may reach the wheels, how far the supervisor intervened and why (a code, "" when it did not)."""

    v: float
    omega: float
    rung: Rung
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SafetySupervisor:
    """Stateless, so that it has no mode in which it does not watch."""

    limits: Limits
    slow_band: float = 1.2
    """Over how many metres beyond a clearance the speed grows from 0 to the limit."""

    def filter(self, proposal: Proposal, situation: Situation) -> Verdict:
        """The proposal, made harmless. Never raises for any float in the proposal or the situation."""
        reason, rung = self._stop_reason(proposal, situation)
        if reason:
            return Verdict(0.0, 0.0, rung, reason)
        limits = self.limits
        top = min(limits.max_speed, _at_least_zero(situation.speed_limit))
        v = min(max(proposal.v, 0.0), top)
        omega = min(max(proposal.omega, -limits.max_rotation), limits.max_rotation)
        rung, reason = (Rung.PASS, "") if (v, omega) == (proposal.v, proposal.omega) else (Rung.CLAMPED, "envelope")
        for name, distance, clearance in (
            ("person", situation.person, limits.person_clearance),
            ("robot_ahead", situation.robot, limits.robot_clearance),
            ("obstacle", situation.obstacle, limits.obstacle_clearance),
        ):
            allowed = self._speed_at(_at_least_zero(distance) - clearance)
            if allowed < v:
                v, rung, reason = allowed, Rung.SLOWED if allowed > 0 else Rung.STOPPED, name
        slower = self._inside(v, situation)
        if slower < v:
            v, rung, reason = slower, Rung.SLOWED if slower > 0 else Rung.STOPPED, "corridor_end"
        return Verdict(v, omega, rung, reason)

    def _stop_reason(self, proposal: Proposal, situation: Situation) -> tuple[str, Rung]:
        """First rule that demands a stop. Order: what people and the fleet said, then the model, then the floor."""
        limits = self.limits
        pose = (situation.x, situation.y, situation.theta, situation.v)
        rules: tuple[tuple[bool, str, Rung], ...] = (
            (situation.held, "held", Rung.STOPPED),
            (situation.stopped, "stopped", Rung.STOPPED),
            (not situation.lease_ok, "lease_expired", Rung.STOPPED),
            (not all(map(math.isfinite, pose)), "pose_unknown", Rung.STOP_AND_ASK),
            (not (math.isfinite(proposal.v) and math.isfinite(proposal.omega)), "not_a_number", Rung.STOP_AND_ASK),
            (proposal.confidence is None, "confidence_missing", Rung.STOP_AND_ASK),
            (not _confident(proposal.confidence, limits.least_confidence), "confidence_low", Rung.STOP_AND_ASK),
            (not 0.0 <= proposal.age <= limits.max_decision_age, "decision_late", Rung.STOP_AND_ASK),
        )
        for applies, reason, rung in rules:
            if applies:
                return reason, rung
        if not situation.corridor.distance(situation.x, situation.y) <= situation.corridor.half_width:
            return "outside_corridor", Rung.STOP_AND_ASK
        if not situation.person > limits.person_clearance:
            return "person", Rung.STOPPED
        return "", Rung.PASS

    def _speed_at(self, free: float) -> float:
        """The speed from which the robot still stops within `free` metres, growing gently over the slow band."""
        if free <= 0:
            return 0.0
        a, t = self.limits.deceleration, self.limits.reaction
        stoppable = a * (math.sqrt(t * t + 2 * free / a) - t) if a > 0 else 0.0
        speed = min(stoppable, self.limits.max_speed * min(1.0, 0.2 + free / self.slow_band))
        return speed if speed >= CREEP else 0.0

    def _inside(self, v: float, situation: Situation) -> float:
        """The greatest of a few fractions of `v` whose stopping point still lies in the corridor; 0 if none does."""
        a, t = self.limits.deceleration, self.limits.reaction
        cos, sin = math.cos(situation.theta), math.sin(situation.theta)
        for part in (1.0, 0.7, 0.45, 0.25, 0.1):
            speed = v * part
            reach = speed * t + (speed * speed / (2 * a) if a > 0 else math.inf)
            if not math.isfinite(reach):
                continue
            where = situation.corridor.distance(situation.x + cos * reach, situation.y + sin * reach)
            if where <= situation.corridor.half_width:
                return speed
        return 0.0


def row_at(chunk: Sequence[Sequence[float]], dt: float, age: float) -> tuple[float, float]:
    """The (v, omega) row of an action chunk that is due `age` s after it was made; past its end: (0, 0)."""
    if not (dt > 0 and 0.0 <= age < dt * len(chunk)):
        return 0.0, 0.0
    v, omega = chunk[min(int(age / dt), len(chunk) - 1)]
    return float(v), float(omega)


def _confident(confidence: float | None, least: float) -> bool:
    """A confidence above 1 is as malformed as NaN: stop."""
    return confidence is not None and least <= confidence <= 1.0


def _at_least_zero(value: float) -> float:
    """NaN and negatives become 0, the side on which a wrong sensor stops the robot."""
    return value if value > 0 else 0.0


def _to_segment(x: float, y: float, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    t = ((x - a[0]) * dx + (y - a[1]) * dy) / length2 if length2 > 0 else 0.0
    t = min(max(t, 0.0), 1.0)
    return math.hypot(x - a[0] - t * dx, y - a[1] - t * dy)
