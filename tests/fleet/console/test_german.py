"""The console in German: every page, the switch and who keeps it, what stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from fleet.accounts.access import person_actor
from fleet.console import panels
from missions import understanding
from missions.models import Interpretation

from .conftest import House
from .test_models_page import folder

__all__ = ["folder"]  # a fixture of that page's tests

pytestmark = pytest.mark.django_db

COOKIE = settings.LANGUAGE_COOKIE_NAME
TABS = ("you", "site", "planner", "people", "keys", "layouts")
PAGES = (
    "/ops/north/", "/missions/", "/robots/", "/audit/", "/models/planner/", "/sites/north/resume/", "/password/",
    "/problems/", *(f"/settings/?tab={tab}" for tab in TABS),
)  # fmt: skip
ENGLISH = (
    "Attention", "Nothing needs you", "Missions", "Robots", "Settings", "STOP SITE", "Structured form", "Templates",
    "Type a mission", "Review", "ready", "charging", "Loading the layout", "Keys and help", "Sign out", "Stop the site",
    "held, out or unknown", "missions in the last hour", "Queued", "All missions", "Zoom in", "no live data",
    "Go to a robot", "Supervisor", "Operations",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """The test client answers in this thread, where the language of its last request would stay."""
    yield
    translation.deactivate()


def german(house: House, role: str) -> Client:
    client = house.client(role)
    client.cookies[COOKIE] = "de"
    return client


def visible(html: str) -> str:
    """What a person may read: text and the attributes that are shown or spoken."""
    body = re.sub(r"<script.*?</script>|<template.*?</template>", " ", html, flags=re.S)
    spoken = " ".join(re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', body))
    return unescape(re.sub(r"<[^>]+>", " ", body)) + " " + unescape(spoken)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_there_in_german(house: House, address: str) -> None:
    response = german(house, "site_admin" if "audit" not in address else "auditor").get(address)
    html = response.content.decode()
    assert response.status_code == 200 and '<html lang="de"' in html
    shown = visible(html)
    assert "Software-Halt" in shown and "STANDORT ANHALTEN" in shown and "%(" not in shown
    assert "Not-Aus" not in shown and "Notstopp" not in shown


def test_a_missions_and_a_robots_page_are_there_in_german(house: House) -> None:
    client = german(house, "supervisor")
    mission = client.get(f"/missions/{house.mission.public_id}/").content.decode()
    assert "Warum dieser Roboter?" in mission and "Was geschah" in mission and "Schritte" in mission
    robot = client.get(f"/robots/{house.robots[0].public_id}/").content.decode()
    assert "Nimmt er Befehle an?" in robot and "Schutzfeld" in robot


def test_no_english_is_left_on_operations(house: House) -> None:
    shown = visible(german(house, "supervisor").get("/ops/north/").content.decode())
    left = [words for words in ENGLISH if re.search(rf"\b{re.escape(words)}\b", shown)]
    assert left == []
    for words in ("Aufträge", "Roboter", "Zu beachten", "Auftrag eingeben", "Formular", "Vorlagen", "Prüfen"):
        assert words in shown


def test_english_is_what_nobody_has_to_ask_for(house: House) -> None:
    html = house.client("viewer").get("/ops/north/").content.decode()
    assert '<html lang="en"' in html and "STOP SITE" in html


def test_before_signing_in_the_browsers_own_language_counts(client: Client) -> None:
    html = client.get("/login/", headers={"accept-language": "de-AT,en;q=0.5"}).content.decode()
    assert '<html lang="de"' in html and "Anmelden" in html and 'value="en"' in html
    assert '<html lang="en"' in client.get("/login/", headers={"accept-language": "fr"}).content.decode()


def test_the_switch_keeps_the_language_with_the_person_and_comes_back(house: House) -> None:
    client = house.client("supervisor")
    for _ in range(2):  # a second press is harmless
        answer = client.post("/language/", {"language": "de", "next": "/missions/?state=open"})
        assert answer.status_code == 302 and answer.headers["Location"] == "/missions/?state=open"
        assert client.cookies[COOKIE].value == "de"
    person = house.people["supervisor"]
    person.refresh_from_db()
    assert person.language == "de"
    assert 'value="/missions/?state=open"' in client.get("/missions/?state=open").content.decode()


@pytest.mark.parametrize(("language", "to"), [("fr", "/"), ("", "/"), ("de", "//elsewhere.example/"), ("xx" * 40, "/")])
def test_the_switch_takes_only_our_languages_and_our_pages(house: House, language: str, to: str) -> None:
    client = house.client("supervisor")
    answer = client.post("/language/", {"language": language, "next": to})
    assert answer.status_code == 302 and answer.headers["Location"] == "/"
    house.people["supervisor"].refresh_from_db()
    assert house.people["supervisor"].language == (language if language == "de" else "")
    assert client.get("/missions/").status_code == 200


def test_who_is_not_signed_in_may_switch_too(client: Client) -> None:
    assert client.post("/language/", {"language": "de", "next": "/login/"}).headers["Location"] == "/login/"
    assert '<html lang="de"' in client.get("/login/").content.decode()


def test_signing_in_brings_the_persons_language(house: House) -> None:
    person = house.people["supervisor"]
    person.language = "de"
    person.set_password("a long enough password")
    person.save()
    client = Client()
    client.post("/login/", {"username": person.username, "password": "a long enough password"})
    assert client.cookies[COOKIE].value == "de"


def test_programs_get_english_whatever_they_prefer(house: House) -> None:
    answer = german(house, "supervisor").get("/api/v1/missions?site=nowhere", headers={"accept-language": "de"})
    assert "Content-Language" not in answer.headers
    assert not re.search(r"[äöüß]", answer.content.decode())


def test_a_preview_reads_back_in_german_and_is_kept_in_english(house: House) -> None:
    client = german(house, "supervisor")
    fields = {"s0_op": "wait", "s0_seconds": "90", "priority": "high", "text": "wait"}
    html = client.post("/ops/north/composer/form", fields).content.decode()
    assert "warten für 1 min 30 s" in html and "Hohe Priorität." in html and "Absenden" in html
    kept = Interpretation.objects.latest("id")
    assert "wait for 1 min 30 s" in kept.readback and "High priority." in kept.readback
    wrong = client.post("/ops/north/composer/form", {"s0_op": "drop", "text": "x"}).content.decode()
    assert "Nennen Sie den Ort." in wrong or "davor wurde nichts abgeholt" in wrong


def test_what_the_reader_asks_is_said_in_german(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = {
        "decision": "ask", "plan": None, "question": "A new question?", "reason": "missing_place", "options": [],
        "slots": [], "ignored": [], "confidence": 0.5, "model": "compact", "version": "1", "language": "en",
    }  # fmt: skip
    monkeypatch.setattr(understanding, "ask_planner", lambda _: dict(draft))
    html = german(house, "supervisor").post("/ops/north/composer/preview", {"text": "bring it"}).content.decode()
    assert "Der Ort fehlt. Wo oder wohin?" in html and "Erst eine Frage" in html and "A new question?" not in html
    english = house.client("supervisor").post("/ops/north/composer/preview", {"text": "bring it"}).content.decode()
    assert "A new question?" in english


def test_numbers_in_fields_stay_numbers(house: House) -> None:
    """A browser takes 1.5, not 1,5, as the value of a number field."""
    plan = {"s0_op": "wait", "s0_seconds": "1.5", "priority": "normal", "text": "wait"}
    client = german(house, "supervisor")
    client.post("/ops/north/composer/form", plan)
    seen = Interpretation.objects.latest("id")
    assert 'value="1.5"' in client.get(f"/ops/north/composer/form?from={seen.public_id}").content.decode()


def test_pictures_of_figures_have_points_in_their_coordinates(house: House, folder: Path) -> None:
    html = german(house, "site_admin").get("/models/planner/").content.decode()
    assert "<circle" in html
    for name, value in re.findall(r'\b(x1|x2|y1|y2|cx|cy|r|x|y)="([^"]*)"', html):
        assert "," not in value, f"{name}={value}"


def test_what_the_socket_pushes_is_in_the_pages_language(house: House) -> None:
    page = german(house, "supervisor").get("/ops/north/").content.decode()
    assert 'ws-connect="/ws/page/north/?lang=de&amp;show=stop,' in page
    actor = person_actor(house.people["supervisor"])
    with translation.override("de"):
        assert "Warteschlange" in str(panels.render("queue", house.site, actor, timezone.now()))


def words(name: str) -> dict[str, str]:
    """The top-level keys of a table of words, each with the names of its arguments."""
    text = (Path(settings.BASE_DIR) / "static" / "js" / name).read_text()
    return dict(re.findall(r"^  (\w+): (\([\w, ]*\) =>|[\[{\"])", text, re.M))


def test_the_scripts_say_the_same_things_in_both_languages() -> None:
    assert words("words-en.js") == words("words-de.js") and len(words("words-en.js")) > 30


def test_every_word_that_a_script_uses_is_in_the_tables() -> None:
    folder = Path(settings.BASE_DIR) / "static" / "js"
    used = {name for path in folder.glob("*.js") for name in re.findall(r"\bWORDS\.(\w+)", path.read_text())}
    assert used == set(words("words-en.js"))
