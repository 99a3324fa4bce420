"""What the robot model is given and what it gives back: the only module of `inference` other apps import.

Plain frozen dataclasses and JSON forms; no Django, no torch, no clock. A planner turns a `PlanRequest` into a
`PlanDraft`; a policy turns an `Observation` into a `Decision`; dispatch hands the onboard worker a
`MissionProgram`. The plan grammar is closed: an operation, a condition or a field that is not named here does not
exist, so nothing a model writes can mean more than this file says.

JSON forms are what travels (Celery, REST, database). `to_json` gives plain dicts and lists; `from_json` accepts
only this grammar and raises `GrammarError`, naming the place with a JSON pointer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

OPS = ("move", "pick", "drop", "scan", "inspect", "wait", "charge", "patrol", "report", "home")
CONDITIONS = ("battery_below", "blocked", "empty", "missing", "damaged", "full", "ok")
PRIORITIES = ("low", "normal", "high")
DECISIONS = ("plan", "ask", "refuse")
LEVELS = ("high", "medium", "low")
# Where words may come from: typed by the requester, or brought along from elsewhere.
ORIGINS = ("person", "api", "wms", "label", "import")
# Which fields each operation uses; the others stay None.
STEP_FIELDS: Mapping[str, frozenset[str]] = {
    "move": frozenset({"at"}),
    "pick": frozenset({"item", "at", "qty"}),
    "drop": frozenset({"at", "item"}),
    "scan": frozenset({"at", "item"}),
    "inspect": frozenset({"at", "item"}),
    "wait": frozenset({"seconds", "until"}),
    "charge": frozenset({"at", "to_pct"}),
    "patrol": frozenset({"places", "times", "seconds"}),
    "report": frozenset(),
    "home": frozenset(),
}

Json = dict[str, Any]


class GrammarError(ValueError):
    """A plan that the closed grammar cannot express. `pointer` is a JSON pointer (RFC 6901) into what was given."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or '/'}: {message}")
        self.pointer = pointer
        self.message = message


# --- the plan -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """`kind` is one of CONDITIONS; `pct` (0..100) only with `battery_below`. Judged on the step before."""

    kind: str
    pct: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Ids name the site's own records (station, item); fields that an `op` does not use stay None.

    move(at) pick(item, at?, qty?) drop(at, item?) scan(at, item?) inspect(at, item?) wait(seconds | until="confirmed")
    charge(at?, to_pct?) patrol(places, times? | seconds?) report() home(). Seconds in s, `to_pct` in percent.
    """

    op: str
    at: str | None = None
    item: str | None = None
    qty: int | None = None
    seconds: float | None = None
    until: str | None = None
    to_pct: float | None = None
    places: tuple[str, ...] = ()
    times: int | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A mission in the closed grammar. `robot` None means any.

    start: {"at": "HH:MM"} | {"in_s": n}; deadline: {"by": "HH:MM"} | {"within_s": n}; repeat: {"times": n} |
    {"every_s": n}. Clock times are the site's local time, the next such time after the site's `now`.
    """

    steps: tuple[Step, ...]
    robot: str | None = None
    priority: str = "normal"
    start: Mapping[str, Any] | None = None
    deadline: Mapping[str, Any] | None = None
    avoid: tuple[str, ...] = ()
    speed: str | None = None
    repeat: Mapping[str, Any] | None = None


# --- words to plan --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A record of the site a text may name: `id`, its `name`, and what else people call it."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a planner may use of one site. `now` is the site's local time "HH:MM". `hash` names this snapshot."""

    site: str
    now: str
    places: tuple[Named, ...]
    items: tuple[Named, ...]
    robots: tuple[Named, ...]
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the characters [start, end) of a text come from: one of ORIGINS. What is not covered is the requester's."""

    start: int
    end: int
    origin: str


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`planner` names who shall read it ("": the installation's). `origins` are for the record; words are data."""

    text: str
    vocabulary: Vocabulary
    language: str | None = None
    request_id: str = ""
    planner: str = ""
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One grounded entity. `span` is [start, end) in characters of the text; `candidates`: other readings.

    name: item | place | robot | quantity | time | duration | percent | priority | speed | avoid | repeat | condition.
    """

    name: str
    value: Any
    text: str
    span: tuple[int, int]
    confidence: float
    candidates: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What a planner proposes. Nothing in it is trusted: the validator has the last word.

    decision: plan | ask | refuse. `reason` is a code (ask: ambiguous_place, unknown_place, missing_item, ...; refuse:
    unsafe, injection, out_of_scope, ...). `confidence` is 0..1, or None when missing (which counts as stop);
    `calibrated` says whether it was fitted on human-written cases. `ignored` are spans that became nothing.

    `run_at` and `ask_at` are the confidences from which a plan is of high and of medium level; None leaves them to the
    reader of the draft. `alternatives` are other readings of the whole text, likeliest first. `blocked` says in plain
    words which part of the text no step carries: such a plan is shown and never dispatched.
    """

    decision: str
    plan: Plan | None = None
    reason: str | None = None
    question: str | None = None
    options: tuple[Named, ...] = ()
    slots: tuple[Slot, ...] = ()
    ignored: tuple[tuple[int, int], ...] = ()
    confidence: float | None = None
    calibrated: bool = False
    language: str | None = None
    model: str = ""
    version: str = ""
    elapsed_ms: float = 0.0
    run_at: float | None = None
    ask_at: float | None = None
    alternatives: tuple[Plan, ...] = ()
    blocked: str | None = None


# --- plan to motion -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Envelope:
    """Limits no model may widen: m/s, rad/s, m (distance kept from people), kg, least confidence, decision age s."""

    version: str
    max_speed: float
    max_rotation: float
    person_clearance: float
    max_payload: float
    min_confidence: float
    max_decision_age: float


@dataclass(frozen=True, slots=True)
class ProgramStep:
    """A grounded step for the onboard worker: `index` in the plan, `node` where it happens."""

    index: int
    op: str
    node: str | None
    station: str | None = None
    item: str | None = None
    item_name: str | None = None
    qty: int | None = None


@dataclass(frozen=True, slots=True)
class MissionProgram:
    """What Celery carries to the onboard worker (queue `onboard.<serial>`); idempotent by `attempt`.

    `instruction` is the text as typed, `steps` the grounded steps, `bundle` the pinned model version.
    """

    attempt: str
    mission: str
    serial: str
    instruction: str
    bundle: str
    envelope: Envelope
    steps: tuple[ProgramStep, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """One robot at one instant. frames: uint8 [n_cam, H, W, 3]; proprioception: float32 [P].

    `target` is (x m, y m, theta rad) in the robot's frame.
    Arrays are typed Any so that this module needs no numpy.
    """

    frames: Any
    proprioception: Any
    target: tuple[float, float, float]
    skill: str
    text: str
    embodiment: str
    t_monotonic: float


@dataclass(frozen=True, slots=True)
class Decision:
    """A policy's answer. chunk: float32 [H, 2] of (v m/s, omega rad/s), one row each `dt` s. Confidence None = stop."""

    chunk: Any
    dt: float
    confidence: float | None
    valid_until: float
    result: str | None = None
    seen: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)


# --- JSON forms -----------------------------------------------------------------------------------------------------


def step_to_json(step: Step) -> Json:
    """The step with only the fields it uses, the condition under `if` (the case format's spelling)."""
    out: Json = {"op": step.op}
    for key in ("at", "item", "qty", "seconds", "until", "to_pct", "times"):
        if (value := getattr(step, key)) is not None:
            out[key] = value
    if step.places:
        out["places"] = list(step.places)
    if step.condition is not None:
        out["if"] = {"kind": step.condition.kind}
        if step.condition.pct is not None:
            out["if"]["pct"] = step.condition.pct
    return out


def plan_to_json(plan: Plan) -> Json:
    return {
        "robot": plan.robot,
        "priority": plan.priority,
        "start": dict(plan.start) if plan.start else None,
        "deadline": dict(plan.deadline) if plan.deadline else None,
        "avoid": list(plan.avoid),
        "speed": plan.speed,
        "repeat": dict(plan.repeat) if plan.repeat else None,
        "steps": [step_to_json(step) for step in plan.steps],
    }


def draft_to_json(draft: PlanDraft) -> Json:
    out = asdict(draft)
    out["plan"] = plan_to_json(draft.plan) if draft.plan else None
    out["alternatives"] = [plan_to_json(plan) for plan in draft.alternatives]
    return out


def program_to_json(program: MissionProgram) -> Json:
    return asdict(program)


def named_from_json(rows: Sequence[Json]) -> tuple[Named, ...]:
    return tuple(Named(r["id"], r["name"], tuple(r.get("aliases") or ()), r.get("kind", "")) for r in rows)


def request_to_json(request: PlanRequest) -> Json:
    return asdict(request)


def request_from_json(data: Json) -> PlanRequest:
    v = data["vocabulary"]
    vocabulary = Vocabulary(
        site=v["site"],
        now=v["now"],
        places=named_from_json(v["places"]),
        items=named_from_json(v["items"]),
        robots=named_from_json(v["robots"]),
        hash=v.get("hash", ""),
    )
    origins = tuple(Origin(o["start"], o["end"], o["origin"]) for o in data.get("origins") or ())
    return PlanRequest(
        data["text"], vocabulary, data.get("language"), data.get("request_id", ""), data.get("planner") or "", origins
    )


def program_from_json(data: Json) -> MissionProgram:
    return MissionProgram(
        attempt=data["attempt"],
        mission=data["mission"],
        serial=data["serial"],
        instruction=data["instruction"],
        bundle=data["bundle"],
        envelope=Envelope(**data["envelope"]),
        steps=tuple(ProgramStep(**step) for step in data["steps"]),
    )


def plan_from_json(data: Any) -> Plan:
    """The plan in `data`; raises GrammarError at the first place that is not of the closed grammar."""
    from inference.core import grammar  # grammar builds on this module

    return grammar.plan_from_json(data)


def canonical(plan: Plan) -> Plan:
    """The same meaning in its one spelling: moves folded into the steps they lead to, the self-evident left out."""
    from inference.core import grammar

    return grammar.canonical(plan)


def plan_hash(plan: Plan) -> str:
    """SHA-256 (hex) over the canonical plan: equal for two plans that mean the same."""
    from inference.core import grammar

    return grammar.plan_hash(plan)


Level = Literal["high", "medium", "low"]


class Planner:
    """The planner interface. `name` and `version` are shown on the page and kept with every interpretation."""

    name: str = ""
    version: str = ""

    def interpret(self, request: PlanRequest) -> PlanDraft:
        raise NotImplementedError


class Policy:
    """The policy interface: one call, one robot or a batch; torch lives behind it."""

    name: str = ""
    version: str = ""

    def act(self, observations: Sequence[Observation]) -> list[Decision]:
        raise NotImplementedError
