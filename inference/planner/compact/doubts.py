"""What makes a reading doubtful: signals for the calibration, and structural doubts that force a question.

The structural ones hold however probable the network finds its reading: they catch confident errors.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence

from inference.contract import Plan, PlanDraft, Vocabulary
from inference.core.grammar import plan_hash
from inference.core.plan_tokens import is_slot
from inference.planner.compact.decode import Readings
from inference.planner.compact.ground import Question
from inference.planner.compact.slots import Slotted
from inference.planner.compact.strangers import stranger, wonders
from inference.planner.names import suggestions

KNOWN_BITS = 1 << 17
_HALF_PAST = re.compile(r"\b(?:half|quarter) (?:past|to)\b", re.IGNORECASE)


def known_words(words: Iterable[str]) -> bytes:
    """A bit per hashed word that training saw: 16 KiB that say "never heard of" with few errors."""
    bits = bytearray(KNOWN_BITS // 8)
    for word in words:
        bit = _bit(word)
        bits[bit // 8] |= 1 << bit % 8
    return bytes(bits)


def _bit(word: str) -> int:
    return zlib.crc32(b"known " + word.encode("utf-8", "surrogatepass")) % KNOWN_BITS


def is_known(word: str, bits: bytes) -> bool:
    bit = _bit(word)
    return bool(bits[bit // 8] >> bit % 8 & 1)


def signals(
    readings: Readings,
    others: Sequence[float],
    plan: Plan,
    slotted: Slotted,
    known: bytes,
    second: PlanDraft,
    fuzzy: bool,
) -> dict[str, float]:
    """What the calibration looks at. `others`: log probabilities of the readings that mean something else; `second`:
    what the deterministic planner made of the text.
    """
    best = readings.found[0]
    used = {token for token in best.tokens if is_slot(token)}
    unused = [label for label in slotted.slots if label not in used]
    words = [w for w in slotted.words if w[:1].isalpha()]
    strange = sum(not is_known(w, known) for w in words)
    agree = second.plan is not None and plan_hash(second.plan) == plan_hash(plan)
    return {
        "logp": max(best.logp, -12.0),
        "weakest": best.weakest,
        "margin": min(best.logp - max(others, default=-20.0), 8.0),
        "spread": min(best.spread, 6.0),
        "doubtful_decision": 1.0 - readings.decisions.get("PLAN", 0.0),
        "refusal": readings.refusal(),
        "rules_agree": float(agree),
        "rules_differ": float(second.decision == "plan" and not agree),
        "unused_names": float(sum(label[0] in "PIR" for label in unused)),
        "unused_values": float(sum(label[0] in "NDTC" for label in unused)),
        "strange": strange / max(1, len(words)),
        "words": min(len(slotted.words), 60) / 10.0,
        "steps": float(len(plan.steps)),
        "unsure_link": 1.0 - min((slotted.slots[label].confidence for label in used), default=1.0),
        "fuzzy": float(fuzzy),
    }


def structural(
    plan: Plan, slotted: Slotted, vocabulary: Vocabulary, text: str = "", known: frozenset[int] = frozenset()
) -> Question | None:
    """The question a plan raises whatever its probability, or None."""
    for kind, status, candidates, _ in slotted.doubtful:
        if status == "ambiguous":
            return Question(f"ambiguous_{kind}", f"Which {kind} is meant?", candidates[:4])
        return Question(f"unknown_{kind}", f"There is no such {kind} here. Which {kind} is meant?", candidates[:4])
    if plan.robot is None and (who := stranger(text, slotted, known)) is not None:
        return Question(
            "unknown_robot", f'There is no robot called "{who}" here. Which robot is meant?', vocabulary.robots[:4]
        )
    if _too_late(plan, vocabulary.now):
        return Question("contradiction", "It would have to be done before it may begin. Which of the two times holds?")
    if _HALF_PAST.search(text) and not any(label.startswith("T") for label in slotted.slots):
        return Question("unclear_time", "There is no such time of day. At what time should it be?")
    if any(step.op in ("pick", "drop") for step in plan.steps) and wonders(text):
        return Question("not_understood", "Is that a question, or is something to be done? Please say what.")
    if any(_mentions(slotted, place) > 1 for place in plan.avoid):
        return Question("contradiction", "A place to be avoided is named a second time. Is it to be visited or not?")
    carried: dict[str, str | None] = {}
    for step in plan.steps:
        if step.op == "pick" and step.item is not None:
            carried[step.item] = step.at
        if step.op == "drop":
            if step.at is not None and step.at in carried.values():
                return Question(
                    "same_place", "It would be collected and put down at the same place. Where should it go?"
                )
            carried = {}
    goals = {s.at for s in plan.steps if s.at} | {p for s in plan.steps for p in s.places}
    if goals & set(plan.avoid):
        return Question("contradiction", "A place is both to be avoided and to be visited. Which holds?")
    for area in vocabulary.places:
        if area.id in goals and area.kind.startswith("zone"):
            inside = tuple(
                n for n in vocabulary.places
                if not n.kind.startswith("zone") and area.name.casefold() in n.name.casefold()
            )  # fmt: skip
            found = inside or suggestions(area.name, [n for n in vocabulary.places if not n.kind.startswith("zone")])
            return Question("ambiguous_place", f"{area.name} is an area. Which place in it?", found[:4])
    return None


def _too_late(plan: Plan, now: str) -> bool:
    """Whether the deadline comes before the start, both counted in minutes from the site's `now`."""
    start, deadline = plan.start or {}, plan.deadline or {}
    begins = _minutes(start.get("at"), start.get("in_s"), now)
    ends = _minutes(deadline.get("by"), deadline.get("within_s"), now)
    return begins is not None and ends is not None and ends <= begins


def _minutes(clock: str | None, seconds: float | None, now: str) -> float | None:
    if clock is None:
        return None if seconds is None else seconds / 60
    hour, minute = (int(part) for part in clock.split(":"))
    today, past = (int(part) for part in now.split(":"))
    return (hour * 60 + minute - today * 60 - past) % 1440


def _mentions(slotted: Slotted, place: str) -> int:
    """How often the text names the place."""
    labels = {f"<{label}>" for label, slot in slotted.slots.items() if [n.id for n in slot.named] == [place]}
    return sum(word in labels for word in slotted.words)
