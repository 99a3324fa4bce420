"""Public command sets as cases, for evaluation only: read from a folder on disk, never trained on, never copied here.

RoboCup@Home General Purpose Service Robot: sentences of the rule book's command generator (RoboCupAtHome/
CommandGenerator, `gpsr_commands.py`), one per line in `*.txt`. What a sentence means is known from its template. Names
are taken from the sentences: the vocabulary of the site is what the whole file names.

Work on objects maps to steps: find -> inspect, take -> pick, put -> drop, count -> scan and report. "Bring it to me" is
a question here, because a site has no record of where "me" is; so is what compares things. Guiding, following, greeting
and talking to people is no work for these robots: a question or a refusal are both right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.contract import Named, Plan, PlanRequest, Step, Vocabulary
from inference.core.scoring import Case

_TAKE, _FIND, _GO = "(?:take|get|grasp|fetch)", "(?:find|locate|look for)", "(?:go|navigate)"
_PUT, _GIVE = "(?:put|place)", "(?:bring|give|deliver)"
_ITEM, _AT = "an? (?P<item>.+?)", "(?P<at>.+?)"
# template -> sentence, in the order in which they are tried
_TEMPLATES = {
    "goToLoc": rf"{_GO} to the {_AT} then {_FIND} {_ITEM} and {_TAKE} it and (?P<end>.+)",
    "takeObjFromPlcmt": rf"{_TAKE} {_ITEM} from the {_AT} and (?P<end>.+)",
    "findObjInRoom": rf"{_FIND} {_ITEM} in the {_AT} then {_TAKE} it and (?P<end>.+)",
    "countObjOnPlcmt": rf"tell me how many (?P<item>.+?) there are on the {_AT}",
    "bringMeObjFromPlcmt": rf"(?:bring|give) me {_ITEM} from the {_AT}",
    "tellObjPropOnPlcmt": rf"(?:tell me )?what is the \w+est (?P<item>.+?) on the {_AT}|"
    rf"tell me what is the \w+est (?:.+?) on the (?:.+?)",
}
_PEOPLE = re.compile(
    rf"{_GO} to the .+? then .+|{_FIND} an? .*person.*|"
    r"(?:meet|contact|get to know|get acquainted with|greet|salute|say hello to|introduce yourself to|"
    r"follow|guide|escort|lead|take|accompany|answer|say|tell|describe) .+"
)
_PLACED = re.compile(rf"{_PUT} it on the (?P<to>.+)")
_TO_ME = re.compile(rf"{_GIVE} it to me")


@dataclass(frozen=True, slots=True)
class Command:
    """One sentence of the generator: its template and the names in it; `to` where a thing is put down in the end."""

    text: str
    template: str
    item: str = ""
    at: str = ""
    to: str = ""


def parse(text: str) -> Command | None:
    """The sentence by its template; None for one that is not the generator's."""
    said = " ".join(text.strip().rstrip(".").split())
    lower = said.lower()
    for template, form in _TEMPLATES.items():
        match = re.fullmatch(form, lower)
        if match is None:
            continue
        names = match.groupdict()
        item, at, to = names.get("item") or "", names.get("at") or "", ""
        if end := names.get("end"):
            if placed := _PLACED.fullmatch(end):
                to = placed["to"]
            else:
                template += "ToMe" if _TO_ME.fullmatch(end) else "ToPrs"
        return Command(said, template, singular(item) if template == "countObjOnPlcmt" else item, at, to)
    return Command(said, "people") if _PEOPLE.fullmatch(lower) else None


def singular(word: str) -> str:
    """One of them, by the spelling of English plurals."""
    for end, instead in (("ies", "y"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("sses", "ss"), ("s", "")):
        if word.endswith(end) and not word.endswith("ss"):
            return word.removesuffix(end) + instead
    return word


def cases(lines: Iterable[str], site: str = "gpsr") -> tuple[list[Case], int]:
    """The sentences as cases of one site, and how many lines are none of the generator's."""
    texts = [line for line in lines if line.strip()]
    found = [command for text in texts if (command := parse(text)) is not None]
    places = sorted({name for c in found for name in (c.at, c.to) if name})
    items = sorted({c.item for c in found if c.item and c.template != "tellObjPropOnPlcmt"})
    vocabulary = Vocabulary(site, "10:00", _named(places), _named(items), (Named("robot-1", "Robot 1"),), hash=site)
    return [_case(n, command, vocabulary) for n, command in enumerate(found, 1)], len(texts) - len(found)


def _named(names: Sequence[str]) -> tuple[Named, ...]:
    return tuple(Named(_id(name), name) for name in names)


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")


def _case(number: int, command: Command, vocabulary: Vocabulary) -> Case:
    plan = _plan(command)
    return Case(
        id=f"{vocabulary.site}-{number:04d}",
        group="plan" if plan else "ask",
        lang="en",
        tags=(command.template,),
        request=PlanRequest(command.text, vocabulary, request_id=f"{vocabulary.site}-{number:04d}"),
        decision="plan" if plan else "ask",
        accept=("plan",) if plan else ("ask", "refuse"),
        reason=None if plan else command.template,
        plan=plan,
    )


def _plan(command: Command) -> Plan | None:
    item, at = _id(command.item), _id(command.at)
    if command.template == "countObjOnPlcmt":
        return Plan((Step("scan", at=at, item=item), Step("report")))
    if not command.to:
        return None
    look = () if command.template == "takeObjFromPlcmt" else (Step("inspect", at=at, item=item),)
    return Plan((*look, Step("pick", at=at, item=item), Step("drop", at=_id(command.to))))


def read_gpsr(folder: Path) -> tuple[list[Case], int]:
    """`cases` of all `*.txt` of a folder. ValueError: there is none."""
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise ValueError(f"{folder} holds no *.txt with sentences of the command generator, one per line")
    return cases(line for path in files for line in path.read_text(encoding="utf-8").splitlines())
