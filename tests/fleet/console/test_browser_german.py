"""The console in German in a real browser: longer words, same room, no error, and the switch in the account menu."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from .browsing import axe_violations, open_page
from .conftest import FakeStopPath, House
from .test_browser_pages import PAGES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def speak_german(page: Any, address: str) -> None:
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "de", "url": address}])


def keep(page: Any, name: str) -> None:
    """A picture for people to look at, where YARDMASTER_SHOTS names a folder."""
    if folder := os.environ.get("YARDMASTER_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 400)])
def test_no_german_page_has_an_error_an_accessibility_violation_or_too_little_room(
    served: House, live_server: Any, browser: Any, scheme: str, width: int
) -> None:
    page, said = open_page(browser, live_server, served, scheme=scheme, width=width)
    speak_german(page, live_server.url)
    faults: dict[str, list[str]] = {}
    for address in PAGES:
        known = address.replace("MISSION", served.mission.public_id).replace("ROBOT", served.robots[0].public_id)
        page.goto(live_server.url + known)
        page.wait_for_selector("main h1", state="attached")
        keep(page, f"{width}{address.replace('/', '_').replace('?', '_')}")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found = axe_violations(page) + [*said] + ([f"{overflow} px too wide"] if overflow > 0 else [])
        said.clear()
        if found:
            faults[address] = found
    page.context.close()
    assert faults == {}


@pytest.mark.parametrize("width", [1440, 400])
def test_form_preview_and_stop_panel_speak_german(
    served: House, live_server: Any, browser: Any, stop_controller: FakeStopPath, width: int
) -> None:
    page, said = open_page(browser, live_server, served, scheme="light", width=width)
    speak_german(page, live_server.url)
    page.goto(live_server.url + "/ops/north/")
    page.wait_for_function("document.getElementById('clock').textContent.length > 4")
    page.eval_on_selector("#open-form", "button => button.click()")  # hidden on a narrow screen
    page.wait_for_selector("#step-form")
    page.select_option("#s0_op", label="fahren")
    page.select_option("#s0_at", label="Pack 1")
    keep(page, f"{width}_form")
    page.click("#step-form button.primary")
    page.wait_for_selector(".preview [data-review]:not([disabled])")
    assert "fahren nach Pack 1" in page.inner_text(".preview")
    page.click(".preview [data-review]")
    keep(page, f"{width}_preview")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0 and axe_violations(page) == []
    page.fill("#composer-text", "sofort anhalten")
    page.wait_for_selector("#stop-words:not([hidden]) .stop-button")
    keep(page, f"{width}_stop_words")
    page.click("#stop-words .stop-button")
    page.wait_for_selector("#stop-panel:not([hidden]) .counts")
    keep(page, f"{width}_stop_panel")
    assert "Software-Halt" in page.inner_text("#stop-panel") and len(stop_controller.book.at_site("north")) == 1
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0 and said == []
    page.context.close()


def test_the_switch_in_the_account_menu_keeps_the_page(served: House, live_server: Any, browser: Any) -> None:
    page, said = open_page(browser, live_server, served, scheme="light", width=1440)
    page.goto(live_server.url + "/missions/?state=open")
    page.click("details.who summary")
    page.click('.languages button[lang="de"]')
    page.wait_for_function("document.documentElement.lang === 'de'")
    assert page.url.endswith("/missions/?state=open") and page.inner_text("h1") == "Aufträge"
    page.click("details.who summary")
    keep(page, "1440_menu")
    assert axe_violations(page) == [] and said == []
    page.context.close()
