"""Every page in a real browser under its real content policy: no console error, no accessibility violation (axe).

In both themes, narrow and wide.

The pages are served by Django's own test server, so nothing is live here; what moves is tested through the real
processes elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from robots.core.frames import Blip, Frame, Status, encode

from .conftest import FakeStopPath, House, build_house

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAGES = (
    "/ops/north/", "/missions/", "/missions/MISSION/", "/robots/", "/robots/ROBOT/", "/audit/", "/settings/",
    "/settings/?tab=site",
    "/settings/?tab=people", "/settings/?tab=keys", "/settings/?tab=layouts", "/sites/north/resume/",
)  # fmt: skip
LIVE: list[Any] = []  # the live sockets that pages opened, newest last
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def frame(sequence: int) -> bytes:
    """A robot somewhere, `sequence` seconds after the first frame."""
    blips = (Blip(0, 9.0, 7.0, 0.5, Status.IDLE, battery=70.0),)
    return encode(Frame(sequence, 1_700_000_000_000 + 1000 * sequence, blips, snapshot=True))


@pytest.fixture
def served(live_server: Any, stop_controller: FakeStopPath) -> House:
    return build_house(stop_controller)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def axe_violations(page: Any) -> list[str]:
    """What axe finds against WCAG 2.2 AA: rule, help and the first elements."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{v['id']}: {v['help']}: {'; '.join(str(node['target']) for node in v['nodes'][:3])}"
        for v in found.response["violations"]
    ]


def open_page(browser: Any, live_server: Any, house: House, *, scheme: str, width: int) -> tuple[Any, list[str]]:
    client: Client = house.client("site_admin")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            }
        ]
    )
    page = context.new_page()
    page.route_web_socket("**/ws/page/**", lambda _: None)
    page.route_web_socket("**/ws/live/**", lambda ws: (LIVE.append(ws), ws.send(frame(1))))
    said: list[str] = []
    page.on(
        "console",
        lambda m: said.append(m.text) if m.type == "error" else None,
    )
    page.on("pageerror", lambda e: said.append(str(e)))
    return page, said


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
