"""The compact planner: link, read with a small ensemble under the plan grammar, doubt, and say how sure it is.

text -> guard -> language -> linker -> slots -> beam search -> plan over the site's records -> structural doubts ->
calibrated probability -> plan | ask | refuse. The deterministic planner reads along as an independent second reader.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import torch

from inference.contract import Named, Plan, PlanDraft, Planner, PlanRequest, Slot
from inference.core.calibration import Signals
from inference.core.grammar import plan_hash
from inference.core.plan_tokens import is_slot
from inference.planner import guard
from inference.planner.baseline import MAX_TEXT, RulesPlanner
from inference.planner.compact import bundle as bundles
from inference.planner.compact.decode import Hypothesis, Readings, search
from inference.planner.compact.doubts import is_known, signals, structural
from inference.planner.compact.ground import Question, ground
from inference.planner.compact.slots import Slot as Linked
from inference.planner.compact.slots import Slotted, delexicalise
from inference.planner.reading import Reading, read

# From this probability of a refusal on, a plan is asked about however probable it is itself.
REFUSAL_DOUBT = 0.15
# From this probability on a sentence is refused and not only asked about.
REFUSE_AT = 0.5
# Doubts of the deterministic reader that are hardly ever unfounded; its others only count in the calibration.
VETOES = frozenset({"same_place", "conflicting_time", "conflicting_priority", "unclear_time"})
_SLOT_NAMES = {
    "P": "place", "I": "item", "R": "robot", "N": "quantity", "D": "duration", "T": "time", "C": "percent",
}  # fmt: skip
_REFUSALS = {
    "unsafe": "This would put people or the site at risk and is never sent to a robot.",
    "injection": "The text tries to change the rules the planner works under. Say only what should be done.",
    "out_of_scope": "I did not understand this as work for a robot here. Say what should be moved, checked or visited.",
}
_QUESTIONS = {
    "ambiguous": "That fits more than one record here. Which one is meant?",
    "unknown_place": "A place is named that this site does not have. Which place is meant?",
    "unknown_item": "An item is named that this site does not have. Which item is meant?",
    "unknown_robot": "A robot is named that this site does not have. Which robot is meant?",
    "missing_place": "Where to? The place is missing.",
    "missing_item": "Which item is meant? None of this site's items is named.",
    "contradiction": "Two parts of that contradict each other. Which one holds?",
    "unsupported": "Part of that cannot be expressed as a mission. What should be done instead?",
    "question": "That is a question, not a mission.",
    "not_understood": "I did not understand what should be done. Please name the action, the item and the place.",
}


class CompactPlanner(Planner):
    name = "compact"

    def __init__(self, folder: Path = bundles.BUNDLE) -> None:
        """Loads the bundle and reads one sentence, so that the first real one is not slow."""
        self.bundle = bundles.load(folder)
        self.version = self.bundle.version
        self.rules = RulesPlanner()
        search(self.bundle.members, (("hello",),), {})

    def interpret(self, request: PlanRequest) -> PlanDraft:
        """A draft for any text and vocabulary; never raises, never names an id outside the vocabulary."""
        began = time.perf_counter()
        draft = self._draft(request)
        return replace(draft, model=self.name, version=self.version, elapsed_ms=(time.perf_counter() - began) * 1000.0)

    def _draft(self, request: PlanRequest) -> PlanDraft:
        second = self.rules.interpret(request)
        if len(request.text) > MAX_TEXT or not request.text.strip():
            return second
        refusal = guard.check(request.text, guard.labels(request.vocabulary))
        if refusal is not None and refusal.reason != "out_of_scope":
            return PlanDraft("refuse", reason=refusal.reason, question=refusal.message, confidence=0.97)
        reading = read(request)
        if reading.lang not in self.bundle.config["languages"]:
            return PlanDraft(
                "ask",
                reason="unknown_language",
                question="I do not know this language well enough. Please say it in English, German, Spanish, French, "
                "Polish, Portuguese or Chinese.",
                confidence=0.9,
                language=reading.lang,
            )
        slotted = delexicalise(reading)
        if slotted.cut:
            return PlanDraft(
                "ask", reason="too_long", question="That is too much at once. Please say it in shorter parts.",
                slots=draft_slots(slotted), confidence=0.9, language=reading.lang,
            )  # fmt: skip
        return self._read(request, reading, slotted, second)

    def _read(self, request: PlanRequest, reading: Reading, slotted: Slotted, second: PlanDraft) -> PlanDraft:
        readings = search(self.bundle.members, slotted.features, slotted.counts())
        found, best = readings.found, readings.found[0]
        base = PlanDraft(
            "ask", slots=draft_slots(slotted), ignored=unused(slotted, best, second),
            language=reading.lang, confidence=round(min(1.0, 2.718281828 ** best.logp), 4),
        )  # fmt: skip
        if best.tokens[0].startswith("REFUSE."):
            reason = best.tokens[0][7:]
            if readings.decisions[best.tokens[0]] < REFUSE_AT:
                # Never accuse where the words are merely strange: that is for the guard's rules and a sure network.
                return self._ask(base, "not_understood", request, slotted)
            return replace(base, decision="refuse", reason=reason, question=_REFUSALS[reason])
        if best.tokens[0].startswith("ASK."):
            return self._ask(base, best.tokens[0][4:], request, slotted)
        made = [(h, ground(h.tokens, slotted.slots)) for h in found if h.tokens[0] == "PLAN"]
        plan = made[0][1]
        if isinstance(plan, Question):
            return replace(base, reason=plan.reason, question=plan.text, options=plan.options)
        known = frozenset(n for n, word in enumerate(slotted.words) if is_known(word, self.bundle.known))
        doubt = structural(plan, slotted, request.vocabulary, request.text, known)
        if readings.refusal() > REFUSAL_DOUBT:
            doubt = Question("safety_doubt", "Part of that sounds as if it could put people or the site at risk. "
                             "Please say plainly what should be moved, checked or visited.")  # fmt: skip
        if doubt is not None:
            return replace(base, reason=doubt.reason, question=doubt.text, options=doubt.options)
        if second.decision == "ask" and second.reason in VETOES:
            return replace(base, reason=second.reason, question=second.question, options=second.options)
        return self._judged(base, plan, readings, made, reading, slotted, second)

    def _judged(
        self,
        base: PlanDraft,
        plan: Plan,
        readings: Readings,
        made: list[tuple[Hypothesis, Plan | Question]],
        reading: Reading,
        slotted: Slotted,
        second: PlanDraft,
    ) -> PlanDraft:
        meaning = plan_hash(plan)
        same = {id(h) for h, p in made if isinstance(p, Plan) and plan_hash(p) == meaning}
        others = [h.logp for h in readings.found if id(h) not in same]
        said = signals(readings, others, plan, slotted, self.bundle.known, second, reading.fuzzy)
        calibration = self.bundle.calibration
        p = self._probability(said)
        alternatives = tuple(
            {plan_hash(q): q for _, q in made if isinstance(q, Plan) and plan_hash(q) != meaning}.values()
        )
        bands = {"run_at": calibration.run_at, "ask_at": calibration.ask_at, "alternatives": alternatives[:3]}
        draft = replace(base, plan=plan, confidence=round(p, 4), calibrated=True, **bands)
        if p < calibration.ask_at:
            return replace(
                draft, reason="unsure", plan=None, alternatives=(plan, *alternatives)[:4],
                question="I am not sure that I understood this. Is one of these meant, or can you say it differently?",
            )  # fmt: skip
        return replace(draft, decision="plan")

    def _probability(self, said: Signals) -> float:
        return self.bundle.calibration.probability(said)

    def _ask(self, base: PlanDraft, reason: str, request: PlanRequest, slotted: Slotted) -> PlanDraft:
        """The question of the decoder's reason; the linker's own doubts name the words and the options."""
        for kind, status, candidates, (start, end) in slotted.doubtful:
            text = request.text[start:end]
            what = f'Which {kind} is meant by "{text}"?'
            if status != "ambiguous":
                what = f'There is no {kind} called "{text}" here. Which one is meant?'
            return replace(base, reason=f"{status}_{kind}", question=what, options=candidates[:4])
        options: tuple[Named, ...] = ()
        if reason == "question":
            options = tuple({n.id: n for s in slotted.slots.values() for n in s.named}.values())[:4]
        elif reason in ("unknown_place", "missing_place") and len(request.vocabulary.places) <= 4:
            options = request.vocabulary.places
        return replace(base, reason=reason, question=_QUESTIONS[reason], options=options)


def from_bundle() -> CompactPlanner:
    """The shipped planner on one core: a sentence is too short for more, and the other workers want theirs."""
    torch.set_num_threads(1)
    return CompactPlanner()


def draft_slots(slotted: Slotted) -> tuple[Slot, ...]:
    """The linked entities as the contract's slots, in order of the text."""
    rows = [
        Slot(
            _SLOT_NAMES[s.label[0]],
            s.named[0].id if len(s.named) == 1 else [n.id for n in s.named] if s.named else _plain(s),
            s.text, (s.start, s.end), s.confidence, s.candidates[:4],
        )
        for s in slotted.slots.values()
    ]  # fmt: skip
    rows += [Slot(kind, None, "", span, 0.3, candidates[:4]) for kind, _, candidates, span in slotted.doubtful]
    return tuple(sorted(rows, key=lambda slot: slot.span))


def _plain(slot: Linked) -> int | str | None:
    """The value of a slot that names no record; "two" is also a time of day, but only where a time is meant."""
    return slot.value if slot.label[0] != "T" and slot.value is not None else slot.clock or slot.value


def unused(slotted: Slotted, best: Hypothesis, second: PlanDraft) -> tuple[tuple[int, int], ...]:
    """Characters that became nothing: slots the reading leaves out, and words the deterministic reader ignored too."""
    used = {token for token in best.tokens if is_slot(token)}
    left = [
        span for word, span in zip(slotted.words, slotted.spans, strict=True)
        if word.startswith("<") and word[1:-1] in slotted.slots and word[1:-1] not in used
    ]  # fmt: skip
    return tuple(sorted({*left, *second.ignored}))
