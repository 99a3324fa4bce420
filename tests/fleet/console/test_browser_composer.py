"""The composer in a real browser: chips, answers, other readings, templates, history, and words from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fleet.accounts.models import Site
from missions.models import ComposerText, Interpretation, Mission, MissionTemplate, PlannerFeedback
from tests.missions.reader import Reader

from .browsing import LIVE, axe_violations, frame, open_page
from .conftest import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
FREE = {
    "robot": None, "priority": "normal", "start": None, "deadline": None, "avoid": [], "speed": None, "repeat": None,
}  # fmt: skip
DRIVE = "drive to receiving, then drive to"


def to(place: str) -> dict[str, Any]:
    return {**FREE, "steps": [{"op": "move", "at": place}]}


def draft(**changes: Any) -> dict[str, Any]:
    slot = {"name": "place", "value": "pack-1", "text": "pack", "span": [9, 13], "confidence": 0.95, "candidates": []}
    return {
        "decision": "plan", "plan": to("pack-1"), "slots": [slot], "ignored": [[0, 2]], "options": [],
        "confidence": 0.97, "calibrated": True, "model": "compact", "version": "1", **changes,
    }  # fmt: skip


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


@pytest.fixture
def window(served: House, live_server: Any, browser: Any, reader: Reader) -> Iterator[Window]:
    Site.objects.update(keeps_feedback=True)
    page, said = open_page(browser, live_server, served, scheme="light", width=1440)
    yield Window(page, live_server.url)
    page.context.close()
    assert [text for text in said if "503" not in text] == []


class Window:
    """The Operations page."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url, self.frames = page, url, 1
        self.open("/ops/north/")

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)
        self.until("#clock:not(:empty)")  # the script runs

    def type(self, text: str, selector: str = ".preview:not([data-old])[data-id]") -> None:
        self.page.fill("#composer-text", text)
        self.page.wait_for_selector(selector)

    def until(self, selector: str, **options: Any) -> Any:
        return self.page.wait_for_selector(selector, **options)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def value(self) -> str:
        return str(self.page.input_value("#composer-text"))

    def live(self) -> None:
        self.frames += 1
        LIVE[-1].send(frame(self.frames))
        self.until("body[data-link=live]")

    def dispatch(self) -> None:
        self.live()
        self.until("[data-review]:not([disabled])")
        self.page.keyboard.press("Control+Enter")
        self.until(".confirm:not([hidden])")
        self.page.keyboard.press("Control+Enter")
        self.until(".toast:has-text('dispatched')")


def test_a_question_is_answered_by_a_key_and_the_text_stays(window: Window) -> None:
    window.type(f"{DRIVE} pack", ".question [data-option='2']")
    assert "pack" in window.text(".question b").lower()
    name = window.page.get_attribute(".question [data-option='2']", "data-name")
    window.page.wait_for_timeout(800)  # a digit right after the question appeared would belong to the text
    window.page.keyboard.press("2")
    window.until(".edits")
    assert window.value() == f"{DRIVE} pack" and f"{name} chosen by you" in window.text(".edits")
    assert name in window.text(".readback")
    assert axe_violations(window.page) == []
    window.page.keyboard.press("End")
    window.page.keyboard.type(", then go home")
    window.until(".step-lines:has-text('base')")
    assert f"{name} chosen by you" in window.text(".edits"), "what was answered stays answered"
    window.dispatch()
    mission = Mission.objects.latest("id")
    assert mission.text == f"{DRIVE} pack, then go home" and len(mission.plan["steps"]) == 3
    window.page.keyboard.press("ArrowUp")
    assert window.value() == mission.text, "the last text is the first of the history"
    assert ComposerText.objects.get().text == mission.text


def test_an_answer_is_undone(window: Window) -> None:
    window.type(f"{DRIVE} pack", ".question [data-option='1']")
    window.page.click(".question [data-option='1']")
    window.until(".edits")
    window.page.click("[data-undo-edit]")
    window.until(".question [data-option='1']")
    assert window.page.query_selector(".edits") is None


def test_a_digit_typed_at_once_belongs_to_the_text(window: Window) -> None:
    window.type(f"{DRIVE} pack", ".question [data-option='2']")
    window.page.keyboard.press("End")
    window.page.keyboard.type(" 2")
    window.until(".readback:has-text('Pack 2')")
    assert window.value() == f"{DRIVE} pack 2" and window.page.query_selector(".edits") is None


def test_doubtful_parts_are_accepted_or_changed_before_anything_is_sent(window: Window, reader: Reader) -> None:
    others = [{"id": "pack-2", "name": "Pack 2", "aliases": [], "kind": ""}]
    unsure = {**draft()["slots"][0], "confidence": 0.7, "candidates": others}
    reader.answer = draft(confidence=0.8, slots=[unsure], run_at=0.9, ask_at=0.5)
    window.type("so go to pack")
    window.live()
    assert "confidence: medium" in window.text(".confidence")
    assert "%" not in window.text(".preview") and "%" in window.page.get_attribute(".confidence", "title")
    assert window.page.is_disabled("[data-review]")
    assert window.page.get_attribute(".typed u", "data-kind") == "place"
    assert window.text(".typed s") == "so" and "Ignored: “so”" in window.text(".preview")
    assert axe_violations(window.page) == []
    window.page.hover(".chip[data-slot='0']")
    assert window.page.query_selector(".typed u[data-pointed]") is not None
    window.page.click("[data-accept]")
    window.dispatch()
    assert Mission.objects.latest("id").text == "so go to pack"


def test_another_reading_is_chosen_and_then_not_what_was_meant(window: Window, reader: Reader) -> None:
    reader.answer = draft(confidence=0.3, alternatives=[to("pack-2"), to("dock-1")], fallbacks=[
        {"planner": "endpoint", "why": "timeout"},
    ])  # fmt: skip
    window.type("so go to pack")
    assert "read by 'compact' instead" in window.text(".fallback")
    assert window.page.is_disabled("[data-review]") and axe_violations(window.page) == []
    window.page.wait_for_timeout(800)
    window.page.keyboard.press("1")
    window.until(".preview[data-chosen]")
    assert window.value() == "so go to pack" and "Pack 2" in window.text(".readback")
    window.dispatch()
    window.page.click(".toast button:has-text('Not what I meant')")
    window.until("#step-form [name=agreed]")
    assert axe_violations(window.page) == []
    window.page.select_option("#s0_at", label="Pack 3")
    window.page.check("[name=agreed]")
    window.page.click("#step-form button.primary")
    window.until(".preview:has-text('Kept, thank you')")
    kept = PlannerFeedback.objects.get()
    assert kept.understood["plan"]["steps"][0]["at"] == "pack-2" and kept.correction["steps"][0]["at"] == "pack-3"


def test_a_template_is_saved_filled_in_and_used(window: Window) -> None:
    window.page.fill("#composer-text", f"{DRIVE} {{place}}")
    window.until("#reading:has-text('Fill in {place} first.')")
    window.page.click("#open-templates")
    window.until("#templates .preview")
    assert axe_violations(window.page) == []
    window.page.fill("#new-template", "Two stops")
    window.page.click("[data-new-template] button")
    window.until("[data-template] [data-placeholder]")
    window.page.fill("[data-placeholder]", "Pack 1")
    window.page.keyboard.press("Enter")
    window.until(".readback:has-text('Pack 1')")
    assert window.value() == f"{DRIVE} Pack 1"
    window.page.click("#open-templates")
    window.page.click(".rename summary")
    window.page.fill("[data-template] [name=name]", "Two drives")
    window.page.click(".rename button:has-text('Rename')")
    window.until("[data-template] b:has-text('Two drives')")
    window.page.click(".rename summary")
    window.page.click(".rename button:has-text('Delete')")
    window.until("#templates li.muted")
    assert not MissionTemplate.objects.exists()


def test_a_mission_once_more(window: Window, served: House, reader: Reader) -> None:
    window.open(f"/ops/north/?repeat={served.mission.public_id}")
    window.until(".preview[data-by=repeat]")
    assert reader.asked == [] and "Repeat M-1001" in window.text("#composer-begins")
    window.dispatch()
    assert Mission.objects.latest("id").plan["steps"] == [{"op": "move", "at": "pack-1"}]


def test_words_from_a_link_need_a_tick_even_when_they_are_changed_a_little(window: Window) -> None:
    window.open("/ops/north/?text=drive+to+receiving,+then+drive+to+pack+1")
    window.until(".tainted [data-approve]")
    window.live()
    assert window.page.is_disabled("[data-review]") and axe_violations(window.page) == []
    window.page.focus("#composer-text")
    window.page.keyboard.press("End")
    window.page.keyboard.press("Backspace")
    window.page.keyboard.type("2")
    window.until(".readback:has-text('Pack 2')")
    assert window.text(".tainted q").rstrip() == f"{DRIVE} pack"
    window.page.check("[data-approve]")
    window.dispatch()
    window.type(f"{DRIVE} pack 1")
    assert window.page.query_selector(".tainted") is None, "what one types oneself is one's own"


def test_a_stop_word_that_goes_on_is_read_as_well(window: Window) -> None:
    window.page.fill("#composer-text", "stop, then R-1 go to pack 1")
    window.until("#stop-words:not([hidden]) .stop-button")
    window.until(".preview[data-id]")
    before = Interpretation.objects.count()
    window.page.fill("#composer-text", "Zatrzymać wszystkie roboty!")
    window.until("#stop-words:not([hidden])")
    window.page.wait_for_timeout(400)
    assert Interpretation.objects.count() == before


def test_without_a_planner_the_form_is_there_at_once(window: Window, reader: Reader) -> None:
    reader.away = True
    window.page.fill("#composer-text", "go to pack 1")
    window.until("#step-form")
    assert "did not answer" in window.text(".preview header") and window.value() == "go to pack 1"


def test_a_slow_reading_says_so_and_offers_the_form(window: Window) -> None:
    held: list[Any] = []
    window.page.route("**/composer/preview", lambda route: held.append(route))
    window.page.fill("#composer-text", "go to pack 1")
    window.until("#reading:has-text('reading…')")
    assert not window.page.is_visible("#offer-form")
    window.until("#offer-form:visible")
    window.page.click("#offer-form")
    window.until("#step-form")
    window.live()
    assert window.value() == "go to pack 1" and axe_violations(window.page) == []
    held[0].abort()
