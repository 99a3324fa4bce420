"""What forces a question however sure a model was: the plan and the text do not agree, or the text is not clear.

These catch confident errors. They look only at the linked text and at the plan, never at what a model says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.contract import Named, Plan
from inference.core.grammar import location_after
from inference.planner import guard
from inference.planner.llm.grounding import Grounded, Mention, Value
from inference.planner.modifiers import Problem
from inference.planner.reading import Atom
from inference.planner.text import fold

_VERB_OPS = {
    "charge": ("charge",),
    "wait": ("wait",),
    "patrol": ("patrol",),
    "report": ("report",),
    "home": ("home", "move", "pick", "drop"),
    "scan": ("scan", "inspect"),
    "inspect": ("inspect", "scan", "move", "patrol"),
    "pick": ("pick",),
    "drop": ("drop", "move"),
    "transport": ("pick", "drop", "move", "scan", "inspect", "charge"),
    "need": ("pick", "drop"),
}
_NOT_EXPRESSIBLE = {
    "unsupported": ("unsupported_condition", "That restriction cannot be part of a mission. What should be done?"),
    "else": ("unsupported_condition", 'An "otherwise" cannot be part of a mission. What should be done?'),
    "here": ("unknown_place", "Where are you? Which place is meant?"),
    "all_robots": ("two_robots", "A mission is for one robot. Which one should do it?"),
}
# Words of someone who corrects what was just said, at most so many characters before what holds instead.
_NEAR = 80
_TAKEN_BACK = re.compile(
    r"\b(?:no|nope|sorry|wait|i mean|make (?:that|it)|rather|actually|scratch that|nein|quatsch|ich meine|besser gesagt"
    r"|moment|halt|perdon|digo|mejor dicho|non|pardon|plutot|je veux dire|nao|alias|quer dizer|nie|znaczy"
    r"|przepraszam)\b"
    r"|不对|不是|应该是"
)
# Of so many words with a sense, this share must be known to the guard and the linker, or nobody has checked the text.
_LEAST_KNOWN = 0.3
_FEW_WORDS = 4


def first_doubt(plan: Plan, grounded: Grounded) -> Problem | None:
    """The most important reason to ask, or None when the plan says what the text says."""
    return next(_doubts(plan, grounded), None)


def _doubts(plan: Plan, grounded: Grounded) -> Iterator[Problem]:
    yield from _language(grounded)
    yield from _names(plan, grounded)
    yield from _sense(plan, grounded)
    yield from _values(plan, grounded)
    yield from _modifiers(plan, grounded)
    yield from _words(plan, grounded)


def used_values(plan: Plan) -> set[tuple[str, int | float | str]]:
    """(kind, value) of every number and time in the plan: kinds as in `grounding.Value`."""
    out: set[tuple[str, int | float | str]] = set()
    for step in plan.steps:
        out |= {("count", n) for n in (step.qty, step.times) if n is not None}
        out |= {("seconds", step.seconds)} if step.seconds is not None else set()
        out |= {("percent", step.to_pct)} if step.to_pct is not None else set()
        if step.condition is not None and step.condition.pct is not None:
            out.add(("percent", step.condition.pct))
    kinds = {"at": "clock", "by": "clock", "times": "count"}
    for timing in (plan.start, plan.deadline, plan.repeat):
        out |= {(kinds.get(key, "seconds"), value) for key, value in (timing or {}).items()}
    return out


def is_used(value: Value, used: set[tuple[str, int | float | str]]) -> bool:
    return any(reading in used for reading in value.readings)


def used_ids(plan: Plan) -> dict[str, set[str]]:
    """kind -> ids in the plan."""
    places = {s.at for s in plan.steps} | {p for s in plan.steps for p in s.places} | set(plan.avoid)
    return {
        "place": {p for p in places if p},
        "item": {s.item for s in plan.steps if s.item},
        "robot": {plan.robot} if plan.robot else set(),
    }


def _language(grounded: Grounded) -> Iterator[Problem]:
    """A text whose words hardly anyone here knows: the guard could not read it, so no plan may come of it."""
    known = sum(1 for atom in grounded.reading.atoms if atom.kind == "phrase")
    unknown = sum(1 for atom in grounded.reading.atoms if atom.kind == "word")
    if unknown >= _FEW_WORDS and known < _LEAST_KNOWN * (known + unknown):
        yield Problem("not_understood", "Most of these words are not known here. Please say it in simpler words.")


def _names(plan: Plan, grounded: Grounded) -> Iterator[Problem]:
    used = used_ids(plan)
    for mention in grounded.mentions:
        if mention.open:
            yield _unclear(mention)
    robots = {n.id: n for m in grounded.mentions if m.kind == "robot" for n in m.meant}
    if len(robots) > 1:
        yield Problem("two_robots", "More than one robot is named. Which one should do it?", tuple(robots.values())[:4])
    meant = {kind: {n.id for m in grounded.mentions if m.kind == kind for n in m.meant} for kind in used}
    for kind, ids in used.items():
        for identifier in sorted(ids - meant[kind]):
            record = next(n for n in grounded.records(kind) if n.id == identifier)
            yield Problem("unnamed", f"Is {record.name} meant? The text does not name it.", (record,))
    for mention in grounded.mentions:
        for record in mention.meant:
            if not any(record.id in ids for ids in used.values()) and not _corrected(mention, grounded, used):
                yield Problem("unused_name", f'What has "{mention.text}" to do with it?', (record,))


def _corrected(mention: Mention, grounded: Grounded, used: dict[str, set[str]]) -> bool:
    """ "ward 4, no, ward 5": the first name was taken back before the one of its kind that is used."""
    later = (m for m in grounded.mentions if m.kind == mention.kind and m.span[0] > mention.span[1])
    return any(
        _took_back(grounded, mention.span[1], m.span[0]) for m in later if any(n.id in used[m.kind] for n in m.meant)
    )


def _took_back(grounded: Grounded, first: int, last: int) -> bool:
    between = grounded.request.text[first:last]
    return len(between) <= _NEAR and _TAKEN_BACK.search(fold(between)) is not None


def _unclear(mention: Mention) -> Problem:
    if mention.candidates:
        question = f'Which {mention.kind} is meant by "{mention.text}"?'
        return Problem(f"ambiguous_{mention.kind}", question, mention.candidates[:4])
    return Problem(
        f"unknown_{mention.kind}", f'There is no {mention.kind} called "{mention.text}". Which one is meant?'
    )


def _sense(plan: Plan, grounded: Grounded) -> Iterator[Problem]:
    goals = {s.at for s in plan.steps if s.at} | {p for s in plan.steps for p in s.places}
    if goals & set(plan.avoid):
        yield Problem("conflict", "A place is both to be avoided and to be visited. Which holds?")
    picked: dict[str, str | None] = {}
    here: str | None = None
    for step in plan.steps:
        if step.op in ("drop", "scan", "inspect") and step.at is None and here is None:
            yield Problem("missing_place", "Which place is meant?")
        if step.op == "drop" and step.item is None and not picked:
            yield Problem("missing_item", "What should be put down?")
        here = location_after(step, here)
        if step.op == "pick" and step.item is not None:
            picked[step.item] = step.at
        elif step.op == "drop":
            if step.at is not None and step.at in picked.values():
                yield Problem("same_place", "It would be collected and put down at the same place. Where should it go?")
            if step.condition is None:
                picked = {} if step.item is None else {i: at for i, at in picked.items() if i != step.item}
    for area in _areas(grounded, goals):
        inside = tuple(
            n
            for n in grounded.request.vocabulary.places
            if not n.kind.startswith("zone") and area.name.casefold() in n.name.casefold()
        )
        yield Problem("ambiguous_place", f"{area.name} is an area. Which place in it?", inside[:4])


def _areas(grounded: Grounded, goals: set[str]) -> list[Named]:
    """Areas can be kept clear of; a robot is sent to a place."""
    return [n for n in grounded.records("place") if n.id in goals and n.kind.startswith("zone")]


def _values(plan: Plan, grounded: Grounded) -> Iterator[Problem]:
    used = used_values(plan)
    for value in grounded.values:
        later = [v for v in grounded.values if v.span[0] > value.span[1] and is_used(v, used)]
        taken_back = any(_took_back(grounded, value.span[1], v.span[0]) for v in later)
        if value.must_be_used and not is_used(value, used) and not taken_back:
            kind = "unclear_time" if value.readings and value.readings[0][0] == "clock" else "unclear_number"
            yield Problem(kind, f'What does "{value.text}" mean here?')


def _modifiers(plan: Plan, grounded: Grounded) -> Iterator[Problem]:
    """What holds for the whole mission: where the linker read it, the plan must say the same; what nobody said must not
    be there. A word that the linker does not know may have said it.
    """
    read = grounded.modifiers
    yield from read.problems
    for name, said in (("start", read.start), ("deadline", read.deadline), ("repeat", read.repeat)):
        if said is not None and getattr(plan, name) != said:
            yield Problem("unclear_time", "When, by when, or how often should it be done?")
    missing = [n for n in grounded.records("place") if n.id in read.avoid and n.id not in plan.avoid]
    if missing:
        yield Problem("conflict", f"Should {missing[0].name} be avoided?", (missing[0],))
    if read.priority not in (None, plan.priority) or read.speed not in (None, plan.speed):
        yield Problem("conflict", "How urgent is it, and should the robot drive slowly?")
    if grounded.words:
        return
    atoms = grounded.reading.atoms
    unsaid = [n for n in grounded.records("place") if n.id in set(plan.avoid) - set(read.avoid)]
    if unsaid and not any(a.has("neg", "avoid", "unsupported") for a in atoms):
        yield Problem("conflict", f"Should {unsaid[0].name} be avoided?", (unsaid[0],))
    if (plan.priority != "normal" and read.priority is None) or (plan.speed is not None and read.speed is None):
        yield Problem("conflict", "How urgent is it, and should the robot drive slowly?")
    states = {s.condition.kind for s in plan.steps if s.condition is not None}
    words = {cat[2:] for a in atoms for cat in a.cats if cat.startswith("c:")}
    if any(a.has("battery") for a in atoms):
        words.add("battery_below")
    if states - words:
        yield Problem("unsupported_condition", "Under which condition should it be done?")


def _words(plan: Plan, grounded: Grounded) -> Iterator[Problem]:
    atoms, ops = grounded.reading.atoms, {step.op for step in plan.steps}
    if guard.is_question(grounded.request.text) and not any(a.verb in ("transport", "pick", "drop") for a in atoms):
        yield Problem("question", "That is a question, not a mission. What should be done?")
    for n, atom in enumerate(atoms):
        if atom.used or atom.mention is not None:
            continue
        if atom.has("neg") and not _corrects(atoms, n) and not _excludes(atoms, n, plan):
            yield Problem(
                "negation", f'What should not be done ("{atom.text}")? Please say what should be done instead.'
            )
        for category, (reason, question) in _NOT_EXPRESSIBLE.items():
            told = category == "here" and "report" in ops  # "let me know", "report to me"
            if atom.has(category) and not atom.filler and not told:
                yield Problem(reason, question)
        if atom.has("unknown_time") and not atom.filler and plan.start is None and plan.deadline is None:
            yield Problem("unclear_time", f'"{atom.text}": at which clock time, or in how many minutes?')
        wanted = _VERB_OPS.get(atom.verb or "")
        if wanted is not None and not atom.filler and not ops & set(wanted):
            yield Problem("unused_clause", f'What should "{atom.text}" become? No step does it.')
        if atom.has("if") and not _conditional(plan) and not _asks_whether(atoms, n):
            yield Problem("unsupported_condition", "That condition cannot be part of a mission. How should it go on?")


def _corrects(atoms: list[Atom], n: int) -> bool:
    """ "no, row 3", "no sorry, row 3": takes back what was said, excludes nothing."""
    following = atoms[n + 1] if n + 1 < len(atoms) else None
    if following is None or _TAKEN_BACK.search(fold(atoms[n].text)) is None:
        return False
    return following.kind == "punct" or _TAKEN_BACK.search(fold(following.text)) is not None


def _excludes(atoms: list[Atom], n: int, plan: Plan) -> bool:
    """ "not past row 3" with row 3 among the places to avoid."""
    named = (a.mention.named for a in atoms[n + 1 : n + 6] if a.mention is not None)
    return any(record is not None and record.id in plan.avoid for record in named)


def _asks_whether(atoms: list[Atom], n: int) -> bool:
    """ "whether row 3 is empty", "revisa si ...": what is to be found out, no condition."""
    before = next((a for a in reversed(atoms[:n]) if not a.filler or a.verb), None)
    return fold(atoms[n].text) not in ("if", "falls", "wenn", "si") or (
        before is not None and before.verb in ("inspect", "scan", "report")
    )


def _conditional(plan: Plan) -> bool:
    return any(step.condition is not None for step in plan.steps)
