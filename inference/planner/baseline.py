"""The rules planner: deterministic, no model, the fallback and the second reader beside any other planner.

Its confidence is a product of fixed factors, chosen by hand and so marked uncalibrated. It asks rather than guesses.
"""

from __future__ import annotations

import math
import time

from inference.contract import GrammarError, Named, Plan, PlanDraft, Planner, PlanRequest, Slot, plan_to_json
from inference.core.grammar import canonical, plan_from_json
from inference.planner import guard
from inference.planner.clauses import split
from inference.planner.modifiers import Modifiers, Problem, extract
from inference.planner.reading import Atom, Reading, read
from inference.planner.rules import Builder
from inference.planner.text import fold

MAX_TEXT = 2000
_CERTAIN = 0.96
_ORDER = (
    "not_understood",
    "two_robots",
    "unknown_robot",
    "ambiguous_robot",
    "unsupported_exclusion",
    "unsupported_condition",
    "unsupported_order",
    "unsupported_handover",
    "negation",
    "unknown_item",
    "unknown_place",
    "ambiguous_item",
    "ambiguous_place",
    "missing_item_and_place",
    "missing_item",
    "missing_place",
    "same_place",
)
_MUST_ASK = {
    "if": ("unsupported_condition", "That condition cannot be part of a mission. How should it go on?"),
    "else": ("unsupported_condition", 'An "otherwise" cannot be part of a mission. What should be done?'),
    "neg": ("negation", "Something is excluded here that a mission cannot express. What should be done instead?"),
    "avoid": ("unknown_place", "Which place should be avoided?"),
    "unsupported": ("unsupported_condition", "That restriction cannot be part of a mission. What should be done?"),
    "unknown_time": ("unclear_time", "At which clock time, or in how many minutes?"),
    "here": ("unknown_place", "Where are you? Which place is meant?"),
    "or": ("ambiguous", "Two possibilities are named. Which one is meant?"),
    "everything": ("missing_item", "Which items? Each one has to be named."),
    "all_robots": ("two_robots", "A mission is for one robot. Which one should do it?"),
    "hourly": ("unclear_time", "How often should it be done?"),
    "pron:place": ("unknown_place", "Which place is meant?"),
}
# "after the truck has left": words that lead a time or a happening; without a time it is a happening.
_LATER = frozenset(
    {"after", "before", "until", "till", "bevor", "bis", "antes de", "despues de", "avant", "apres", "starting from"}
)


class RulesPlanner(Planner):
    name = "rules"
    version = "1"

    def interpret(self, request: PlanRequest) -> PlanDraft:
        """A draft for any text and vocabulary; never raises, never names an id outside the vocabulary."""
        began = time.perf_counter()
        draft = self._draft(request)
        elapsed = (time.perf_counter() - began) * 1000.0
        return _stamp(draft, self.name, self.version, elapsed)

    def _draft(self, request: PlanRequest) -> PlanDraft:
        if len(request.text) > MAX_TEXT:
            return _ask("too_long", f"The text is longer than {MAX_TEXT} characters. Please say it shorter.")
        refusal = guard.check(request.text, guard.labels(request.vocabulary))
        if refusal is not None and refusal.reason != "out_of_scope":
            return PlanDraft("refuse", reason=refusal.reason, question=refusal.message, confidence=0.97)
        reading = read(request)
        if refusal is not None and not _about_this_site(reading):
            return PlanDraft("refuse", reason=refusal.reason, question=refusal.message, confidence=0.9)
        mentioned = _slots(reading)
        if guard.is_question(request.text) and not _asks_for_work(reading):
            return _question(reading, mentioned)
        mods = extract(reading)
        problems = list(mods.problems)
        clauses = split(reading, problems)
        builder = Builder(reading, mods)
        builder.build(clauses)
        problems += builder.problems
        ignored, leftover = _leftovers(reading, problems)
        slots = _merged(mods.slots, mentioned)
        if not builder.steps and not problems:
            problems.append(
                Problem(
                    "not_understood",
                    "I did not understand what should be done. Please name the action, the item and the place.",
                )
            )
        if problems:
            first = min(problems, key=lambda p: _ORDER.index(p.reason) if p.reason in _ORDER else 99)
            return PlanDraft(
                "ask",
                reason=first.reason,
                question=first.question,
                options=first.options[:4],
                slots=slots,
                ignored=ignored,
                confidence=0.6,
                language=reading.lang,
            )
        if not any(word.kind == "word" for word in leftover):
            reading.factors.append(0.96 ** len(leftover))
        return self._planned(reading, mods, builder, slots, ignored, leftover)

    def _planned(
        self,
        reading: Reading,
        mods: Modifiers,
        builder: Builder,
        slots: tuple[Slot, ...],
        ignored: tuple[tuple[int, int], ...],
        leftover: list[Atom],
    ) -> PlanDraft:
        confidence = _CERTAIN * math.prod(reading.factors) * 0.8 ** sum(a.kind == "word" for a in leftover)
        repeat = mods.repeat
        if mods.rounds is not None:
            repeat = repeat or {"times": mods.rounds[0]}
        plan = Plan(
            steps=tuple(builder.steps),
            robot=mods.robot,
            priority=mods.priority or "normal",
            start=mods.start,
            deadline=mods.deadline,
            avoid=tuple(dict.fromkeys(mods.avoid)),
            speed=mods.speed,
            repeat=repeat,
        )
        try:
            plan = canonical(plan_from_json(plan_to_json(plan)))
        except GrammarError as error:
            return _ask("out_of_bounds", f"That cannot be planned: {error.message}. Please say it differently.", slots)
        doubt = _doubt(plan, reading, confidence)
        if doubt is not None:
            return _ask(doubt.reason, doubt.question, slots, doubt.options, ignored, reading.lang)
        return PlanDraft(
            "plan", plan, slots=slots, ignored=ignored, confidence=round(confidence, 4), language=reading.lang
        )


def _doubt(plan: Plan, reading: Reading, confidence: float) -> Problem | None:
    """Structural doubts that force a question however sure the words looked."""
    goals = {s.at for s in plan.steps if s.at} | {p for s in plan.steps for p in s.places}
    picked: dict[str, str | None] = {}
    for step in plan.steps:
        if step.op == "pick" and step.item is not None:
            picked[step.item] = step.at
        if step.op == "drop" and step.at is not None and step.at in picked.values():
            return Problem("same_place", "It would be collected and put down at the same place. Where should it go?")
        if step.op == "drop":
            picked = {}
    areas = [n for n in reading.request.vocabulary.places if n.id in goals and n.kind.startswith("zone")]
    if areas:
        return _which_place_in(areas[0], reading.request.vocabulary.places)
    if goals & set(plan.avoid):
        return Problem("conflict", "A place is both to be avoided and to be visited. Which holds?")
    used = goals | set(plan.avoid) | {s.item for s in plan.steps}
    for atom in reading.atoms:
        m = atom.mention
        if m is not None and m.kind != "robot" and m.named is not None and m.named.id not in used:
            return Problem("unused_name", f'What has "{atom.text}" to do with it?', (m.named,))
    if confidence < 0.4:
        return Problem("not_understood", "Too much of that was not understood. Please say it in simpler words.")
    return None


def _which_place_in(area: Named, places: tuple[Named, ...]) -> Problem:
    """Areas can be kept clear of; a robot is sent to a place."""
    called = area.name.casefold()
    inside = tuple(n for n in places if not n.kind.startswith("zone") and called in n.name.casefold())
    if inside:
        return Problem("ambiguous_place", f"{area.name} is an area. Which place in it?", inside)
    return Problem("unknown_place", f"{area.name} is an area, not a place a robot is sent to. Which place is meant?")


def _leftovers(reading: Reading, problems: list[Problem]) -> tuple[tuple[tuple[int, int], ...], list[Atom]]:
    """Spans that became nothing; what must not be dropped in silence is added to `problems`."""
    spans: list[tuple[int, int]] = []
    atoms: list[Atom] = []
    for atom in reading.atoms:
        if atom.used or atom.kind == "punct" or atom.verb is not None:
            continue
        for cat, (reason, question) in _MUST_ASK.items():
            if atom.has(cat) and not (cat in ("pron:place", "unknown_time", "here") and atom.filler):
                problems.append(Problem(reason, question))
        if fold(atom.text) in _LATER and atom.has("t:by", "t:start"):
            problems.append(Problem(*_MUST_ASK["unsupported"]))
        if atom.kind in ("number", "duration", "percent", "clock"):
            problems.append(Problem("unclear_number", f'What does "{atom.text}" mean here?'))
        if atom.mention is not None and atom.mention.named is None:
            m = atom.mention
            problems.append(
                Problem(
                    f"{'ambiguous' if m.status == 'ambiguous' else 'unknown'}_{m.kind}",
                    f'Which {m.kind} is meant by "{atom.text}"?',
                    m.candidates[:4],
                )
            )
        if not atom.filler and not all(
            c.startswith("p:") or c in ("and", "t:at", "t:in", "t:for") for c in atom.cats or {"word"}
        ):
            spans.append((atom.start, atom.end))
            atoms.append(atom)
    words = [a for a in atoms if a.kind == "word"]
    if len(words) >= 5:
        text = reading.request.text[words[0].start : words[0].end]
        problems.append(
            Problem(
                "not_understood",
                f'Much of that was not understood, starting with "{text}". Please say it in simpler words.',
            )
        )
    return tuple(spans), atoms


def _about_this_site(reading: Reading) -> bool:
    """ "bring the recipe cards to row 3": a word of small talk within work that names a place of the site."""
    kinds = {atom.mention.kind for atom in reading.atoms if atom.mention is not None and atom.mention.named is not None}
    return "place" in kinds and any(atom.verb is not None for atom in reading.atoms)


def _asks_for_work(reading: Reading) -> bool:
    """ "is there ..., then bring it": a question word first, yet a robot or verb of carrying follows as an order."""
    return any(a.verb in ("transport", "pick", "drop") for a in reading.atoms)


def _question(reading: Reading, slots: tuple[Slot, ...]) -> PlanDraft:
    options = [a.mention.named for a in reading.atoms if a.mention is not None and a.mention.named is not None]
    options += [
        c for a in reading.atoms if a.mention is not None and a.mention.named is None for c in a.mention.candidates
    ]
    if not options:
        return PlanDraft(
            "refuse",
            reason="out_of_scope",
            question="That is a question, not a mission, and it names nothing of this site.",
            slots=slots,
            confidence=0.8,
            language=reading.lang,
        )
    unique = tuple({n.id: n for n in options}.values())[:4]
    return PlanDraft(
        "ask",
        reason="question",
        question="That is a question, not a mission. Open one of these?",
        options=unique,
        slots=slots,
        confidence=0.9,
        language=reading.lang,
    )


def _slots(reading: Reading) -> tuple[Slot, ...]:
    out: list[Slot] = []
    for atom in reading.atoms:
        m = atom.mention
        if m is not None:
            others = m.candidates if m.named is None else tuple(n for _, n in m.also)
            out.append(
                Slot(
                    m.kind,
                    m.named.id if m.named else None,
                    atom.text,
                    (atom.start, atom.end),
                    m.confidence if m.named else 0.3,
                    others[:4],
                )
            )
        elif atom.kind in ("number", "percent", "duration"):
            name = "quantity" if atom.kind == "number" else atom.kind
            out.append(
                Slot(name, atom.value, reading.request.text[atom.start : atom.end], (atom.start, atom.end), 0.95)
            )
        elif any(c.startswith("c:") for c in atom.cats) and not atom.filler:
            out.append(
                Slot(
                    "condition",
                    next(c[2:] for c in sorted(atom.cats) if c.startswith("c:")),
                    atom.text,
                    (atom.start, atom.end),
                    0.9,
                )
            )
    return tuple(out)


def _merged(first: list[Slot], rest: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """Slots in order of the text; a modifier's slot replaces the plainer ones inside its span."""
    kept = [s for s in rest if not any(m.span[0] <= s.span[0] and s.span[1] <= m.span[1] for m in first)]
    return tuple(sorted([*first, *kept], key=lambda s: (s.span, s.name)))


def _ask(
    reason: str,
    question: str,
    slots: tuple[Slot, ...] = (),
    options: tuple[Named, ...] = (),
    ignored: tuple[tuple[int, int], ...] = (),
    language: str | None = None,
) -> PlanDraft:
    return PlanDraft(
        "ask",
        reason=reason,
        question=question,
        options=options[:4],
        slots=slots,
        ignored=ignored,
        confidence=0.6,
        language=language,
    )


def _stamp(draft: PlanDraft, model: str, version: str, elapsed_ms: float) -> PlanDraft:
    return PlanDraft(
        draft.decision,
        draft.plan,
        draft.reason,
        draft.question,
        draft.options,
        draft.slots,
        draft.ignored,
        draft.confidence,
        False,
        draft.language,
        model,
        version,
        elapsed_ms,
    )
