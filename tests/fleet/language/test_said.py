"""Our own English sentences in German where they are shown; words of people stay as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from fleet.language.said import question, roles, said
from missions.core import lifecycle

ROOT = Path(settings.BASE_DIR)
CHECKS = ("missions/core/validate.py", "missions/core/check_load.py", "missions/core/check_time.py")
SERVICES = ("missions/services.py", "missions/feedback.py", "missions/phrases.py", "missions/intents.py")
VIEWS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "fleet" / "console" / "views").glob("*.py"))
# Built from parts that this reading of the source cannot see, or seen by programs only.
ELSEWHERE = ("There is no ", "7 is not a charger.7", "What would have been right", "A mission cannot be asked",
             "A template cannot be asked", "A robot cannot be asked", "7 at 7 tomorrow", "There is no part",
             "No robot of this site can do this now. 7", "7 is 7 service.")  # fmt: skip


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


def sample(node: ast.expr) -> str | None:
    """The text of a literal with "7" (or a mission's label) for every field; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        else:
            parts.append("M-7" if "label" in ast.unparse(value) else "7")
    return "".join(parts)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def texts(paths: tuple[str, ...] | list[str], where: dict[str, int]) -> list[str]:
    """The sample of argument `where[name]` of each call of `name`; lists count by their first entry."""
    found = []
    for path in paths:
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if not isinstance(node, ast.Call) or called(node) not in where or len(node.args) <= where[called(node)]:
                continue
            argument = node.args[where[called(node)]]
            if isinstance(argument, ast.List) and argument.elts:
                argument = argument.elts[0]
            if (text := sample(argument)) and " " in text:
                found.append(text)
    return [text for text in dict.fromkeys(found) if not text.startswith(ELSEWHERE)]


WARNINGS = texts(CHECKS, {"Violation": 2})
REFUSALS = texts(
    SERVICES,
    {"InterpretationUnknown": 0, "InterpretationChanged": 0, "InterpretationExpired": 0, "NotDispatchable": 0,
     "IntentRefused": 0, "FeedbackRefused": 0, "PhraseRefused": 0},
)  # fmt: skip
ANSWERS = texts(VIEWS, {"info": 1, "error": 1, "PermissionDenied": 0, "RobotsError": 0})


def test_the_samples_are_many() -> None:
    assert len(WARNINGS) > 25 and len(REFUSALS) > 8 and len(ANSWERS) > 8


@pytest.mark.parametrize("text", [*WARNINGS, *REFUSALS, *ANSWERS])
def test_whatever_our_code_may_say_is_said_in_german(german: None, text: str) -> None:
    assert said(text) != text


@pytest.mark.parametrize("text", [*lifecycle.WORDS.values(), *lifecycle.MOVES, *lifecycle.INTENTS])
def test_every_state_and_request_has_a_german_word(german: None, text: str) -> None:
    assert said(text) not in ("", text)


@pytest.mark.parametrize(
    ("english", "deutsch"),
    [
        ("Working on M-7, data 0.3 s old", "Arbeitet an M-7, Daten 0,3 s alt"),
        ("Waiting: waits for R-02, which holds n12, data 2 s old",
         "Wartet: wartet auf R-02, der n12 belegt, Daten 2 s alt"),
        ("R-01 waits for R-02, which holds n12", "R-01 wartet auf R-02, der n12 belegt"),
        ("cancelled by Ada: too late; waits until the robot confirms",
         "abgebrochen von Ada: too late; wartet, bis der Roboter bestätigt"),
        ("No robot can take it now: 2 × busy with another mission; 1 × no contact.",
         "Kein Roboter kann ihn jetzt übernehmen: 2 × mit einem anderen Auftrag beschäftigt; 1 × kein Kontakt."),
        ("No robot of this site can do this now. R-1: it is out of service. R-2: it cannot scan.",
         "Kein Roboter dieses Standorts kann das jetzt. R-1: er ist außer Betrieb. R-2: er kann nicht scannen."),
        ("This needs the role Supervisor or Site admin at North hall.",
         "Das braucht die Rolle Schichtleitung oder Standortverwaltung an North hall."),
    ],
)  # fmt: skip
def test_sentences_within_sentences(german: None, english: str, deutsch: str) -> None:
    assert said(english) == deutsch


@pytest.mark.parametrize(
    ("english", "deutsch"),
    [
        ("R-01: 12.5 m away, cheapest of 3. R-02 is nearer and was just given to a more urgent mission.",
         "R-01: 12,5 m entfernt, am günstigsten von 3. R-02 ist näher und wurde eben an einen dringenderen Auftrag "
         "vergeben."),
        ("R-01 keeps it: R-02 would save 4 m, too little for a change.",
         "R-01 behält ihn: R-02 würde 4 m sparen, zu wenig für einen Wechsel."),
        ("R-01 keeps it: 7.5 m away.", "R-01 behält ihn: 7,5 m entfernt."),
        ("R-01 takes it over from R-02: no contact.", "R-01 übernimmt ihn von R-02: kein Kontakt."),
        ("The robot that has it keeps it, for no other robot can take it now: it is not on the floor.",
         "Der Roboter, der ihn hat, behält ihn, denn kein anderer Roboter kann ihn jetzt übernehmen: er ist nicht in "
         "der Halle."),
        ("No robot can take it now: 2 × battery at or below its critical level; 1 × cannot drop, scan.",
         "Kein Roboter kann ihn jetzt übernehmen: 2 × Akku am oder unter dem kritischen Stand; 1 × kann nicht: "
         "absetzen, scannen."),
        ("not done: it was confirmed too long ago, while dispatch was away: look again and ask anew",
         "nicht ausgeführt: es wurde vor zu langer Zeit bestätigt, während die Disposition fort war: Sehen Sie noch "
         "einmal nach und bitten Sie neu darum"),
        ("not done: door:d1 is held by R-02", "nicht ausgeführt: door:d1 ist von R-02 belegt"),
        ("a new layout is published and waits: R-01 cannot stay where it stands: n4 lies 1.5 m elsewhere in the new "
         "layout",
         "ein neuer Lageplan ist veröffentlicht und wartet: R-01 kann nicht bleiben, wo er steht: n4 liegt im neuen "
         "Lageplan 1,5 m anderswo"),
        ("a new layout is published and waits: M-1, M-2 under way",
         "ein neuer Lageplan ist veröffentlicht und wartet: M-1, M-2 unterwegs"),
        ("R-01 is not admitted where it stands: node:n4 is held by R-02",
         "R-01 wird dort, wo er steht, nicht aufgenommen: node:n4 ist von R-02 belegt"),
        ("R-01 is not where it was released to: near n4, n5. It is told to stop",
         "R-01 ist nicht dort, wohin ihm der Weg freigegeben war: bei n4, n5. Er wird angewiesen anzuhalten"),
        ("R-01 is not admitted where it stands: R-01 stands in Zone A, which is closing: bring it out or open it",
         "R-01 wird dort, wo er steht, nicht aufgenommen: R-01 steht in Zone A, das gerade gesperrt wird: Bringen Sie "
         "ihn hinaus oder öffnen Sie es"),
        ("not done: R-01 is misplaced: admit it where it stands",
         "nicht ausgeführt: R-01 steht, wo ihm nichts freigegeben war: Er muss dort aufgenommen werden"),
        ("not done: door:d1 was not taken by Ada", "nicht ausgeführt: door:d1 war nicht von Ada belegt"),
        ("stays closed: the layout itself closes it", "bleibt gesperrt: Der Lageplan selbst sperrt es"),
    ],
)  # fmt: skip
def test_what_allocation_and_the_floor_say(german: None, english: str, deutsch: str) -> None:
    assert said(english) == deutsch


TRAFFIC = {
    "missions/core/allocation.py": {"return"},
    "robots/floor/ground.py": {"return"},
    "robots/floor/requests.py": {"return", "ValueError"},
    "robots/core/traffic/ledger.py": {"AdmissionRefused", "UnexpectedReport"},
    "robots/core/traffic/traffic.py": {"AdmissionRefused", "UnexpectedReport"},
}


def traffic_texts() -> list[str]:
    """What these files return, or raise and show, as a literal of several words."""
    found = []
    for path, wanted in TRAFFIC.items():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Return) and node.value is not None and "return" in wanted:
                texts_of = [node.value]
            elif isinstance(node, ast.Call) and called(node) in wanted:
                texts_of = node.args[:1]
            else:
                continue
            found += [text for part in texts_of if (text := sample(part)) and " " in text]
    return [text for text in dict.fromkeys(found) if not text.startswith(PARTLY)]


# Parts of another shape than "7": names of resources, operations, or a state within the sentence.
PARTLY = ("7 7 is nearer", "cannot 7", "7 stands in 7, which is 7", "7 is 7: admit", "7 says it stopped but is 7",
          "taking 7 ", "7 is held by ", "7 was not taken")  # fmt: skip


@pytest.mark.parametrize("text", traffic_texts())
def test_whatever_traffic_may_say_is_said_in_german(german: None, text: str) -> None:
    assert said(text) != text


@pytest.mark.parametrize(
    "text", ["", "bring the red or blue tote", "scanner failed", "please wait at Dock 3", "{name} % 100", "a\nb"]
)
def test_words_of_people_stay_as_they_are(german: None, text: str) -> None:
    assert said(text) == text


def test_english_is_never_touched() -> None:
    assert said("Queued") == "Queued" and question("ambiguous_place", "Which one?") == "Which one?"


def test_a_question_is_said_by_its_sentence_else_by_its_reason_else_as_it_is(german: None) -> None:
    assert question("ambiguous_place", 'Which place is meant by "dock"?') == "Welcher Ort ist mit „dock“ gemeint?"
    assert question("ambiguous_place", "Something new?") == "Welcher Ort ist gemeint?"
    assert question("some_new_reason", "Something new?") == "Something new?"
    assert question(None, None) == ""


def test_roles(german: None) -> None:
    assert roles("Viewer") == "Zuschauen" and roles("Viewer or Auditor") == "Zuschauen oder Revision"


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("Cart waits for N1, which R-02 has been given and is on its way to",
         "Cart wartet auf N1: R-02 hat den Platz bekommen und ist auf dem Weg dorthin"),
        ("Cart: the way to N1 is closed: zone Aisle 3 is closing",
         "Cart: der Weg nach N1 ist gesperrt: Zone Aisle 3 wird gesperrt"),
        ("the way to N1 is closed: N2 is blocked, says Ada",
         "der Weg nach N1 ist gesperrt: N2 ist versperrt, sagt Ada"),
        ("when zone Aisle 3 is opened, or with another goal",
         "wenn die Zone Aisle 3 geöffnet wird, oder mit einem anderen Ziel"),
    ],
)  # fmt: skip
def test_what_closes_a_way_or_has_a_place_is_named(german: None, english: str, told: str) -> None:
    assert said(english) == told
