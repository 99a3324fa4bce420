"""Sentences with their meanings, drawn from a grammar over a random site: what the compact planner is trained on.

A sentence is put together from clauses, frames, modifiers and talk (`[sentence]` productions are whole already), then
its names may be made unknown or vague (then it must be asked), corrected in mid-sentence, and the text gets typing
errors. The linker of the product reads the result; a sentence whose slots it does not find is left out, so that the
network sees exactly what it will see in use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random

from inference.contract import Named, PlanRequest
from inference.core.plan_tokens import MAX_TOKENS, MISSION, OPS
from inference.planner.compact.slots import Slotted, delexicalise
from inference.planner.reading import read
from inference.training import noise
from inference.training.grammar import Choice, Grammar, GrammarFileError, Hole, Node, Production, Ref, Seq
from inference.training.meaning import Spoken, Word, encode
from inference.training.sites import Site, in_words, no_robot_of, spell

_SLOT = re.compile(r"(PP|QI|NT|XP|XI|XR|[PIRNTDC])(\d*)")
_NUMERIC = {"N": "n", "NT": "times", "D": "duration", "T": "clock", "C": "percent"}
_MODIFIERS = {
    "robot": "ROBOT", "high": "HIGH", "low": "LOW", "slow": "SLOW", "avoid": "AVOID", "every": "EVERY",
    "repeat": "REPEAT", "start_at": "START", "start_in": "START", "by": "DUE", "within": "DUE",
}  # fmt: skip
# "By five o'clock" read as five hours would teach the wrong thing: a time is needed here, a span of time there.
_TIMES = {"start_at": "TN", "by": "TN", "start_in": "D", "within": "D"}


class Unsayable(Exception):
    """This draw makes no sentence (it says the same thing twice, or too much); draw again."""


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    target: tuple[str, ...]
    slotted: Slotted
    language: str
    request: PlanRequest


class Draw:
    """One sentence in the making."""

    def __init__(self, grammar: Grammar, site: Site, rng: Random) -> None:
        self.grammar, self.site, self.rng = grammar, site, rng
        self.bound: dict[str, tuple[Named, ...]] = {}
        self.lists: dict[str, tuple[str, ...]] = {}
        self.counted: dict[str, str] = {}
        self.latest: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.scopes = 0

    # --- putting a sentence together

    def sentence(self) -> Spoken:
        rng, sections = self.rng, self.grammar.sections
        roll = rng.random()
        if roll < 0.13 and "ask" in sections:
            core = self.production(self.grammar.pick(sections["ask"], rng))
        elif roll < 0.22 and "refuse" in sections:
            core = self.production(self.grammar.pick(sections["refuse"], rng))
            # Small talk beside an order is still an order; a danger beside one makes all of it refused.
            if core.decision != "REFUSE.out_of_scope" and rng.random() < 0.3:
                first, second = (core, self.request()) if rng.random() < 0.3 else (self.request(), core)
                core = self._joined(first, second)
        else:
            core = self.request()
            if rng.random() < 0.02:
                core = self._joined(core, self.production(self.grammar.pick(sections["ask"], rng)))
            elif rng.random() < 0.045 and "unsupported" in sections:
                core = self._unsupported(core)
        self._check(core)
        return self._talk(core)

    def request(self) -> Spoken:
        """A request that makes a mission: a whole sentence, or clauses in their frames with modifiers."""
        rng, sections = self.rng, self.grammar.sections
        if (rng.random() < 0.42 or not self.grammar.classes) and "sentence" in sections:
            core = self.production(self.grammar.pick(sections["sentence"], rng))
            extra = rng.choices((0, 1), (0.85, 0.15))[0]
        elif rng.random() < 0.26 and "then" in sections:
            core = self._chain()
            extra = rng.choices((0, 1, 2), (0.6, 0.32, 0.08))[0]
        elif rng.random() < 0.4 and "join" in sections:
            core = self.production(self.grammar.pick(sections["join"], rng))
            extra = rng.choices((0, 1, 2), (0.6, 0.32, 0.08))[0]
        elif rng.random() < 0.6 and "wrap" in sections:
            core = self.production(self.grammar.pick(sections["wrap"], rng))
            extra = rng.choices((0, 1, 2, 3), (0.42, 0.38, 0.15, 0.05))[0]
        else:
            classes = [c for c in ("imp", "fact", "third") if f"clause:{c}" in self.grammar.classes]
            core = self.clause(rng.choices(classes, [2 if c == "imp" else 1 for c in classes])[0])
            extra = rng.choices((0, 1, 2, 3), (0.42, 0.38, 0.15, 0.05))[0]
        for _ in range(extra):
            core = self._modified(core)
        return core

    def _chain(self) -> Spoken:
        """Two to five orders one after the other, some under a condition judged on what precedes."""
        rng, grammar, gap = self.rng, self.grammar, "" if self.grammar.language == "zh" else " "
        framed = rng.random() < 0.25 and "wrap" in grammar.sections
        out = self.production(grammar.pick(grammar.sections["wrap"], rng)) if framed else self.clause("imp")
        condition: tuple[str, ...] = ()
        for _ in range(rng.choices((1, 2, 3, 4), (0.45, 0.33, 0.16, 0.06))[0]):
            then = self.production(grammar.pick(grammar.sections["then"], rng))
            out.say(gap)
            out.add(then)
            out.say(gap)
            # "If it is damaged ..., if it is ok ...": one condition is often followed by another.
            likely = 0.5 if condition else 0.2
            condition = ()
            if rng.random() < likely and "cond" in grammar.sections:
                asked = self.production(grammar.pick(grammar.sections["cond"], rng))
                condition = asked.words[0].condition
                out.pieces += asked.pieces
                out.say("，" if not gap else rng.choice((", ", ", ", " ")))
            follows = "cont" if rng.random() < 0.35 and "clause:cont" in grammar.classes else "imp"
            part = self.clause(follows)
            if condition:
                part.words = [replace(w, condition=condition) if w.head in OPS else w for w in part.words]
            out.add(part)
        return out

    def clause(self, cls: str) -> Spoken:
        rows = self.grammar.classes.get(f"clause:{cls}")
        if not rows:
            raise GrammarFileError(f"{self.grammar.language}: there is no [clause {cls}]")
        return self.production(self.grammar.pick(rows, self.rng))

    def _modified(self, core: Spoken) -> Spoken:
        where = self.rng.choice(("start", "end", "end"))
        rows = self.grammar.classes.get(f"mod:{where}", [])
        if not rows:
            return core
        mod = self.production(self.grammar.pick(rows, self.rng))
        if {w.head for w in mod.words} & {w.head for w in core.words}:
            return core
        out = Spoken()
        first, second = (mod, core) if where == "start" else (core, mod)
        out.add(first)
        out.say(self.rng.choice((", ", ", ", " ", ". " if where == "end" else ", ")))
        out.add(second)
        return out

    def _joined(self, first: Spoken, second: Spoken) -> Spoken:
        out = Spoken()
        out.add(first)
        out.say(self.rng.choice((". ", ", ", "; ", " - ")))
        out.add(second)
        return out

    def _unsupported(self, core: Spoken) -> Spoken:
        """A good order under a condition that a mission cannot hold: the whole of it must be asked about."""
        condition = self.production(self.grammar.pick(self.grammar.sections["unsupported"], self.rng))
        out = Spoken()
        first, second = (condition, core) if self.rng.random() < 0.5 else (core, condition)
        out.add(first)
        out.say("，" if self.grammar.language == "zh" else self.rng.choice((", ", " ")))
        out.add(second)
        out.decision = "ASK.unsupported"
        return out

    def _talk(self, core: Spoken) -> Spoken:
        out, rng = Spoken(), self.rng
        sections = self.grammar.sections
        if rng.random() < 0.22 and (rows := sections.get("prefix")):
            out.add(self.production(self.grammar.pick(rows, rng)))
            out.say(rng.choice((", ", " ", ". ", " - ")))
        out.add(core)
        if rng.random() < 0.2 and (rows := sections.get("suffix")):
            out.say(rng.choice((", ", " ", ". ", " - ")))
            out.add(self.production(self.grammar.pick(rows, rng)))
        out.words, out.decision = core.words, core.decision
        return out

    def _check(self, core: Spoken) -> None:
        heads = [w.head for w in core.words if w.head in MISSION]
        if len(set(heads)) < len(heads) or {"HIGH", "LOW"} <= set(heads):
            raise Unsayable
        if core.decision == "PLAN" and not any(w.head in OPS for w in core.words):
            raise Unsayable

    # --- one production

    def production(self, row: Production, scope: str | None = None) -> Spoken:
        if scope is None:
            self.scopes += 1
            scope = f"{self.scopes}."
        out = Spoken()
        inner: dict[str, Spoken | tuple[str, ...]] = {}
        self.say(row.text, scope, out, inner)
        for statement in row.meaning:
            self._mean(statement, scope, out, inner, row)
        if row.meaning and inner and not any(s[-1] in inner for s in row.meaning):
            # A frame whose meaning names no inner clause only adds to what the clauses mean.
            for key in sorted(k for k in inner if k.startswith("c")):
                out.add(replace(inner[key], pieces=[]))  # type: ignore[type-var]
        elif not row.meaning:
            for key in sorted(k for k in inner if k.startswith("c")):
                out.add(replace(inner[key], pieces=[]))  # type: ignore[type-var]
        return out

    def say(self, node: Node, scope: str, out: Spoken, inner: dict) -> None:  # type: ignore[type-arg]
        if isinstance(node, str):
            out.say(node)
        elif isinstance(node, Choice):
            self.say(self.rng.choice(node.options), scope, out, inner)
        elif isinstance(node, Seq):
            for part in node.parts:
                self.say(part, scope, out, inner)
        elif isinstance(node, Ref):
            self.say(self.grammar.words[node.name], scope, out, inner)
        else:
            self._hole(node, scope, out, inner)

    def _hole(self, hole: Hole, scope: str, out: Spoken, inner: dict) -> None:  # type: ignore[type-arg]
        if hole.cls:
            if hole.label not in inner:
                inner[hole.label] = self.clause(hole.cls)
            out.pieces += inner[hole.label].pieces
        elif hole.label == "k":
            spoken = self.production(self.grammar.pick(self.grammar.sections["cond"], self.rng))
            kind = spoken.words[0]
            inner["k"] = kind.condition
            out.pieces += spoken.pieces
        elif hole.label in ("here", "it"):
            kind = "P" if hole.label == "here" else "I"
            if kind not in self.latest:
                raise Unsayable
            out.pieces += self._name(kind, self.latest[kind])
        elif hole.label == "m":
            rows = self.grammar.classes.get("mod:mid") or self.grammar.classes.get("mod:end", [])
            if rows and self.rng.random() < 0.3:
                mod = self.production(self.grammar.pick(rows, self.rng))
                out.add(mod)
        elif match := _SLOT.fullmatch(hole.label):
            self._slot(match.group(1), scope + hole.label, out)
        else:
            raise GrammarFileError(f"{self.grammar.language}: there is no slot {{{hole.label}}}")

    # --- slots

    def _slot(self, kind: str, label: str, out: Spoken) -> None:
        rng = self.rng
        if kind in ("P", "I", "R"):
            out.pieces += self._name(kind, label)
        elif kind == "QI":
            self._item(label, out)
        elif kind == "PP":
            self._list(label, out)
        elif kind == "XP":
            out.say(rng.choice(self.site.names["elsewhere"])[0], "?" + label)
        elif kind == "XI":
            out.say(rng.choice(self.site.names["something"])[0], "?" + label)
        elif kind == "XR":
            out.say(no_robot_of(self.site, rng), "?" + label)
        elif kind == "N":
            out.say(self.number(), label)
        else:
            self._value(_NUMERIC[kind], label, out)

    def _name(self, kind: str, label: str) -> list[tuple[str, str]]:
        named = self._record(kind, label)
        self.latest[kind] = label
        rows = self.grammar.sections.get("repair")
        if rows and label not in self.counted and self.rng.random() < 0.02:
            return self._repaired(self.grammar.pick(rows, self.rng), kind, label, named)
        self.counted.setdefault(label, "")
        return [(spell(named, self.rng, self.site.language), label)]

    def _record(self, kind: str, label: str) -> Named:
        if label in self.bound:
            return self.bound[label][0]
        vocabulary = self.site.vocabulary
        records = {"P": vocabulary.places, "I": vocabulary.items, "R": vocabulary.robots}[kind]
        used = {n.id for rows in self.bound.values() for n in rows}
        if kind == "P" and self.rng.random() < 0.12:
            used = {n.id for key, rows in self.bound.items() if key.startswith(label.split(".")[0]) for n in rows}
        free = [n for n in records if n.id not in used]
        if not free:
            raise Unsayable
        self.bound[label] = (self.rng.choice(free),)
        return self.bound[label][0]

    def _repaired(self, row: Production, kind: str, label: str, named: Named) -> list[tuple[str, str]]:
        wrong = self._record(kind, label + "!")
        out = Spoken()
        for part in row.text.parts if isinstance(row.text, Seq) else (row.text,):
            if isinstance(part, Hole) and part.label in ("w", "r"):
                record = wrong if part.label == "w" else named
                out.say(spell(record, self.rng, self.site.language), label + ("!" if part.label == "w" else ""))
            else:
                self.say(part, label, out, {})
        return out.pieces

    def _item(self, label: str, out: Spoken) -> None:
        rows = self.grammar.sections.get("item", [])
        if label in self.bound or not rows:
            out.pieces += self._name("I", label)
            return
        row = self.grammar.pick(rows, self.rng)
        self._walk_item(row.text, label, out, bool(row.meaning))

    def _walk_item(self, node: Node, label: str, out: Spoken, counts: bool) -> None:
        if isinstance(node, Choice):
            self._walk_item(self.rng.choice(node.options), label, out, counts)
        elif isinstance(node, Seq):
            for part in node.parts:
                self._walk_item(part, label, out, counts)
        elif isinstance(node, Hole):
            if node.label == "I":
                out.pieces += self._name("I", label)
            elif node.label.startswith("N"):
                out.say(self.number(), label + "#")
                self.counted[label] = label + "#" if counts else ""
            else:
                self._number_hole(node.label, out, label + "#")
                self.counted[label] = label + "#" if counts else ""
        elif isinstance(node, Ref):
            self._walk_item(self.grammar.words[node.name], label, out, counts)
        else:
            out.say(node)

    def _list(self, label: str, out: Spoken) -> None:
        rng = self.rng
        rows = self.grammar.sections["list"]
        row = self.grammar.pick(rows, rng)
        family = [f for f in self.site.families.values() if len(f) > 2]
        same = rng.choice(family) if family and rng.random() < 0.5 else None
        labels: list[str] = []
        spoken = Spoken()
        for part in row.text.parts if isinstance(row.text, Seq) else (row.text,):
            if isinstance(part, Hole):
                one = f"{label}.{part.label}"
                if same is not None and one not in self.bound:
                    used = {n.id for records in self.bound.values() for n in records}
                    free = [n for n in same if n.id not in used]
                    if free:
                        self.bound[one] = (rng.choice(free),)
                labels.append(one)
                pieces = self._name("P", one)
                if same is not None and len(labels) > 1 and rng.random() < 0.6 and " " in pieces[-1][0]:
                    pieces = [(pieces[-1][0].rsplit(" ", 1)[1], one)]
                spoken.pieces += pieces
            else:
                self.say(part, label, spoken, {})
        self.lists[label] = tuple(labels)
        out.pieces += spoken.pieces

    def number(self) -> str:
        rng = self.rng
        n = 1 if rng.random() < 0.08 else rng.choice((*range(2, 13), rng.randint(13, 60)))
        return self._in_words(n) if rng.random() < 0.4 else str(n)

    def _in_words(self, n: int) -> str:
        return in_words(n, self.site.language)

    def _value(self, section: str, label: str, out: Spoken) -> None:
        rows = self.grammar.sections.get(section)
        if not rows:
            raise GrammarFileError(f"{self.grammar.language}: there is no section [{section}]")
        if label in self.values:
            out.say(self.values[label], label)
            return
        inner = Spoken()
        if section == "percent" and self.rng.random() < 0.2:
            # "Charge to 80": people leave the sign out.
            self._number_hole("pct", out, label)
            return
        self._walk_value(self.grammar.pick(rows, self.rng).text, inner)
        self.values[label] = "".join(text for text, _ in inner.pieces)
        out.say(self.values[label], label)

    def _walk_value(self, node: Node, out: Spoken) -> None:
        if isinstance(node, Choice):
            self._walk_value(self.rng.choice(node.options), out)
        elif isinstance(node, Seq):
            for part in node.parts:
                self._walk_value(part, out)
        elif isinstance(node, Ref):
            self._walk_value(self.grammar.words[node.name], out)
        elif isinstance(node, Hole):
            self._number_hole(node.label, out, "")
        else:
            out.say(node)

    def _number_hole(self, label: str, out: Spoken, slot: str) -> None:
        rng = self.rng
        five = rng.choice((5, 10, 15, 20, 25, 30, 40, 45, 50, rng.randint(2, 60)))
        hour = rng.randint(1, 12)
        percent = rng.choice((20, 30, 40, 50, 60, 70, 80, 90, rng.randint(10, 95)))
        minute = rng.choice((0, 15, 30, 45, 5, 10, 20, 40, 50, rng.randrange(60)))
        texts = {
            "n": lambda: self._in_words(five) if rng.random() < 0.35 else str(five),
            "nd": lambda: str(five),
            "nw": lambda: self._in_words(rng.randint(2, 20)),
            "h": lambda: self._in_words(hour) if rng.random() < 0.35 else str(hour),
            "hw": lambda: self._in_words(hour),
            "hh": lambda: f"{rng.randrange(24):02d}",
            "h24": lambda: str(rng.randrange(24)),
            "mm": lambda: f"{minute:02d}",
            "pct": lambda: str(percent),
            "pctw": lambda: self._in_words(rng.choice((20, 30, 40, 50, 60, 70, 80, 90))),
        }
        if label not in texts:
            raise GrammarFileError(f"{self.grammar.language}: there is no number {{{label}}}")
        out.say(texts[label](), slot)

    # --- meanings

    def _mean(self, statement: tuple[str, ...], scope: str, out: Spoken, inner: dict, row: Production) -> None:  # type: ignore[type-arg]
        words, condition = list(statement), ()
        if words[0].startswith("?"):
            name = words.pop(0)[1:]
            kind, _, slot = name.partition(":")
            condition = tuple(inner["k"]) if kind == "k" else (kind, *((scope + slot,) if slot else ()))
        head = words[0] if words else ""
        if head in ("ask", "refuse"):
            out.decision = f"{head.upper()}.{words[1]}" if len(words) > 1 else f"{head.upper()}.not_understood"
        elif head in inner and head.startswith("c"):
            part: Spoken = inner[head]
            made = [replace(w, condition=condition) if condition and w.head in OPS else w for w in part.words]
            out.words += made
            if part.decision != "PLAN":
                out.decision = part.decision
        elif head in _MODIFIERS:
            parts = (("", self._labels(words[1:], scope)),) if words[1:] else ()
            out.words.append(Word(_MODIFIERS[head], parts, kinds=_TIMES.get(head, "")))
        elif head.upper() in OPS:
            out.words += self._steps(head.upper(), words[1:], scope, condition)
        elif row in self.grammar.sections.get("cond", ()):
            kind, _, slot = head.partition(":")
            out.words.append(Word("COND", condition=(kind, *((scope + slot,) if slot else ()))))
        elif head != "qty":
            raise GrammarFileError(f"{row.where}: {' '.join(statement)!r} is no statement of a meaning")

    def _labels(self, words: list[str], scope: str) -> tuple[str, ...]:
        out: list[str] = []
        for word in words:
            label = scope + word
            out += self.lists.get(label, (label,))
        return tuple(out)

    def _steps(self, op: str, words: list[str], scope: str, condition: tuple[str, ...]) -> list[Word]:
        if op == "WAIT" and words[:1] == ["confirmed"]:
            return [Word("CONFIRM", (), condition)]
        parts: dict[str, tuple[str, ...]] = {}
        places: tuple[str, ...] = ()
        n = 0
        while n < len(words):
            word = words[n]
            if word.startswith("@"):
                places = self._labels([word[1:]], scope)
            elif word.startswith("*"):
                parts["QTY"] = (scope + word[1:],)
            elif word == "once":
                parts["ONCE"] = ()
            elif word in ("times", "for", "to"):
                n += 1
                if words[n] == "full":
                    parts["FULL"] = ()
                else:
                    parts[{"times": "TIMES", "for": "FOR", "to": "TO"}[word]] = (scope + words[n],)
            elif word.startswith("QI"):
                parts[""] = (scope + word,)
                if op == "PICK" and self.counted.get(scope + word):
                    parts["QTY"] = (self.counted[scope + word],)
            else:
                parts[""] = (*parts.get("", ()), *self._labels([word], scope))
            n += 1
        if op == "MOVE":
            return [Word(op, (("", (place,)),), condition) for place in parts.get("", places)]
        if len(places) > 1:
            return [Word(op, (*parts.items(), ("AT", (place,))), condition) for place in places]
        if places:
            parts["AT"] = places
        return [Word(op, tuple(parts.items()), condition)]


def sample(grammar: Grammar, site: Site, rng: Random) -> Sample | None:
    """One training sentence, or None where this draw gave none that the linker reads as meant."""
    draw = Draw(grammar, site, rng)
    try:
        spoken = draw.sentence()
        spoken = noise.vague(spoken, draw)
    except Unsayable:
        return None
    text, spans = noise.written(spoken, draw)
    request = PlanRequest(text, site.vocabulary, grammar.language)
    slotted = delexicalise(read(replace(request, language=None)))
    target = encode(spoken, draw.bound, slotted, spans)
    if target is None or len(target) > MAX_TOKENS:
        return None
    return Sample(text, target, slotted, grammar.language, request)
