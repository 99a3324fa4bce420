"""What a clause says besides its verb: things with quantities, places by role, pronouns, values and unknown names."""

from __future__ import annotations

from dataclasses import dataclass, field

from inference.contract import Named
from inference.planner.clauses import Clause
from inference.planner.linker import Mention
from inference.planner.reading import Atom, Reading
from inference.planner.text import fold

# Pronouns for places that are hardly ever mere filling, so that they need no preposition.
_THERE = frozenset(["there", "dort", "dorthin", "dahin", "alli", "alla", "ahi"])
_ARTICLE_ONE = frozenset(["a", "an", "one", "un", "una", "ein", "eine", "einen", "une"])


@dataclass(slots=True)
class Thing:
    mention: Mention
    atom: Atom
    qty: int | None = None
    counted: Atom | None = None


@dataclass(slots=True)
class Arguments:
    """`places` by role: from, to, at, via, none; each with the joiner that came before it ("or" makes two readings)."""

    things: list[Thing] = field(default_factory=list)
    places: dict[str, list[Atom]] = field(default_factory=dict)
    pronoun: Atom | None = None
    there: str | None = None
    unknown: list[tuple[str, Atom]] = field(default_factory=list)
    numbers: list[Atom] = field(default_factory=list)
    duration: Atom | None = None
    percent: Atom | None = None
    full: bool = False
    confirmed: bool = False
    either: bool = False
    exists: bool = False
    wrong_robot: bool = False

    def role(self, *roles: str) -> list[Atom]:
        return [a for role in roles for a in self.places.get(role, [])]


def collect(reading: Reading, clause: Clause) -> Arguments:
    args = Arguments()
    roles: frozenset[str] = frozenset()
    either = False
    for n, atom in enumerate(clause.atoms):
        if atom is clause.verb:
            roles = frozenset()
            continue
        if atom.mention is not None and atom.mention.kind == "robot":
            args.wrong_robot = args.wrong_robot or ("to" in roles and clause.op in ("transport", "drop"))
            roles = frozenset()
            continue
        if atom.used and not atom.has("avoid"):
            continue
        if atom.mention is not None:
            _name(args, clause, n, atom, roles, either)
            either = False
            following = clause.atoms[n + 1] if n + 1 < len(clause.atoms) else None
            if following is None or not (
                following.has("and", "or") or following.text == "," or following.mention is not None
            ):
                roles = frozenset()
            continue
        either = atom.has("or") or (either and atom.filler)
        if found := frozenset(c[2:] for c in atom.cats if c.startswith("p:")):
            if _leads_something(clause.atoms, n) or not atom.filler:
                roles = found
                atom.used = True
        elif atom.kind == "word":
            args.unknown.append((_role_of(roles, clause), atom))
        elif atom.text == ",":
            atom.used = True
        else:
            _value(args, clause, n, atom, roles)
    return args


def _leads_something(atoms: list[Atom], n: int) -> bool:
    for atom in atoms[n + 1 : n + 4]:
        if atom.mention is not None or atom.kind == "word" or atom.has("pron:place", "here"):
            return True
        if not (atom.filler or atom.kind == "number" or atom.has("container", "place_word", "all")):
            return False
    return False


def _role_of(roles: frozenset[str], clause: Clause) -> str:
    """The role a preposition gives; one that can mean both ("in", "auf") is decided by the verb."""
    if "from" in roles:
        return "from"
    if {"to", "at"} <= roles:
        return "to" if clause.op in ("transport", "drop", "move") else "at"
    return next((r for r in ("via", "to", "between", "at", "with") if r in roles), "none")


def _name(args: Arguments, clause: Clause, n: int, atom: Atom, roles: frozenset[str], either: bool) -> None:
    mention = atom.mention
    if mention is None:
        return
    atom.used = True
    if mention.kind == "item":
        thing = Thing(mention, atom)
        _quantity(thing, clause.atoms, n)
        args.things.append(thing)
    else:
        args.places.setdefault(_role_of(roles, clause), []).append(atom)
        args.either = args.either or either
    if mention.kind == "item":
        args.either = args.either or (either and len(args.things) > 1)


def _quantity(thing: Thing, atoms: list[Atom], n: int) -> None:
    """A number before ("three of the oat pallets", "a pallet of oats", "3 x tape") or after ("oats, three of them")."""
    for k in range(n - 1, max(-1, n - 6), -1):
        before = atoms[k]
        if before.kind == "number" and not before.used:
            thing.qty, thing.counted, before.used = before.value, before, True
            return
        if before.text.casefold() in _ARTICLE_ONE:
            thing.qty, thing.counted = 1, before
            return
        if before.has("container") or before.has("some", "all"):
            before.used = True
        elif not before.filler or before.verb is not None or before.mention is not None:
            break
    for k in range(n + 1, min(len(atoms), n + 4)):
        after = atoms[k]
        if after.kind == "number" and not after.used and _ends_count(atoms, k):
            thing.qty, thing.counted, after.used = after.value, after, True
            for extra in atoms[k + 1 : k + 3]:
                if extra.has("container", "pron:item"):
                    extra.used = True
            return
        if not (after.text in (",", "(", ")") or after.text.casefold() in ("x", "all")):
            return


def _ends_count(atoms: list[Atom], k: int) -> bool:
    rest = atoms[k + 1 : k + 3]
    return (
        not rest
        or rest[0].text in (",", ")", ".")
        or rest[0].has("container", "p:from", "p:to", "and")
        or rest[0].text.casefold() in ("of", "each", "x")
    )


def _value(args: Arguments, clause: Clause, n: int, atom: Atom, roles: frozenset[str]) -> None:
    if atom.kind == "number":
        args.numbers.append(atom)
    elif atom.kind == "duration":
        args.duration = args.duration or atom
    elif atom.kind == "percent":
        args.percent = args.percent or atom
    elif atom.has("confirmed"):
        args.confirmed, atom.used = True, True
    elif atom.has("pron:place") and (roles or not atom.filler or fold(atom.text) in _THERE):
        args.there, atom.used = _role_of(roles, clause), True
    elif atom.has("here"):
        args.unknown.append((_role_of(roles, clause) if roles else "to", atom))
    elif atom.has("pron:item") and _is_pronoun(clause, n, atom):
        args.pronoun, atom.used = atom, True
    elif atom.has("full_pct") and clause.op == "charge":
        args.full, atom.used = True, True
    elif atom.has("everything") and clause.op in ("scan", "inspect"):
        atom.used = True  # a scan or inspection without an item is one of everything
    elif atom.has("exists"):
        args.exists = True
        atom.used = True
    elif (
        atom.has("container", "place_word", "all", "some", "any_robot", "below", "battery", "t:for", "done", "rep_unit")
        or atom.text == ","
    ):
        _loose(args, clause, n, atom, roles)


def _is_pronoun(clause: Clause, n: int, atom: Atom) -> bool:
    """ "that tape", "les palettes": before a name it is an article."""
    rest = clause.atoms[n + 1 : n + 3]
    if rest and (
        rest[0].mention is not None or rest[0].kind in ("number", "word") or rest[0].has("container", "place_word")
    ):
        return False
    return not (rest and len(rest) > 1 and rest[0].filler and rest[1].mention is not None and rest[1].is_name("item"))


def _loose(args: Arguments, clause: Clause, n: int, atom: Atom, roles: frozenset[str]) -> None:
    """Sort words: "the pallets" without a name is an unknown thing, "the dock" an unknown place; else they say
    nothing new.
    """
    near = [a for a in clause.atoms[max(0, n - 2) : n + 3] if a.mention is not None]
    if atom.has("container") and not any(a.is_name("item") for a in near):
        args.unknown.append(("none", atom))
    elif atom.has("place_word") and not any(a.is_name("place") for a in near):
        args.unknown.append((_role_of(roles, clause), atom))
    else:
        atom.used = True


def named_of(atom: Atom) -> list[Named]:
    """The records an atom stands for: one, or all of a group; none when it is not linked."""
    if atom.mention is None:
        return []
    # A range's last place stands for the places inside the range as well, which come before it.
    named = [atom.mention.named] if atom.mention.named is not None else []
    return [*atom.mention.members, *named]
