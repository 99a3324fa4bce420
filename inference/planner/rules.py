"""Clauses to steps: what each verb makes of its arguments, given what the robot carries and where it is.

Nothing is guessed in silence: a missing, unknown or double-meaning argument becomes a `Problem`, a weaker reading
multiplies the confidence down (`factors`).
"""

from __future__ import annotations

from inference.contract import Step
from inference.planner.arguments import Arguments, collect, named_of
from inference.planner.carrying import Carrying
from inference.planner.clauses import Clause


class Builder(Carrying):
    """Turns clauses into steps: `build` once, then read `steps` and `problems`."""

    __slots__ = ()

    def build(self, clauses: list[Clause]) -> None:
        kept = [c for i, c in enumerate(clauses) if not self._only_small_words(c, clauses[i + 1 : i + 2])]
        for i, clause in enumerate(kept):
            args = collect(self.reading, clause)
            self._set_condition(clause, args)
            self._dispatch(clause, args, kept[i + 1 :])
            if not clause.leading:
                self.condition = None

    def _dispatch(self, clause: Clause, args: Arguments, rest: list[Clause]) -> None:
        op = clause.op
        if args.wrong_robot:
            self._ask(
                "unsupported_handover", "A robot cannot hand things to another robot here. To which place should it go?"
            )
        if args.either:
            self._either(args)
        if op is None:
            self._verbless(args)
        elif op in ("transport", "pick", "need"):
            self._transport(clause, args, rest)
        elif op == "drop":
            self._drop(clause, args)
        elif op in ("scan", "inspect"):
            self._look(op, args)
        else:
            {"move": self._move, "wait": self._wait, "charge": self._charge, "patrol": self._patrol,
             "report": self._report, "home": self._home}[op](clause, args)  # fmt: skip

    def _only_small_words(self, clause: Clause, following: list[Clause]) -> bool:
        """ "go and", "I need you to": a verb that only leads to the next one."""
        bare = all(a.used or a.filler or a is clause.verb or a.text == "," for a in clause.atoms) and not any(
            a.mention is not None and a.mention.kind != "robot" for a in clause.atoms
        )
        if not bare:
            return False
        if clause.op in ("move", "need") and following and following[0].verb is not None:
            if following[0].condition is None:
                following[0].condition, following[0].leading = clause.condition, clause.leading
                following[0].subjects = clause.subjects
            return True
        if clause.condition is not None:
            return False
        return clause.op is None or (
            clause.op == "need" and (any(a.has("done") for a in clause.atoms) or bool(self.mods.deadline))
        )

    def _set_condition(self, clause: Clause, args: Arguments) -> None:
        if clause.condition is None:
            if clause.sentence != self.sentence:
                self.condition = None
            elif self.condition is not None and clause.after_then and not self.carried:
                # "if it's damaged report it, then go home": the later step happens in any case.
                self.condition = None
                self.reading.factors.append(0.88)
            return
        self.sentence = clause.sentence
        self.condition = None if clause.whether else clause.condition
        self.reading.factors.append(0.97)
        place = next((n for a in clause.subjects if a.is_name("place") for n in named_of(a)), None)
        item = next((n for a in clause.subjects if a.is_name("item") for n in named_of(a)), None)
        for a in clause.subjects:
            self._check(a)
        observed = [s for s in self.steps if s.op in ("inspect", "scan", "patrol", "move", "pick", "drop")]
        if clause.condition.kind == "battery_below":
            return
        # The condition names a place nobody has looked at yet: somebody has to look first.
        if place is not None and not any(s.at == place.id and s.op in ("inspect", "scan") for s in self.steps):
            self._add(Step("inspect", at=place.id, item=item.id if item else None), free=True)
            self.here = place.id
            self.reading.factors.append(0.93)
        elif not observed:
            self._ask(
                "unsupported_condition",
                "That depends on something that no step before it finds out. Where should the robot look first?",
            )

    def _verbless(self, args: Arguments) -> None:
        things = self._things(args)
        goal_atoms, source_atoms = args.role("to"), args.role("from")
        if goal_atoms and self.carried and not args.things and args.pronoun is not None:
            self._put(self._one(goal_atoms, "to go to"), None)
            self.reading.factors.append(0.95)
        elif things and goal_atoms:
            source = self._one(source_atoms or args.role("at", "none"), "to take from")
            goal = self._one(goal_atoms, "to go to")
            self._pick_all(things, source)
            self._put(goal, None)
            self.reading.factors.append(0.93)
            if goal is not None and goal == source:
                self._ask("same_place", "It would be collected and put down at the same place. Where should it go?")
        elif things and args.exists and args.role("at", "none"):
            self.item, self.item_at = things[0], self._one(args.role("at", "none"), "where it is")
            self.reading.factors.append(0.95)
        elif goal_atoms and not args.unknown and not source_atoms and not (self.steps and self.steps[-1].op == "drop"):
            places = self._all(goal_atoms)
            for place in places:
                self._add(Step("move", at=place))
                self.here = place
            self.reading.factors.append(0.9)
        elif (
            args.places
            and not things
            and self.steps
            and self.steps[-1].op in ("scan", "inspect", "move")
            and not source_atoms
        ):
            # "scan aisle 4, then aisle 6": the verb still holds.
            if self.steps[-1].op == "move":
                self._move(Clause([], 0), args)
            else:
                self._look(self.steps[-1].op, args)
            self.reading.factors.append(0.95)
        elif things or args.places:
            for atoms in args.places.values():
                for a in atoms:
                    self._check(a)
            self._ask("missing_action", "What should be done there?" if args.places else "What should be done with it?")

    def _move(self, clause: Clause, args: Arguments) -> None:
        if args.things and (args.role("to") or args.there in ("to", "none")):
            self._transport(clause, args, [])
            return
        goals = self._all(args.role("via") + args.role("to", "at", "none"))
        if args.role("from"):
            self._all(args.role("from"))
            self.reading.factors.append(0.85)
        if not goals and args.there is not None and self.here is not None:
            goals = [self.here]
        if not goals:
            if not any(a.mention is not None and not named_of(a) for atoms in args.places.values() for a in atoms):
                self._missing_place(args, ("to", "at", "none", "via"), "Where should the robot drive?")
            return
        for goal in goals:
            self._add(Step("move", at=goal))
            self.here = goal
        for thing in args.things:
            self._ask("unclear_item", f'What should be done with "{thing.atom.text}"?')

    def _look(self, op: str, args: Arguments) -> None:
        things = self._things(args) if args.things else []
        if len(things) > 1:
            self._ask(
                "ambiguous_item",
                "More than one item is named. Which one should be looked at?",
                tuple(n for t in things for n in named_of(t.atom)),
            )
        atoms = args.role("at", "none", "to", "from", "via", "between")
        places = self._all(atoms)
        if not places and not any(not named_of(a) for a in atoms):
            if self.here is not None and not any(role in ("at", "to") for role, _ in args.unknown):
                places = [self.here]
            else:
                self._missing_place(args, ("at", "to", "none", "from"), "At which place should the robot look?")
        item = things[0].mention.named.id if things and things[0].mention.named else None
        if things and things[0].qty is not None and things[0].counted is not None and things[0].qty > 1:
            self._ask("unclear_number", f'What does "{things[0].counted.text}" mean here?')
        for place in places:
            self._add(Step(op, at=place, item=item))
            self.here = place
            self.item_at = place
        if things:
            self.item = things[0]

    def _wait(self, clause: Clause, args: Arguments) -> None:
        for place in self._all(args.role("at", "to", "none")):
            self._add(Step("move", at=place))
            self.here = place
        if args.confirmed or any(a.has("confirmed") for a in clause.atoms):
            for a in clause.atoms:
                if a.has("t:by", "confirmed", "unsupported") and not a.has("neg"):
                    a.used = True
            self._add(Step("wait", until="confirmed"))
        elif args.duration is not None:
            args.duration.used = True
            self._add(Step("wait", seconds=float(args.duration.value)))
        else:
            self._ask("missing_duration", "How long should the robot wait, or until someone confirms?")

    def _charge(self, clause: Clause, args: Arguments) -> None:
        at = self._one(args.role("at", "to", "none"), "to charge at")
        if at is None and args.there is not None:
            at = self.here
        pct = 100.0 if args.full else None
        if args.percent is not None:
            args.percent.used, pct = True, float(args.percent.value)
        elif (number := next((n for n in args.numbers if 1 <= n.value <= 100), None)) is not None:
            number.used, pct = True, float(number.value)
            self.reading.factors.append(0.93)
        if pct is not None:
            for a in clause.atoms:
                a.used = a.used or a.has("t:by")
        if at is None and any(role in ("at", "to") and a.kind == "word" for role, a in args.unknown):
            self._missing_place(args, ("at", "to"), "Where should the robot charge?")
        for thing in args.things:
            self._ask("unclear_item", f'What should be done with "{thing.atom.text}"?')
        self._add(Step("charge", at=at, to_pct=pct))
        self.here = at

    def _patrol(self, clause: Clause, args: Arguments) -> None:
        atoms = [a for a in clause.atoms if a.is_name("place") and a in [p for ps in args.places.values() for p in ps]]
        places = self._all(atoms)
        if not places:
            if not any(not named_of(a) for a in atoms):
                self._missing_place(args, ("at", "to", "none", "between", "via"), "Which places should be visited?")
            return
        seconds = times = None
        if args.duration is not None:
            args.duration.used, seconds = True, float(args.duration.value)
        if self.mods.rounds is not None:
            times, self.mods.rounds = self.mods.rounds[0], None
        self._add(Step("patrol", places=tuple(places), times=times, seconds=seconds))
        self.here = places[-1]

    def _report(self, clause: Clause, args: Arguments) -> None:
        atoms = args.role("at", "none", "from", "to")
        if clause.whether and not any(s.op in ("inspect", "scan") for s in self.steps):
            self._ask("missing_place", "Where should the robot look before it reports?")
        if atoms and not any(s.at in self._all(atoms) for s in self.steps):
            for place in self._all(atoms):
                self._add(Step("inspect", at=place))
                self.here = place
            self.reading.factors.append(0.9)
        self._add(Step("report"))

    def _home(self, clause: Clause, args: Arguments) -> None:
        goals = args.role("to", "none", "at")
        if args.things:
            self._transport(clause, args, [])
        elif goals:
            self._move(clause, args)
        elif any(role in ("to", "at") and a.kind == "word" for role, a in args.unknown):
            self._missing_place(args, ("to", "at"), "Where should the robot return to?")
        else:
            self._add(Step("home"))
            self.here = None
