"""From plan tokens over slots to a plan over the site's records, or to the question that stands in the way.

Nothing is guessed: a time that cannot be read as one, a place that stands for several, a plan that the closed grammar
cannot hold, each becomes a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inference.contract import Condition, GrammarError, Json, Named, Plan, Step, plan_to_json
from inference.core.grammar import canonical, plan_from_json
from inference.core.plan_tokens import read
from inference.planner.compact.slots import Slot


@dataclass(frozen=True, slots=True)
class Question:
    """Why a person must be asked: `reason` is the draft's code, `options` records to choose from."""

    reason: str
    text: str
    options: tuple[Named, ...] = ()


class _Unclear(Exception):
    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


def ground(tokens: Sequence[str], slots: Mapping[str, Slot]) -> Plan | Question:
    """The canonical plan that `tokens` (a PLAN sequence) say, or the question it raises."""
    _, words = read(tokens)
    try:
        return canonical(plan_from_json(plan_to_json(_Grounding(slots).plan(words))))
    except _Unclear as unclear:
        return unclear.question
    except GrammarError as error:
        return Question("out_of_bounds", f"That cannot be planned: {error.message}. Please say it differently.")


class _Grounding:
    def __init__(self, slots: Mapping[str, Slot]) -> None:
        self.slots = slots

    def plan(self, words: Sequence[tuple[str, Mapping[str, Sequence[str]]]]) -> Plan:
        plan = Plan(())
        steps: list[Step] = []
        for word, parts in words:
            labels = list(parts.get("", ()))
            if word == "ROBOT":
                plan = replace(plan, robot=self.one(labels[0]))
            elif word in ("HIGH", "LOW"):
                plan = replace(plan, priority=word.lower())
            elif word == "START":
                plan = replace(plan, start=self.time(labels[0], "at", "in_s"))
            elif word == "DUE":
                plan = replace(plan, deadline=self.time(labels[0], "by", "within_s"))
            elif word == "AVOID":
                plan = replace(
                    plan, avoid=tuple(dict.fromkeys(n.id for label in labels for n in self.slots[label].named))
                )
            elif word == "SLOW":
                plan = replace(plan, speed="slow")
            elif word == "REPEAT":
                plan = replace(plan, repeat={"times": self.slots[labels[0]].value})
            elif word == "EVERY":
                plan = replace(plan, repeat={"every_s": self.slots[labels[0]].value})
            else:
                steps += self.steps(word, labels, parts)
        if plan.repeat and "every_s" in plan.repeat:
            # "Every hour walk A and B": a round that never ends could not be begun again.
            steps = [replace(s, times=1) if s.op == "patrol" and s.times is s.seconds is None else s for s in steps]
        return replace(plan, steps=tuple(steps))

    def one(self, label: str) -> str:
        named = self.slots[label].named
        if len(named) != 1:
            kind = {"P": "place", "I": "item", "R": "robot"}[label[0]]
            raise _Unclear(
                Question(f"ambiguous_{kind}", f'Which {kind} is meant by "{self.slots[label].text}"?', named[:4])
            )
        return named[0].id

    def time(self, label: str, clock: str, span: str) -> Json:
        slot = self.slots[label]
        if label[0] == "D":
            return {span: slot.value}
        if slot.clock is None:
            raise _Unclear(Question("unclear_time", f'Which time is meant by "{slot.text}"?'))
        return {clock: slot.clock}

    def steps(self, word: str, labels: Sequence[str], parts: Mapping[str, Sequence[str]]) -> list[Step]:
        condition = None
        if found := parts.get("if"):
            percent = self.slots[found[1]].value if len(found) > 1 else None
            condition = Condition(found[0], None if percent is None else float(percent))
        step = Step(word.lower(), condition=condition)
        if word == "CONFIRM":
            return [replace(step, op="wait", until="confirmed")]
        if word == "WAIT":
            return [replace(step, seconds=float(self.slots[labels[0]].value or 0))]
        if word == "PATROL":
            return [self.patrol(step, labels, parts)]
        if word == "MOVE":
            return [replace(step, at=n.id) for n in self.slots[labels[0]].named]
        if word in ("PICK", "DROP", "SCAN", "INSPECT") and labels:
            step = replace(step, item=self.one(labels[0]))
        if quantity := parts.get("QTY"):
            step = replace(step, qty=self.slots[quantity[0]].value)
        if word == "CHARGE":
            percent = self.slots[parts["TO"][0]].value if "TO" in parts else 100 if "FULL" in parts else None
            step = replace(step, to_pct=None if percent is None else float(percent))
        places = parts.get("AT", ())
        if not places:
            return [step]
        if word in ("SCAN", "INSPECT"):
            return [replace(step, at=n.id) for n in self.slots[places[0]].named]
        return [replace(step, at=self.one(places[0]))]

    def patrol(self, step: Step, labels: Sequence[str], parts: Mapping[str, Sequence[str]]) -> Step:
        places = tuple(dict.fromkeys(n.id for label in labels for n in self.slots[label].named))
        times = 1 if "ONCE" in parts else self.slots[parts["TIMES"][0]].value if "TIMES" in parts else None
        seconds = float(self.slots[parts["FOR"][0]].value or 0) if "FOR" in parts else None
        return replace(step, places=places, times=times, seconds=seconds)
