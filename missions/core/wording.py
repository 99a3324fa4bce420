"""The words plans are read back with, one table per language. Pure data: adding a language is adding a table.

A table keeps what the English one keeps: every field of a plan changes the text, and its own small words are named in
`grammar`, so that a name made of them is quoted. A property test holds this for every table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates with {fields}. `conditions` and `results` are what was found, by code; other codes are shown as is."""

    anyone: str
    robot: str
    grammar: frozenset[str]
    conditions: Mapping[str, str]
    if_found: str
    if_battery: str
    at: str
    here: str
    drive: str
    drive_to: str
    collect: str
    unnamed: str
    anywhere: str
    put_down: str
    carried: str
    scan: str
    everything: str
    look: str
    look_for: str
    confirm: str
    wait: str
    charge: str
    nearest: str
    level: str
    patrol: str
    then: str
    once: str
    rounds: str
    lasting: str
    endless: str
    plain: Mapping[str, str]
    starts_at: str
    starts_in: str
    starts_now: str
    due_by: str
    due_within: str
    once_in_all: str
    times_in_all: str
    every: str
    priority: Mapping[str, str]
    speed: Mapping[str, str]
    avoid: str
    and_from: str
    decimal: str
    results: Mapping[str, str]
    found: str
    counted: str
    charging: tuple[str, str]
    battery: str
    battery_unknown: str
    round_: tuple[str, str]
    because: str
    confirmed: str


ENGLISH = Wording(
    anyone="Any free robot",
    robot="Robot {name}",
    grammar=frozenset(
        {"of", "and", "at", "to", "for", "until", "if", "by", "then", "in", "that", "what", "the", "everything"}
    ),
    conditions={
        "blocked": "blocked", "empty": "empty", "missing": "missing", "damaged": "damaged", "full": "full",
        "ok": "in order",
    },
    if_found="if what precedes was found {found}, ",
    if_battery="if the battery is below {pct} %, ",
    at=" at {place}",
    here=" where it then is",
    drive="drive",
    drive_to="drive to {place}",
    collect="collect {what}{where}",
    unnamed="nothing named",
    anywhere=" wherever the inventory has it",
    put_down="put down {what}{where}",
    carried="what is carried",
    scan="scan and count {what}{where}",
    everything="everything",
    look="look with the camera{what}{where}",
    look_for=" for {item}",
    confirm="wait until a person confirms",
    wait="wait for {time}",
    charge="charge{where}{level}",
    nearest=" at the nearest charger",
    level=" to {pct} %",
    patrol="patrol {places}{rounds}",
    then=", then ",
    once=", once round",
    rounds=", {times} times round",
    lasting=", for {time}",
    endless=", until told otherwise or until the deadline",
    plain={"report": "report to the requester", "home": "return to its own base"},
    starts_at="Starts at {at}.",
    starts_in="Starts in {time}.",
    starts_now="Starts now.",
    due_by="Due by {by}.",
    due_within="Due within {time}.",
    once_in_all="Done {times} time in all.",
    times_in_all="Done {times} times in all.",
    every="Repeated every {time}.",
    priority={"low": "Low priority.", "high": "High priority."},
    speed={"slow": "Drives slowly."},
    avoid="Keeps away from {places}.",
    and_from=", and from ",
    decimal=".",
    results={"missing": "not there", "ok": "in order", "programMissing": "the robot had no program"},
    found="found {result}",
    counted="counted {n}",
    charging=("charging", "not charging"),
    battery="battery {pct} %",
    battery_unknown="battery unknown",
    round_=("{n} round", "{n} rounds"),
    because="not needed: {why}",
    confirmed="confirmed by a person",
)  # fmt: skip

GERMAN = Wording(
    anyone="Irgendein freier Roboter",
    robot="Roboter {name}",
    grammar=frozenset(
        {"von", "und", "bei", "an", "zu", "nach", "für", "bis", "wenn", "falls", "dann", "danach", "in", "im", "was",
         "das", "den", "die", "der", "alles", "mit", "dort", "wo", "auf", "of", "and", "at", "to", "for", "then"}
    ),
    conditions={
        "blocked": "blockiert", "empty": "leer", "missing": "fehlend", "damaged": "beschädigt", "full": "voll",
        "ok": "in Ordnung",
    },
    if_found="falls das Vorige als {found} vorgefunden wurde: ",
    if_battery="falls der Akku unter {pct} % ist: ",
    at=" bei {place}",
    here=" dort, wo er dann ist",
    drive="fahren",
    drive_to="fahren nach {place}",
    collect="abholen: {what}{where}",
    unnamed="nichts Benanntes",
    anywhere=" dort, wo der Bestand es führt",
    put_down="absetzen: {what}{where}",
    carried="was er trägt",
    scan="scannen und zählen: {what}{where}",
    everything="alles",
    look="mit der Kamera nachsehen{what}{where}",
    look_for=" nach {item}",
    confirm="warten, bis eine Person bestätigt",
    wait="warten für {time}",
    charge="laden{where}{level}",
    nearest=" an der nächsten Ladestation",
    level=" bis {pct} %",
    patrol="Runde über {places}{rounds}",
    then=", dann ",
    once=", einmal herum",
    rounds=", {times}-mal herum",
    lasting=", für {time}",
    endless=", bis es anders gesagt wird oder bis zum Termin",
    plain={"report": "dem Auftraggeber berichten", "home": "zum eigenen Standplatz zurückkehren"},
    starts_at="Beginnt um {at}.",
    starts_in="Beginnt in {time}.",
    starts_now="Beginnt jetzt.",
    due_by="Fällig bis {by}.",
    due_within="Fällig innerhalb von {time}.",
    once_in_all="Insgesamt {times} Mal ausgeführt.",
    times_in_all="Insgesamt {times} Male ausgeführt.",
    every="Wiederholt alle {time}.",
    priority={"low": "Niedrige Priorität.", "high": "Hohe Priorität."},
    speed={"slow": "Fährt langsam."},
    avoid="Meidet {places}.",
    and_from=", und ",
    decimal=",",
    results={
        "missing": "nicht da", "ok": "in Ordnung", "programMissing": "der Roboter hatte kein Programm",
        "blocked": "blockiert", "empty": "leer", "damaged": "beschädigt", "full": "voll",
    },
    found="vorgefunden: {result}",
    counted="gezählt: {n}",
    charging=("lädt", "lädt nicht"),
    battery="Akku {pct} %",
    battery_unknown="Akkustand unbekannt",
    round_=("{n} Runde", "{n} Runden"),
    because="nicht nötig: {why}",
    confirmed="von einer Person bestätigt",
)  # fmt: skip

WORDINGS: Mapping[str, Wording] = {"en": ENGLISH, "de": GERMAN}
