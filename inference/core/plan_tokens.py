"""Plans as short token sequences over the slots of a sentence, and the automaton of the sequences that are legal.

The compact planner's decoder writes these tokens and nothing else: at every position only what the grammar of plans and
the slots present in the sentence allow. Slots are pointers: `P0` the first place named, `I1` the second item, `R0` a
robot, `N0` a number, `D0` a duration, `T0` a time of day, `C0` a percentage. Pure.

    sequence := PLAN mission* step+ END | ASK.reason END | REFUSE.reason END
    mission  := one of MISSION, each at most once, in that order, with its parts
    step     := [IF.kind | IF.battery_below C] one of OPS with its parts

`SHAPES` holds the parts: (marker, slot kinds, how often), where "1" is needed, "?" may stand, "+" once or more; a
marker without slot kinds stands alone ("FULL": to 100 %, "ONCE": one round).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inference.contract import CONDITIONS

KINDS = "PIRNDTC"
# How many slots of each kind a sentence may have; what comes after them is left out and noticed as unused.
LIMITS: Mapping[str, int] = {"P": 12, "I": 6, "R": 4, "N": 8, "D": 4, "T": 4, "C": 3}
ASK_REASONS = (
    "ambiguous",
    "unknown_place",
    "unknown_item",
    "unknown_robot",
    "missing_place",
    "missing_item",
    "contradiction",
    "unsupported",
    "question",
    "not_understood",
)
REFUSE_REASONS = ("unsafe", "injection", "out_of_scope")

Part = tuple[str, str, str]
SHAPES: Mapping[str, tuple[Part, ...]] = {
    "ROBOT": (("", "R", "1"),),
    "HIGH": (),
    "LOW": (),
    "START": (("", "TND", "1"),),
    "DUE": (("", "TND", "1"),),
    "AVOID": (("", "P", "+"),),
    "SLOW": (),
    "REPEAT": (("", "N", "1"),),
    "EVERY": (("", "D", "1"),),
    "MOVE": (("", "P", "1"),),
    "PICK": (("", "I", "1"), ("AT", "P", "?"), ("QTY", "N", "?")),
    "DROP": (("", "I", "?"), ("AT", "P", "1")),
    "SCAN": (("", "I", "?"), ("AT", "P", "?")),
    "INSPECT": (("", "I", "?"), ("AT", "P", "?")),
    "WAIT": (("", "D", "1"),),
    "CONFIRM": (),
    "CHARGE": (("AT", "P", "?"), ("FULL", "", "?"), ("TO", "CN", "?")),
    "PATROL": (("", "P", "+"), ("ONCE", "", "?"), ("TIMES", "N", "?"), ("FOR", "D", "?")),
    "REPORT": (),
    "HOME": (),
}
MISSION = tuple(SHAPES)[:9]
OPS = tuple(SHAPES)[9:]
MAX_STEPS = 12
MAX_TOKENS = 72
_IFS = tuple(f"IF.{kind}" for kind in CONDITIONS)

TOKENS: tuple[str, ...] = (
    "PAD",
    "BEGIN",
    "END",
    "PLAN",
    *(f"ASK.{reason}" for reason in ASK_REASONS),
    *(f"REFUSE.{reason}" for reason in REFUSE_REASONS),
    *SHAPES,
    *dict.fromkeys(marker for parts in SHAPES.values() for marker, _, _ in parts if marker),
    *_IFS,
    *(f"{kind}{n}" for kind in KINDS for n in range(LIMITS[kind])),
)
INDEX: Mapping[str, int] = {token: n for n, token in enumerate(TOKENS)}
DECISIONS = tuple(t for t in TOKENS if t == "PLAN" or t.startswith(("ASK.", "REFUSE.")))
_SLOTS = frozenset(f"{kind}{n}" for kind in KINDS for n in range(LIMITS[kind]))


@dataclass(frozen=True, slots=True)
class State:
    """Where a sequence stands. `head`: the word whose parts are open; `part`: the first part that may still come;
    `marked`: the part's marker stands and its slot must follow; `listed`: slots of a list so far; `closed`: how many of
    MISSION can no longer come; `conditioned`: a condition waits for its step.
    """

    phase: str = "begin"
    head: str = ""
    part: int = 0
    marked: bool = False
    listed: tuple[str, ...] = ()
    closed: int = 0
    steps: int = 0
    conditioned: bool = False


def is_slot(token: str) -> bool:
    return token in _SLOTS


def legal(state: State, slots: Mapping[str, int]) -> list[str]:
    """The tokens that may come next; `slots` is how many slots of each kind the sentence has. Never empty."""
    if state.phase == "begin":
        return list(DECISIONS)
    if state.phase == "end":
        return ["END"]
    if state.head == "IF.battery_below":
        return _of("CN", slots)
    out: list[str] = []
    parts = SHAPES.get(state.head, ())
    for n in range(state.part, len(parts)):
        marker, kinds, often = parts[n]
        if state.marked:
            return _of(kinds, slots)
        if marker:
            out += [marker] if not kinds or _of(kinds, slots) else []
        else:
            out += _of(kinds, slots, state.listed)
        if often == "1" or (often == "+" and not state.listed):
            return out
    return out + _heads(state, slots)


def _heads(state: State, slots: Mapping[str, int]) -> list[str]:
    out = [] if state.steps or state.conditioned else [w for w in MISSION[state.closed :] if _possible(w, slots)]
    if state.steps < MAX_STEPS or state.conditioned:
        if not state.conditioned:
            out += [c for c in _IFS if c != "IF.battery_below" or _of("CN", slots)]
        out += [op for op in OPS if _possible(op, slots)]
    if state.steps and not state.conditioned:
        out.append("END")
    return out


def _possible(head: str, slots: Mapping[str, int]) -> bool:
    return all(often == "?" or _of(kinds, slots) for _, kinds, often in SHAPES[head])


def _of(kinds: str, slots: Mapping[str, int], taken: Sequence[str] = ()) -> list[str]:
    names = [f"{kind}{n}" for kind in kinds for n in range(min(slots.get(kind, 0), LIMITS[kind]))]
    return [name for name in names if name not in taken]


def advance(state: State, token: str) -> State:
    """The state after `token`, which must be legal in `state`; raises ValueError for one that no state allows."""
    if state.phase == "begin":
        if token not in DECISIONS:
            raise ValueError(f"{token} is not a decision")
        return State("plan" if token == "PLAN" else "end")
    if token == "END":
        return replace(state, phase="end")
    if token in _IFS:
        return State("plan", token if token == "IF.battery_below" else "", 0, False, (), 9, state.steps, True)
    if token in SHAPES:
        mission = token in MISSION
        closed = MISSION.index(token) + 1 + (token == "HIGH") if mission else len(MISSION)
        return State("plan", token, 0, False, (), closed, state.steps + (not mission), False)
    if state.head == "IF.battery_below":
        return replace(state, head="")
    parts = SHAPES.get(state.head, ())
    for n in range(state.part, len(parts)):
        marker, kinds, often = parts[n]
        if token == marker and not state.marked:
            # Of the ways to say how far or how often, one shuts out the others.
            return replace(state, part=n, marked=True) if kinds else replace(state, part=len(parts))
        if token[:1] in kinds and is_slot(token) and (state.marked or not marker):
            if often == "+":
                return replace(state, part=n, listed=(*state.listed, token))
            return replace(state, part=len(parts) if marker == "TIMES" else n + 1, marked=False)
    raise ValueError(f"{token} cannot follow here ({state})")


def read(tokens: Sequence[str]) -> tuple[str, list[tuple[str, dict[str, list[str]]]]]:
    """The decision and, for a plan, its words in order: (word, {marker or "": slots, "if": [kind, percentage slot?]}).

    Raises ValueError where the sequence is not one of the automaton's.
    """
    if not tokens or tokens[0] not in DECISIONS:
        raise ValueError("a sequence begins with a decision")
    words: list[tuple[str, dict[str, list[str]]]] = []
    marker, condition, state = "", [], State()
    for token in tokens:
        every = dict(LIMITS)
        if token not in legal(state, every):
            raise ValueError(f"{token} cannot follow here ({state})")
        if token in _IFS:
            condition = [token[3:]]
        elif token in SHAPES:
            words.append((token, {"if": condition} if condition else {}))
            marker, condition = "", []
        elif is_slot(token) and condition:
            condition.append(token)
        elif is_slot(token):
            words[-1][1].setdefault(marker, []).append(token)
            marker = ""
        elif token in ("FULL", "ONCE"):
            words[-1][1][token] = []
        elif token not in ("END", *DECISIONS):
            marker = token
        state = advance(state, token)
    if state.phase != "end":
        raise ValueError("the sequence does not come to its end")
    return tokens[0], words
