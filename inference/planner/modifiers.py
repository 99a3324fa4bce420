"""What holds for the whole mission: start, deadline, repetition, priority, speed, places to avoid, the robot.

Each reader marks the atoms it understood as used. What two phrases say differently is a problem, never a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inference.contract import Json, Named, Slot
from inference.planner.quantities import Clock, read_clock
from inference.planner.reading import Atom, Reading

_WEAK_TIME = frozenset({"p:to", "p:at", "p:from"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a person must be asked. `reason` is the draft's code, `options` up to four records to choose from."""

    reason: str
    question: str
    options: tuple[Named, ...] = ()


@dataclass(slots=True)
class Modifiers:
    start: Json | None = None
    deadline: Json | None = None
    repeat: Json | None = None
    priority: str | None = None
    speed: str | None = None
    avoid: list[str] = field(default_factory=list)
    robot: str | None = None
    rounds: tuple[int, Atom] | None = None
    slots: list[Slot] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def extract(reading: Reading) -> Modifiers:
    mods = Modifiers()
    _avoid(reading, mods)
    _repeat(reading, mods)
    _times(reading, mods)
    _manner(reading, mods)
    _robot(reading, mods)
    return mods


def slot(name: str, value: object, *atoms: Atom, text: str, confidence: float = 0.97) -> Slot:
    start, end = min(a.start for a in atoms), max(a.end for a in atoms)
    return Slot(name, value, text[start:end], (start, end), confidence)


# --- times ------------------------------------------------------------------------------------------------------


def _times(reading: Reading, mods: Modifiers) -> None:
    for i, atom in enumerate(reading.atoms):
        following = reading.after(i)
        if atom.used or following is None or following.used:
            continue
        if following.kind == "duration":
            _relative(reading, mods, i, atom, following)
        elif atom.has("t:by", "t:at", "t:start") and (clock := _clock(reading, i, atom, following)):
            # "vor", "nach", "à", "from" also lead places: only with a clock behind them do they lead a time.
            value = clock.resolve(reading.request.vocabulary.now)
            if atom.has("t:by") and not (atom.has("t:at") and not atom.has("t:start")):
                _set(mods, reading, "deadline", {"by": value}, atom, following)
            else:
                _set(mods, reading, "start", {"at": value}, atom, following)
    for i, atom in enumerate(reading.atoms):
        if atom.kind == "clock" and not atom.used and atom.clock is not None:
            before = reading.before(i)
            if before is None or before.filler or before.kind == "punct" or i + 1 == len(reading.atoms):
                # A bare "14:00" says when to begin, less surely.
                reading.factors.append(0.9)
                _set(mods, reading, "start", {"at": atom.clock.resolve(reading.request.vocabulary.now)}, atom)


def _clock(reading: Reading, i: int, lead: Atom, following: Atom) -> Clock | None:
    if following.kind == "clock":
        return following.clock
    bare = following.kind == "number" or following.text.casefold() in ("las", "la", "una", "half", "quarter", "halb")
    if not bare:
        return None
    read = read_clock(reading.tokens, following.first, reading.lang, bare=True)
    if read is None or (lead.cats & _WEAK_TIME and not lead.has("t:by", "t:at")):
        return None
    clock, last = read
    n = i + 1
    while n < len(reading.atoms) and reading.atoms[n].first < last:
        n += 1
    covered = reading.atoms[i + 1 : n]
    if not covered or covered[-1].last != last or any(a.mention is not None for a in covered):
        return None
    after = reading.atoms[n] if n < len(reading.atoms) else None
    # "at three pallets", "by 20 minutes": the number counts something.
    if after is not None and (after.is_name("item") or after.has("container", "rep_unit") or after.kind == "word"):
        return None
    for a in covered[1:]:
        a.used = True
    following.end, following.last = covered[-1].end, last
    following.text = reading.request.text[following.start : following.end]
    return clock


def _relative(reading: Reading, mods: Modifiers, i: int, lead: Atom, span: Atom) -> None:
    before = reading.before(i)
    due = any(a.has("done") and not a.is_name("place") for a in reading.atoms[max(0, i - 3) : i])
    if lead.has("t:within") or (lead.has("t:in") and due and before is not None):
        for a in reading.atoms[max(0, i - 3) : i]:
            if a.has("done"):
                a.used = True
        _set(mods, reading, "deadline", {"within_s": span.value}, lead, span)
    elif lead.has("t:in"):
        _set(mods, reading, "start", {"in_s": span.value}, lead, span)
    elif lead.has("t:every"):
        _set(mods, reading, "repeat", {"every_s": span.value}, lead, span)
    elif lead.has("rep:1", "rep:2", "rep:3") and span.text.casefold().startswith(("a ", "an ")):
        times = 1 if lead.has("rep:1") else 2 if lead.has("rep:2") else 3
        _set(mods, reading, "repeat", {"every_s": span.value // times}, lead, span)
    else:
        following = reading.after(i + 1)
        if following is not None and following.text.casefold() in ("from", "later") and lead.has("filler", "seq"):
            _set(mods, reading, "start", {"in_s": span.value}, span, following)


def _set(mods: Modifiers, reading: Reading, name: str, value: Json, *atoms: Atom) -> None:
    current = getattr(mods, name)
    if current is not None and current != value:
        mods.problems.append(Problem("conflicting_time", f"Two different {name} times are given. Which one holds?"))
    setattr(mods, name, value)
    for atom in atoms:
        atom.used = True
    kind = "repeat" if name == "repeat" else "duration" if atoms[-1].kind == "duration" or "in_s" in value else "time"
    mods.slots.append(slot(kind, value, *atoms, text=reading.request.text))


# --- repetition -------------------------------------------------------------------------------------------------


def _repeat(reading: Reading, mods: Modifiers) -> None:
    for i, atom in enumerate(reading.atoms):
        following = reading.after(i)
        if atom.used:
            continue
        if atom.has("hourly", "daily") and atom.kind == "phrase":
            _set(mods, reading, "repeat", {"every_s": 3600 if atom.has("hourly") else 86_400}, atom)
        elif atom.kind == "number" and following is not None and following.has("rep_unit"):
            atom.used = following.used = True
            mods.rounds = (atom.value, atom)
            mods.slots.append(slot("repeat", {"times": atom.value}, atom, following, text=reading.request.text))
        elif atom.has("rep:1", "rep:2", "rep:3") and not (following is not None and following.kind == "duration"):
            if atom.text.casefold() == "once" and _leads_a_clause(reading, i):
                continue
            atom.used = True
            mods.rounds = (1 if atom.has("rep:1") else 2 if atom.has("rep:2") else 3, atom)
            mods.slots.append(slot("repeat", {"times": mods.rounds[0]}, atom, text=reading.request.text))


def _leads_a_clause(reading: Reading, i: int) -> bool:
    """ "once the truck is there" is a condition; "once" at an end or before a comma is a count."""
    following = reading.after(i)
    return (
        following is not None
        and following.kind != "punct"
        and not following.has("and", "seq", "t:by", "t:at", "t:in", "p:at")
    )


# --- manner -----------------------------------------------------------------------------------------------------


def _manner(reading: Reading, mods: Modifiers) -> None:
    for i, atom in enumerate(reading.atoms):
        if atom.used or atom.kind != "phrase":
            continue
        level = next((c[5:] for c in ("prio:low", "prio:high", "prio:normal") if atom.has(c)), None)
        if level is not None and not _negated(reading, i):
            if mods.priority not in (None, level):
                mods.problems.append(
                    Problem("conflicting_priority", "Two different priorities are given. Which one holds?")
                )
            mods.priority, atom.used = level, True
            mods.slots.append(slot("priority", level, atom, text=reading.request.text))
        elif atom.has("slow") and not _negated(reading, i):
            mods.speed, atom.used = "slow", True
            mods.slots.append(slot("speed", "slow", atom, text=reading.request.text))


def _negated(reading: Reading, i: int) -> bool:
    return any(a.has("neg") and not a.used for a in reading.atoms[max(0, i - 2) : i])


def _avoid(reading: Reading, mods: Modifiers) -> None:
    for i, atom in enumerate(reading.atoms):
        if not atom.has("avoid"):
            continue
        n, found = i + 1, []
        while n < len(reading.atoms):
            here = reading.atoms[n]
            if here.is_name("place") and here.mention is not None:
                found.append(here)
            elif not _goes_on(reading, n, bool(found)):
                break
            n += 1
        while reading.atoms[n - 1].has("and", "or") or reading.atoms[n - 1].text == ",":
            n -= 1
        if not found:
            continue
        for a in reading.atoms[i:n]:
            a.used = True
        for a in found:
            _avoid_one(reading, mods, a)


def _goes_on(reading: Reading, n: int, found: bool) -> bool:
    """Whether the atom at `n` may stand within the list of places to avoid."""
    here = reading.atoms[n]
    if found and (here.has("and", "or") or (here.text == "," and _more_places(reading, n))):
        return True
    return here.has("all") or (here.filler and not found and here.verb is None)


def _more_places(reading: Reading, n: int) -> bool:
    following = reading.after(n)
    later = reading.after(n + 1)
    return following is not None and (
        following.is_name("place") or (following.has("and", "or") and later is not None and later.is_name("place"))
    )


def _avoid_one(reading: Reading, mods: Modifiers, atom: Atom) -> None:
    mention = atom.mention
    if mention is None:
        return
    if mention.named is not None:
        mods.avoid.append(mention.named.id)
    elif mention.members:
        mods.avoid.extend(n.id for n in mention.members)
    else:
        code = "ambiguous_place" if mention.status == "ambiguous" else "unknown_place"
        mods.problems.append(Problem(code, f'Which place should be avoided by "{atom.text}"?', mention.candidates[:4]))
    reading.factors.append(mention.confidence)
    mods.slots.append(
        slot(
            "avoid",
            mention.named.id if mention.named else None,
            atom,
            text=reading.request.text,
            confidence=mention.confidence,
        )
    )


# --- robot ------------------------------------------------------------------------------------------------------


def _robot(reading: Reading, mods: Modifiers) -> None:
    chosen: dict[str, Named] = {}
    for i, atom in reading.names("robot"):
        mention = atom.mention
        if mention is None:
            continue
        atom.used = True
        if _negated(reading, i) or any(a.has("unsupported") for a in reading.atoms[max(0, i - 2) : i]):
            others = tuple(
                r for r in reading.request.vocabulary.robots if mention.named is None or r.id != mention.named.id
            )
            mods.problems.append(
                Problem(
                    "unsupported_exclusion", "A robot cannot be excluded here. Which robot should do it?", others[:4]
                )
            )
        elif mention.named is not None:
            chosen[mention.named.id] = mention.named
            reading.factors.append(mention.confidence)
        else:
            code = "unknown_robot" if mention.status == "unknown" else "ambiguous_robot"
            mods.problems.append(Problem(code, f'Which robot is "{atom.text}"?', mention.candidates[:4]))
        value = mention.named.id if mention.named else None
        mods.slots.append(
            Slot("robot", value, atom.text, (atom.start, atom.end), mention.confidence, mention.candidates)
        )
    if len(chosen) > 1:
        mods.problems.append(
            Problem("two_robots", "More than one robot is named. Which one should do it?", tuple(chosen.values())[:4])
        )
    elif chosen:
        mods.robot = next(iter(chosen))
