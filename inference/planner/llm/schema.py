"""The JSON schema of an answer, made for one text: only what that text names can be written at all.

`Offer` holds what an answer may name, by the handle it is named with. `schema(offer)` is JSON Schema 2020-12 within
the subset that OpenAI's strict structured output, vLLM, llama.cpp and llguidance share: a root object, `anyOf`, `enum`,
all properties required, none else allowed, arrays with bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inference.contract import CONDITIONS, PRIORITIES, Json, Named
from inference.planner.llm.grounding import Grounded

MAX_STEPS = 16
MAX_PLACES = 12
MAX_WORDS = 40
ASK_REASONS = (
    "not_understood",
    "missing_item",
    "missing_place",
    "missing_item_and_place",
    "ambiguous_item",
    "ambiguous_place",
    "ambiguous_robot",
    "unknown_item",
    "unknown_place",
    "unknown_robot",
    "two_robots",
    "unclear_number",
    "unclear_time",
    "unsupported_condition",
    "unsupported_order",
    "negation",
    "conflict",
    "question",
)
REFUSE_REASONS = ("unsafe", "protection", "injection", "out_of_scope")
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,47}", re.ASCII)

Scalar = int | str


@dataclass(frozen=True, slots=True)
class Offer:
    """What an answer may name: handle -> record, and handle -> value. In the plain form the handle is the id or the
    value itself; a redacted offer has handles that say nothing (see `redaction`).
    """

    places: Mapping[str, Named]
    items: Mapping[str, Named]
    robots: Mapping[str, Named]
    counts: Mapping[Scalar, Scalar] = field(default_factory=dict)
    seconds: Mapping[Scalar, Scalar] = field(default_factory=dict)
    percents: Mapping[Scalar, Scalar] = field(default_factory=dict)
    clocks: Mapping[Scalar, Scalar] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    def handle(self, kind: str, record: Named) -> str | None:
        """How an answer names `record`, or None when it may not."""
        table = {"place": self.places, "item": self.items, "robot": self.robots}[kind]
        return next((handle for handle, named in table.items() if named.id == record.id), None)


def offer(grounded: Grounded) -> Offer:
    """The plain offer: real ids (where they are short and simple) and real values."""

    def values(kind: str) -> dict[Scalar, Scalar]:
        return {value: value for value in grounded.choices(kind)}

    return Offer(
        places=handles("p", grounded.records("place")),
        items=handles("i", grounded.records("item")),
        robots=handles("r", grounded.records("robot")),
        counts=values("count"),
        seconds=values("seconds"),
        percents=values("percent"),
        clocks=values("clock"),
        words=words_of(grounded),
    )


def words_of(grounded: Grounded) -> tuple[str, ...]:
    """The words with a sense that the linker gave no meaning: what an answer may declare unused."""
    return tuple(dict.fromkeys(atom.text for atom in grounded.words))[:MAX_WORDS]


def handles(letter: str, records: Iterable[Named]) -> dict[str, Named]:
    """An id stands for itself; one with spaces, quotes or markup gets a handle that no id of the site has."""
    records = tuple(records)
    taken = {record.id for record in records}
    out: dict[str, Named] = {}
    for number, record in enumerate(records, 1):
        handle = record.id
        if not _PLAIN_ID.fullmatch(handle):
            handle = f"{letter}{number}"
            while handle in taken or handle in out:
                handle += "x"
        out[handle] = record
    return out


def schema(offered: Offer, max_steps: int = MAX_STEPS) -> Json:
    """JSON schema of `{"answer": plan | ask | refuse}` over what is offered."""
    steps = _steps(offered)
    forms = [_ask(offered), _object(decision=_const("refuse"), reason=_enum(REFUSE_REASONS))]
    if steps:
        forms.insert(0, _plan(offered, steps, max_steps))
    return _object(answer={"anyOf": forms})


def _plan(offered: Offer, steps: list[Json], max_steps: int) -> Json:
    plan = _object(
        robot=_maybe(offered.robots),
        priority=_enum(PRIORITIES),
        start=_either(_field("at", offered.clocks), _field("in_s", offered.seconds)),
        deadline=_either(_field("by", offered.clocks), _field("within_s", offered.seconds)),
        avoid=_list(offered.places, 0),
        speed=_enum([None, "slow"]),
        repeat=_either(_field("times", offered.counts), _field("every_s", offered.seconds)),
        steps={"type": "array", "items": {"anyOf": steps}, "minItems": 1, "maxItems": max_steps},
    )
    return _object(decision=_const("plan"), plan=plan, unused=_list(offered.words, 0, MAX_WORDS))


def _ask(offered: Offer) -> Json:
    named = {**offered.places, **offered.items, **offered.robots}
    return _object(decision=_const("ask"), reason=_enum(ASK_REASONS), options=_list(named, 0, 4))


def _steps(offered: Offer) -> list[Json]:
    """One form per operation, its fields as in `contract.STEP_FIELDS`; operations that need what is not there go."""
    place, item = _maybe(offered.places), _maybe(offered.items)
    seconds, counts = list(offered.seconds), _maybe(offered.counts)
    out = [
        _step("drop", offered, item=item, at=place),
        _step("scan", offered, item=item, at=place),
        _step("inspect", offered, item=item, at=place),
        _step("wait", offered, until=_const("confirmed")),
        _step("charge", offered, at=place, to_pct=_maybe(p for p, value in offered.percents.items() if value != 0)),
        _step("report", offered),
        _step("home", offered),
    ]
    if offered.items:
        out.append(_step("pick", offered, item=_enum(offered.items), qty=counts, at=place))
    if seconds:
        out.append(_step("wait", offered, seconds=_enum(seconds)))
    if offered.places:
        out.append(_step("move", offered, at=_enum(offered.places)))
        out.append(_step("patrol", offered, places=_list(offered.places, 1), times=counts))
        if seconds:
            out.append(_step("patrol", offered, places=_list(offered.places, 1), seconds=_enum(seconds)))
    return out


def _step(op: str, offered: Offer, **fields: Json) -> Json:
    kinds = [kind for kind in CONDITIONS if kind != "battery_below"]
    conditions = [_null(), _object(kind=_enum(kinds))]
    if offered.percents:
        conditions.append(_object(kind=_const("battery_below"), pct=_enum(offered.percents)))
    return _object(**{"op": _const(op), **fields, "if": {"anyOf": conditions}})


def _object(**properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _enum(values: Iterable[Scalar | None]) -> Json:
    """One of `values`, with the types that strict validators want beside an enum."""
    listed = list(values)
    names = {type(None): "null", str: "string", int: "integer"}
    types = list(dict.fromkeys(names[type(value)] for value in listed))
    return {"type": types[0] if len(types) == 1 else types, "enum": listed}


def _const(value: str) -> Json:
    return _enum([value])


def _null() -> Json:
    return {"type": "null"}


def _maybe(values: Iterable[Scalar]) -> Json:
    return _enum([None, *values])


def _list(values: Iterable[Scalar], least: int, most: int = MAX_PLACES) -> Json:
    known = list(values)
    if not known:
        return {"type": "array", "items": {"type": "string"}, "maxItems": 0}
    return {"type": "array", "items": _enum(known), "minItems": least, "maxItems": most}


def _field(name: str, values: Mapping[Scalar, Scalar]) -> Json | None:
    return _object(**{name: _enum(values)}) if values else None


def _either(*forms: Json | None) -> Json:
    return {"anyOf": [_null(), *(form for form in forms if form is not None)]}
