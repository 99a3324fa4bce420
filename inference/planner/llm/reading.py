"""An answer becomes a draft: decoded, held against the text, with spans, slots and a confidence of its own."""

from __future__ import annotations

from dataclasses import replace

from inference.contract import Plan, PlanDraft, Slot
from inference.core.grammar import canonical
from inference.planner.llm.answer import Answer, Completion, decode
from inference.planner.llm.confidence import Certainty, certainty
from inference.planner.llm.doubts import first_doubt, is_used, used_ids, used_values
from inference.planner.llm.grounding import Grounded, Mention, Span, Value
from inference.planner.llm.schema import Offer
from inference.planner.modifiers import Problem

_VALUE_SLOTS = {"count": "quantity", "seconds": "duration", "percent": "percent", "clock": "time"}
_QUESTIONS = {
    "not_understood": "I did not understand what should be done. Please name the action, the item and the place.",
    "missing_item": "What should be carried?",
    "missing_place": "Which place is meant?",
    "missing_item_and_place": "What should be carried, and where to?",
    "ambiguous_item": "Which item is meant?",
    "ambiguous_place": "Which place is meant?",
    "ambiguous_robot": "Which robot is meant?",
    "unknown_item": "Which item is meant?",
    "unknown_place": "Which place is meant?",
    "unknown_robot": "Which robot is meant?",
    "two_robots": "A mission is for one robot. Which one should do it?",
    "unclear_number": "How many are meant?",
    "unclear_time": "At which clock time, or in how many minutes?",
    "unsupported_condition": "That condition cannot be part of a mission. How should it go on?",
    "unsupported_order": "In which order should it be done?",
    "negation": "Something is excluded here that a mission cannot express. What should be done instead?",
    "conflict": "Two things said here contradict each other. Which holds?",
    "question": "That is a question, not a mission. What should be done?",
}
# So many words without a use mean that a clause became nothing.
_MANY_WORDS = 5
# A model's refusal is not proof of ill will: only the guard's fixed rules say more than this.
_REFUSED = "That is not something the robots here can do. Say what should be moved, checked or visited."


def to_draft(grounded: Grounded, offered: Offer, completion: Completion) -> PlanDraft:
    """The draft of a completion. Raises BadAnswer (see `answer`). Model, version and time are the caller's to add."""
    answer = decode(completion.text, offered)
    sure = certainty(completion.text, completion.tokens)
    if answer.decision == "plan" and answer.plan is not None:
        return _planned(grounded, answer.plan, answer.unused, sure)
    slots = _slots(grounded, None, sure)
    if answer.decision == "refuse":
        return _draft("refuse", Problem(answer.reason or "", _REFUSED), slots, grounded, sure)
    return _draft("ask", _asked(answer, grounded), slots, grounded, sure)


def _planned(grounded: Grounded, plan: Plan, unused: tuple[str, ...], sure: Certainty | None) -> PlanDraft:
    slots = _slots(grounded, plan, sure)
    ignored = _ignored(grounded, plan, unused)
    confidence = _overall(grounded, sure, len(unused))
    final = canonical(plan)
    doubt = first_doubt(final, grounded)
    if doubt is None and len(unused) >= _MANY_WORDS:
        said = ", ".join(unused[:3])
        doubt = Problem("not_understood", f"Much of that was not understood ({said}). Please say it in simpler words.")
    if doubt is not None:
        return replace(_draft("ask", doubt, slots, grounded, sure), ignored=ignored, confidence=confidence)
    return PlanDraft("plan", final, slots=slots, ignored=ignored, confidence=confidence, language=grounded.language)


def _draft(
    decision: str,
    problem: Problem,
    slots: tuple[Slot, ...],
    grounded: Grounded,
    sure: Certainty | None,
) -> PlanDraft:
    return PlanDraft(
        decision,
        reason=problem.reason,
        question=problem.question,
        options=problem.options[:4],
        slots=slots,
        confidence=_overall(grounded, sure),
        language=grounded.language,
    )


def _asked(answer: Answer, grounded: Grounded) -> Problem:
    """A model's question in our words; where it gives no options, those the linker was unsure about."""
    reason = answer.reason or "not_understood"
    options = answer.options
    if not options:
        kind = reason.rpartition("_")[2]
        options = tuple(n for m in grounded.mentions if m.open and m.kind == kind for n in m.candidates)
    return Problem(reason, _QUESTIONS.get(reason, _QUESTIONS["not_understood"]), options[:4])


def _overall(grounded: Grounded, sure: Certainty | None, unused: int = 0) -> float | None:
    """The model's certainty times that of the links it built on, less for each word it left `unused`; None when the
    model's is not known.
    """
    if sure is None:
        return None
    linked = 0.8**unused
    for mention in grounded.mentions:
        linked *= mention.confidence if mention.meant else 1.0
    return round(max(0.0, min(1.0, sure.overall * linked)), 4)


# --- slots and what was ignored ---------------------------------------------------------------------------------------


def _slots(grounded: Grounded, plan: Plan | None, sure: Certainty | None) -> tuple[Slot, ...]:
    avoided = set(plan.avoid) if plan else set()
    out = [_mention_slot(mention, avoided, plan, sure) for mention in grounded.mentions]
    used = used_values(plan) if plan else set()
    out += [_value_slot(value, used) for value in grounded.values]
    for slot in grounded.modifiers.slots:
        agreed = plan is None or slot.value == {"priority": plan.priority, "speed": plan.speed}.get(slot.name)
        if slot.name in ("priority", "speed") and agreed:
            out.append(slot)
    kinds = {step.condition.kind for step in plan.steps if step.condition is not None} if plan else set()
    for atom in grounded.reading.atoms:
        kind = next((c[2:] for c in sorted(atom.cats) if c.startswith("c:") and c[2:] in kinds), None)
        if kind is not None:
            out.append(Slot("condition", kind, atom.text, (atom.start, atom.end), 0.9))
    return tuple(sorted(out, key=lambda slot: (slot.span, slot.name)))


def _mention_slot(mention: Mention, avoided: set[str], plan: Plan | None, sure: Certainty | None) -> Slot:
    named = mention.named or (mention.members[-1] if mention.members else None)
    name = "avoid" if mention.kind == "place" and named is not None and named.id in avoided else mention.kind
    confidence = mention.confidence if named is not None else 0.3
    if named is not None and plan is not None and sure is not None:
        confidence *= max((sure.parts.get(p, 1.0) for p in _pointers(plan, mention.kind, named.id)), default=1.0)
    others = mention.candidates or tuple(n for n in mention.members if n is not named)
    value = named.id if named is not None else None
    return Slot(name, value, mention.text, mention.span, round(confidence, 4), others[:4])


def _pointers(plan: Plan, kind: str, identifier: str) -> list[str]:
    """JSON pointers into the answer where a record stands; `plan` is as answered, not yet in canonical form."""
    base = "/answer/plan"
    if kind == "robot":
        return [f"{base}/robot"]
    field = "at" if kind == "place" else "item"
    out = [f"{base}/steps/{n}/{field}" for n, step in enumerate(plan.steps) if getattr(step, field) == identifier]
    if kind == "place":
        out += [f"{base}/avoid/{n}" for n, place in enumerate(plan.avoid) if place == identifier]
        out += [
            f"{base}/steps/{n}/places/{k}"
            for n, step in enumerate(plan.steps)
            for k, place in enumerate(step.places)
            if place == identifier
        ]
    return out


def _value_slot(value: Value, used: set[tuple[str, int | float | str]]) -> Slot:
    kind, said = next(
        (reading for reading in value.readings if reading in used), (value.readings or (("count", 0),))[0]
    )
    return Slot(_VALUE_SLOTS[kind], said, value.text, value.span, 0.95)


def _ignored(grounded: Grounded, plan: Plan, unused: tuple[str, ...]) -> tuple[Span, ...]:
    """What became nothing: words the model declares unused, and every name and value that the plan does not hold."""
    ids, values = used_ids(plan), used_values(plan)
    held = set().union(*ids.values())
    spans = [(a.start, a.end) for a in grounded.words if a.text in unused]
    spans += [m.span for m in grounded.mentions if not any(n.id in held for n in m.meant)]
    spans += [v.span for v in grounded.values if not is_used(v, values)]
    return tuple(sorted(set(spans)))
