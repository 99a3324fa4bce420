"""A reading cut into clauses: one verb each, with its condition and its objects and places by role.

English, Spanish and French put the verb first, German often last; so a clause is a stretch between connectives that
holds one verb, and its arguments may stand on either side of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inference.contract import CONDITIONS, Condition
from inference.planner.lexicon import SENTENCE_ENDS
from inference.planner.modifiers import Problem
from inference.planner.reading import Atom, Reading

_DETERMINERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "my",
        "our",
        "your",
        "der",
        "die",
        "das",
        "dem",
        "den",
        "ein",
        "eine",
        "el",
        "la",
        "los",
        "las",
        "un",
        "una",
        "le",
        "les",
        "du",
    ]
)
_CARRIES = frozenset({"transport", "pick", "drop"})
_NEVER_NOUNS = frozenset({"transport", "pick", "drop", "move", "home", "need"})


@dataclass(slots=True)
class Clause:
    """`sentence` counts full stops: a condition in front reaches to the end of its sentence."""

    atoms: list[Atom]
    sentence: int
    verb: Atom | None = None
    op: str | None = None
    condition: Condition | None = None
    leading: bool = False
    subjects: list[Atom] = field(default_factory=list)
    whether: bool = False
    after_then: bool = False


def split(reading: Reading, problems: list[Problem]) -> list[Clause]:
    """The clauses in order. Connectives are marked used; what cannot be expressed is added to `problems`."""
    _demote_nouns(reading)
    out: list[Clause] = []
    current = Clause([], 0)
    sentence = 0

    def close() -> None:
        nonlocal current
        if any(not a.used or a.verb for a in current.atoms):
            out.append(current)
        current = Clause([], sentence)

    for i, atom in enumerate(reading.atoms):
        if atom.kind == "punct" and atom.text in SENTENCE_ENDS:
            atom.used = True
            if atom.text == ":" and current.verb is None:
                continue
            sentence += 1
            close()
        elif atom.has("seq") and not atom.used and not atom.has("v:home") and _is_seq(reading, i):
            atom.used = True
            if any(a.verb is not None or (a.mention is not None and a.mention.kind != "robot") for a in current.atoms):
                close()
            current.after_then = bool(out)
        elif (
            ((atom.has("and") and not atom.used) or atom.text == ",")
            and current.op is not None
            and _verb_ahead(reading, i)
        ):
            atom.used = True
            close()
        elif (
            ((atom.has("and") and not atom.used) or atom.text == ",")
            and current.op in _CARRIES
            and _again(reading, i, current)
        ):
            atom.used = True
            op = current.op
            close()
            current.op = op
        elif atom.verb and current.op is not None:
            if current.verb is not None and _only_leads(current):
                current.verb.used = True
            else:
                close()
            current.atoms.append(atom)
            current.verb, current.op = atom, atom.verb
        else:
            _order_words(reading, i, atom, current, problems)
            if atom.verb and current.verb is None:
                current.verb, current.op = atom, atom.verb
            current.atoms.append(atom)
    close()
    for clause in out:
        _condition(reading, clause, problems)
    return out


def _demote_nouns(reading: Reading) -> None:
    """ "the drop", "a place": a word that is a verb elsewhere is none after an article, nor inside a stated
    modifier.
    """
    for i, atom in enumerate(reading.atoms):
        if atom.verb is None:
            continue
        before = reading.before(i)
        noun = before is not None and before.text.casefold() in _DETERMINERS and atom.verb in _NEVER_NOUNS
        if noun or (atom.used and not atom.has("v:patrol")):
            atom.cats = frozenset(c for c in atom.cats if not c.startswith("v:")) | {"filler"}


def _is_seq(reading: Reading, i: int) -> bool:
    """ "first row", "second floor" and "first free robot" order nothing."""
    atom, following = reading.atoms[i], reading.after(i)
    if atom.text.casefold() in ("first", "second", "next", "primero"):
        return following is not None and (following.verb is not None or following.text == "," or following.filler)
    return True


def _verb_ahead(reading: Reading, i: int) -> bool:
    """Whether the stretch after the connective at `i`, up to the next one, has a verb of its own."""
    for n in range(i + 1, len(reading.atoms)):
        atom = reading.atoms[n]
        if atom.verb is not None:
            return True
        if atom.kind == "punct" and (
            atom.text in SENTENCE_ENDS or (atom.text == "," and not _opens_condition(reading, i, n))
        ):
            return False
        if (atom.has("and") or atom.has("seq")) and n > i + 1 and not atom.used:
            return False
    return False


def _opens_condition(reading: Reading, i: int, n: int) -> bool:
    return any(reading.atoms[k].has("if") for k in range(i + 1, n))


def _again(reading: Reading, i: int, clause: Clause) -> bool:
    """ "tote 1 to dock 2 and tote 3 to dock 4": another thing with its own place, under the same verb."""
    if not any(a.is_name("item") for a in clause.atoms) or not any(a.is_name("place") for a in clause.atoms):
        return False
    seen = False
    for atom in reading.atoms[i + 1 :]:
        if atom.is_name("item"):
            seen = True
        elif atom.is_name("place"):
            return seen
        elif (
            atom.kind == "punct"
            or atom.verb is not None
            or (atom.has("and") and seen)
            or (not seen and not (atom.filler or atom.kind == "number" or atom.has("container", "all", "some")))
        ):
            return False
    return False


def _only_leads(clause: Clause) -> bool:
    """ "the screws need to go", "get someone to take": the first verb asks for the second, which has the objects of
    both.
    """
    verb = clause.verb
    if verb is None or (verb.verb != "need" and verb.text.casefold() not in ("get", "want")):
        return False
    between = clause.atoms[clause.atoms.index(verb) + 1 :]
    return all(a.filler or a.has("any_robot") or (a.mention is not None and a.mention.kind == "robot") for a in between)


def _order_words(reading: Reading, i: int, atom: Atom, current: Clause, problems: list[Problem]) -> None:
    """ "scan it before going home" keeps the order of the words; "before going home, scan it" turns it round."""
    if atom.used or not atom.has("t:by", "t:start"):
        return
    ahead = reading.atoms[i + 1 : i + 4]
    verb_next = next((a for a in ahead if a.verb is not None or a.kind != "phrase" or not a.filler), None)
    if (
        verb_next is None
        or verb_next.verb is None
        or atom.text.casefold()
        not in ("before", "after", "bevor", "nach", "antes de", "después de", "avant", "après", "avant de")
    ):
        return
    early = atom.text.casefold() in ("before", "bevor", "antes de", "avant", "avant de")
    if (current.verb is not None) == early:
        atom.used = True
    else:
        problems.append(
            Problem("unsupported_order", "In which order should the steps be done? Please write them first to last.")
        )


# --- conditions ---------------------------------------------------------------------------------------------------


def _condition(reading: Reading, clause: Clause, problems: list[Problem]) -> None:
    at = next((n for n, a in enumerate(clause.atoms) if a.has("if") and not a.used), None)
    if clause.op == "inspect" and clause.verb is not None and (at is None or _asks_whether(clause, at)):
        # "check whether row 9 is blocked": the state is what is looked for, not a condition.
        if at is not None or clause.verb.text.casefold().split()[-1] in ("if", "whether", "out", "sure", "that"):
            _mark(clause.atoms[at:] if at is not None else clause.atoms)
            clause.whether = True
        else:
            _mark([a for a in clause.atoms if any(c.startswith("c:") for c in a.cats)])
        return
    if at is None:
        return
    found = _state_in(clause.atoms[at + 1 :])
    if found is None:
        lead = clause.atoms[at]
        after = clause.atoms[at + 1 : at + 4]
        if after and after[0].text.casefold() in (
            "possible",
            "necessary",
            "needed",
            "posible",
            "possible",
            "moglich",
            "möglich",
        ):
            lead.used = after[0].used = True
        elif any(a.has("done") for a in after):
            lead.used = True
            for a in after:
                a.used = a.used or a.has("done") or a.filler
        else:
            problems.append(
                Problem(
                    "unsupported_condition",
                    (
                        "That condition cannot be part of a mission. Known are: empty, full, blocked, "
                        "damaged, missing, ok, battery below a percentage. How should it go on?"
                    ),
                )
            )
            lead.used = True
        return
    kind, pct, last = found
    region = clause.atoms[at : at + 2 + last]
    if any(a.has("neg") and not a.used for a in region):
        problems.append(
            Problem(
                "unsupported_condition",
                "A negated condition cannot be part of a mission. Under which condition should it be done?",
            )
        )
    if kind == "battery_below" and pct is None:
        problems.append(Problem("missing_percent", "Below which battery level, in percent?"))
        pct = 20.0
    clause.leading = clause.verb is None or clause.atoms.index(clause.verb) > at
    clause.condition = Condition(kind, pct)
    clause.whether = clause.op == "report" and clause.atoms[at].text.casefold() in ("whether", "ob")
    clause.subjects = [a for a in region if a.mention is not None and not a.used]
    for a in region:
        a.used = True


def _asks_whether(clause: Clause, at: int) -> bool:
    """The "if" belongs to the verb when nothing but small words stands between them."""
    if clause.verb is None:
        return False
    v = clause.atoms.index(clause.verb)
    return v < at and all(a.filler or a.kind == "punct" for a in clause.atoms[v + 1 : at])


def _mark(atoms: list[Atom]) -> None:
    for a in atoms:
        if a.has("if") or any(c.startswith("c:") for c in a.cats):
            a.used = True


def _state_in(atoms: list[Atom]) -> tuple[str, float | None, int] | None:
    """(kind, percentage, index of the last atom) of the state named first; a verb or an end of stretch closes the
    search.
    """
    battery = below = False
    for n, a in enumerate(atoms):
        battery = battery or a.has("battery")
        below = below or a.has("below")
        if a.kind == "percent" and (battery or below or any(b.has("battery") for b in atoms[n + 1 : n + 2])):
            more = n + 1 if n + 1 < len(atoms) and atoms[n + 1].has("battery") else n
            return ("battery_below", float(a.value), more) if below or battery else None
        state = next((c[2:] for c in sorted(a.cats) if c.startswith("c:") and c[2:] in CONDITIONS), None)
        if state is not None:
            return ("battery_below", None, n) if battery else (state, None, n)
        if a.verb is not None or a.text == ",":
            return None
        if battery and a.text.casefold() == "low":
            return "battery_below", None, n
    return None
