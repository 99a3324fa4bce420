"""Verbs that move things: collect, bring, put down."""

from __future__ import annotations

from inference.contract import Step
from inference.planner.arguments import Arguments, Thing, named_of
from inference.planner.clauses import Clause
from inference.planner.drafting import Drafting
from inference.planner.names import suggestions


class Carrying(Drafting):
    __slots__ = ()

    def _things(self, args: Arguments) -> list[Thing]:
        for thing in args.things:
            self._check(thing.atom)
        if args.things:
            return args.things
        if args.pronoun is not None and self.item is not None and self.item.mention.named is not None:
            return [self.item]
        return []

    def _transport(self, clause: Clause, args: Arguments, rest: list[Clause]) -> None:
        things = self._things(args)
        source_atoms, goal_atoms, at_atoms = args.role("from"), args.role("to"), args.role("at", "none")
        if clause.op == "need" and not things and not args.unknown:
            self._ask("not_understood", "What is needed, and where?")
            return
        only_pick = clause.op == "pick" or (clause.op == "transport" and self._taken_on(clause, args, rest))
        if not source_atoms and (goal_atoms or args.there in ("to", "none") or only_pick):
            source_atoms, at_atoms = at_atoms, []
        goal = self._one(goal_atoms or at_atoms, "to go to")
        if goal_atoms == [] and at_atoms:
            self.reading.factors.append(0.97 if clause.op == "need" else 0.9)
        source = self._one(source_atoms, "to take from")
        if args.there in ("to", "none", "at") and goal is None and self.here is not None:
            goal = self.here
        elif args.there == "from" and source is None:
            source = self.here
        carrying_it = bool(self.carried) and not args.things and (args.pronoun is not None or not args.unknown)
        if carrying_it:
            if goal is None:
                self._missing_place(args, ("to", "at", "none"), "Where should it be taken?")
            self._via(args)
            self._put(goal, None)
            return
        if not things:
            self._no_thing(args, clause, goal, only_pick)
            return
        if not args.things and source is None:
            source = self.item_at
        if goal is None and not only_pick:
            self._missing_place(args, ("to", "at", "none"), f"Where should {things[0].atom.text} be taken?")
        self._pick_all(things, source)
        self._via(args)
        if goal is not None:
            if goal == source:
                self._ask("same_place", "It would be collected and put down at the same place. Where should it go?")
            self._put(goal, None)

    def _taken_on(self, clause: Clause, args: Arguments, rest: list[Clause]) -> bool:
        """ "take the tape, then put it on row 3": the next clauses say where it goes; "fetch it" alone only
        collects.
        """
        if args.role("to") or args.there == "to" or any(role == "to" for role, _ in args.unknown):
            return False
        verb = clause.verb.text.casefold() if clause.verb else ""
        if any(c.op in ("drop", "transport") and (not any(a.is_name("item") for a in c.atoms)) for c in rest):
            return True
        return verb.startswith("fetch")

    def _no_thing(self, args: Arguments, clause: Clause, goal: str | None, only_pick: bool) -> None:
        unknown = [a for role, a in args.unknown if role in ("none", "with")]
        items = self.reading.request.vocabulary.items
        if self.mods.robot is not None and goal is not None and not unknown and args.pronoun is None:
            # "take Heron to row 9", "get R-07 over to row 9": the robot itself is what is brought.
            self._add(Step("move", at=goal))
            self.here = goal
            self.reading.factors.append(0.93)
        elif (
            goal is not None
            and args.pronoun is None
            and not unknown
            and clause.verb is not None
            and clause.verb.text.casefold() in ("move", "get", "transfer", "muevete")
        ):
            self._add(Step("move", at=goal))
            self.here = goal
        elif unknown:
            text = self.reading.request.text[unknown[0].start : unknown[-1].end]
            for a in unknown:
                a.used = True
            self._ask(
                "unknown_item", f'No item here is called "{text}". Which item is meant?', suggestions(text, items)
            )
        elif goal is None and not only_pick:
            self._ask("missing_item_and_place", "What should be moved, and where to?")
        else:
            self._ask("missing_item", "Which item should be moved?", items if len(items) <= 4 else ())

    def _pick_all(self, things: list[Thing], source: str | None) -> None:
        if len(things) > 1:
            self.reading.factors.append(0.88)
        for thing in things:
            for named in named_of(thing.atom) if thing.atom.mention is thing.mention else []:
                self._add(Step("pick", item=named.id, at=source, qty=thing.qty))
                self.carried.append(named.id)
            self.item = thing
        self.here = source or self.here

    def _put(self, goal: str | None, item: str | None) -> None:
        if goal is None:
            return
        self._add(Step("drop", at=goal, item=item))
        self.here = self.item_at = goal
        self.carried = [c for c in self.carried if item is not None and c != item]

    def _via(self, args: Arguments) -> None:
        for place in self._all(args.role("via")):
            self._add(Step("move", at=place))
            self.reading.factors.append(0.93)

    def _drop(self, clause: Clause, args: Arguments) -> None:
        things = self._things(args) if args.things else []
        goal = self._one(args.role("to", "at", "none"), "to put it down at")
        if goal is None and (args.there is not None or (self.steps and self.steps[-1].op == "move")):
            goal = self.here
        named = [n.id for t in things for n in named_of(t.atom)]
        source = self._one(args.role("from"), "to take from")
        if goal is None:
            self._missing_place(args, ("to", "at", "none"), "Where should it be put down?")
        if named and set(named) <= set(self.carried) and source is None:
            for item in named:
                self._put(goal, item if len(set(self.carried)) > 1 else None)
        elif things:
            if goal is not None and goal == source:
                self._ask("same_place", "It would be collected and put down at the same place. Where should it go?")
            self._pick_all(things, source)
            self._put(goal, None)
        elif self.carried:
            self._unknown_things(args)
            self._put(goal, None)
        elif args.pronoun is not None and self.item is not None and self.item.mention.named is not None:
            self._pick_all([self.item], self.item_at)
            self._put(goal, None)
        else:
            self._no_thing(args, clause, goal, False)

    def _unknown_things(self, args: Arguments) -> None:
        unknown = [a for role, a in args.unknown if role == "none" and a.kind == "word" and not a.used]
        if unknown and args.pronoun is None:
            self._ask(
                "unknown_item",
                f'No item here is called "{unknown[0].text}". Which item is meant?',
                suggestions(unknown[0].text, self.reading.request.vocabulary.items),
            )
