"""Every page in a real browser under its real content policy: no console error, no accessibility violation (axe).

In both themes, narrow and wide.

The pages are served by Django's own test server, so nothing is live here; what moves is tested through the real
processes elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest

from .browsing import LIVE, axe_violations, frame, open_page
from .conftest import FakeStopPath, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAGES = (
    "/ops/north/", "/missions/", "/missions/MISSION/", "/robots/", "/robots/ROBOT/", "/audit/", "/settings/",
    "/models/planner/", "/settings/?tab=site", "/settings/?tab=planner",
    "/settings/?tab=people", "/settings/?tab=keys", "/settings/?tab=layouts",
    "/settings/?tab=types", "/settings/?tab=types&type=cart", "/sites/north/resume/",
)  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 400)])
def test_no_page_has_an_error_or_an_accessibility_violation(
    served: House, live_server: Any, browser: Any, scheme: str, width: int
) -> None:
    page, said = open_page(browser, live_server, served, scheme=scheme, width=width)
    faults: dict[str, list[str]] = {}
    for address in PAGES:
        known = address.replace("MISSION", served.mission.public_id).replace("ROBOT", served.robots[0].public_id)
        page.goto(live_server.url + known)
        page.wait_for_selector("main h1", state="attached")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found = axe_violations(page) + [*said] + ([f"{overflow} px too wide"] if overflow > 0 else [])
        said.clear()
        if found:
            faults[address] = found
    page.context.close()
    assert faults == {}


def test_the_site_is_stopped_by_pressing_ctrl_and_full_stop_twice(
    served: House, live_server: Any, browser: Any, stop_controller: FakeStopPath
) -> None:
    page, said = open_page(browser, live_server, served, scheme="light", width=1440)
    page.goto(live_server.url + "/missions/")
    page.wait_for_function("document.getElementById('clock').textContent.length > 5")  # the script runs
    page.keyboard.press("Control+.")
    page.wait_for_selector(".stop-button[data-armed]")
    assert not stop_controller.book.latches, "one press alone must not stop"
    page.keyboard.press("Control+.")
    page.wait_for_selector("#stop-panel:not([hidden]) .counts")
    assert len(stop_controller.book.at_site("north")) == 1
    assert "use the physical red button" in page.inner_text("#stop-panel")
    assert axe_violations(page) == [] and said == []
    page.context.close()


def test_the_form_makes_a_mission_with_keyboard_and_without_a_planner(
    served: House, live_server: Any, browser: Any
) -> None:
    page, said = open_page(browser, live_server, served, scheme="light", width=1440)
    page.goto(live_server.url + "/ops/north/")
    page.wait_for_function("document.getElementById('clock').textContent.length > 5")
    page.focus("#open-form")
    page.keyboard.press("Enter")
    page.wait_for_selector("#step-form")
    assert axe_violations(page) == []
    page.select_option("#s0_op", "move")
    page.select_option("#s0_at", label="Pack 1")
    page.focus("#step-form button.primary")
    page.keyboard.press("Enter")
    page.wait_for_selector(".preview [data-review]:not([disabled])")
    assert axe_violations(page) == []
    LIVE[-1].send(frame(2))  # on a busy machine the first frame is so old by now that the page waits for another
    page.wait_for_function("document.body.dataset.link === 'live'")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".confirm:not([hidden])")
    assert page.evaluate("document.activeElement.hasAttribute('data-back')"), "the safe answer has the focus"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast")
    assert "M-1002 dispatched." in page.inner_text("#toasts") and said == []
    page.context.close()


def test_stop_words_bring_the_button_without_asking_anybody(served: House, live_server: Any, browser: Any) -> None:
    page, _ = open_page(browser, live_server, served, scheme="light", width=1440)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/composer/" in r.url else None)
    page.goto(live_server.url + "/ops/north/")
    page.wait_for_function("document.getElementById('clock').textContent.length > 5")
    for words in ("stop", "Stop everything now", "halt!", "bitte anhalten", "arrêtez", "стоп", "停止"):
        page.fill("#composer-text", words)
        page.wait_for_selector("#stop-words:not([hidden]) .stop-button")
        page.fill("#composer-text", "")
        page.wait_for_selector("#stop-words", state="hidden")
    assert asked == []
    page.context.close()
