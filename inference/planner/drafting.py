"""The plan while it is being made: the steps so far, what is carried and where, and the questions that came up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from inference.contract import Condition, Named, Step
from inference.planner.arguments import Arguments, Thing, named_of
from inference.planner.modifiers import Modifiers, Problem
from inference.planner.names import suggestions
from inference.planner.reading import Atom, Reading


@dataclass(slots=True)
class Drafting:
    """The steps of one text while they are made. `here`: the place last spoken of; `carried`: what the steps so far
    picked up.
    """

    reading: Reading
    mods: Modifiers
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    here: str | None = None
    item: Thing | None = None
    item_at: str | None = None
    condition: Condition | None = None
    sentence: int = -1

    def _ask(self, reason: str, question: str, options: tuple[Named, ...] = ()) -> None:
        self.problems.append(Problem(reason, question, options[:4]))

    def _add(self, step: Step, *, free: bool = False) -> None:
        self.steps.append(step if free else replace(step, condition=self.condition))

    def _check(self, atom: Atom) -> None:
        """A problem for a mention that is not linked to a record; its confidence counts otherwise."""
        m = atom.mention
        if m is None:
            return
        if m.named is None and not m.members:
            which = "Which" if m.status == "ambiguous" else "There is no such record:"
            self._ask(
                f"{'ambiguous' if m.status == 'ambiguous' else 'unknown'}_{m.kind}",
                f'{which} "{atom.text}". Which {m.kind} is meant?'
                if m.status != "ambiguous"
                else f'Which {m.kind} is meant by "{atom.text}"?',
                m.candidates,
            )
        self.reading.factors.append(m.confidence)

    def _either(self, args: Arguments) -> None:
        named = [n for atoms in args.places.values() for a in atoms for n in named_of(a)]
        items = [n for t in args.things for n in named_of(t.atom)]
        kind, options = ("place", named) if len(named) > 1 else ("item", items)
        self._ask(f"ambiguous_{kind}", f'Two {kind}s are named with "or". Which one is meant?', tuple(options))

    def _one(self, atoms: list[Atom], what: str) -> str | None:
        """The single place of a role; more than one is a question."""
        named: dict[str, Named] = {}
        for atom in atoms:
            self._check(atom)
            named.update({n.id: n for n in named_of(atom)})
        if len(named) > 1:
            self._ask(
                "ambiguous_place", f"More than one place is named {what}. Which one is meant?", tuple(named.values())
            )
        return next(iter(named), None)

    def _all(self, atoms: list[Atom]) -> list[str]:
        for atom in atoms:
            self._check(atom)
        return list(dict.fromkeys(n.id for atom in atoms for n in named_of(atom)))

    def _missing_place(self, args: Arguments, roles: tuple[str, ...], question: str) -> None:
        """Ask for a place: by its unknown words if there are some, else as plainly missing."""
        unknown = [a for role, a in args.unknown if role in roles and not a.used]
        places = self.reading.request.vocabulary.places
        if unknown:
            text = self.reading.request.text[unknown[0].start : unknown[-1].end]
            for a in unknown:
                a.used = True
            self._ask(
                "unknown_place", f'No place here is called "{text}". Which place is meant?', suggestions(text, places)
            )
        else:
            self._ask("missing_place", question, places[:4] if len(places) <= 4 else ())
