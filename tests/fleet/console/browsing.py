"""A signed-in page in a real Chromium, with a live socket that says what the test wants and axe to judge it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import Client

from robots.core.frames import Blip, Frame, Status, encode

from .conftest import House

LIVE: list[Any] = []  # the live sockets that pages opened, newest last
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def frame(sequence: int) -> bytes:
    """A robot somewhere, `sequence` seconds after the first frame."""
    blips = (Blip(0, 9.0, 7.0, 0.5, Status.IDLE, battery=70.0),)
    return encode(Frame(sequence, 1_700_000_000_000 + 1000 * sequence, blips, snapshot=True))


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
