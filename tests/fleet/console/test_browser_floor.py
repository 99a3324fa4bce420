"""Traffic in a real browser: the map layer, its table, and asking something of the floor with the keyboard."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from missions.models import DispatchLease, Mission
from robots.core.demo_site import demo_layout
from robots.core.frames import Blip, Frame, Status, encode
from robots.models import FloorRequest, ResourceHold, RobotTraffic, SiteTraffic

from .browsing import LIVE, axe_violations, open_page
from .conftest import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LAYOUT = demo_layout()
AISLE = sorted(LAYOUT.nodes_in(next(zone for zone in LAYOUT.zones if zone.id == "aisle-3")))


def way(start: str, length: int) -> list[str]:
    """Nodes one after another along the lanes."""
    found = [start]
    while len(found) < length:
        following = [e.end for e in LAYOUT.edges if e.start == found[-1] and e.end not in found]
        if not following:
            break
        found.append(following[0])
    return found


def busy(house: House) -> None:
    """Three robots with ways and holds, one waiting; a closing zone, an overdue door, an obstacle."""
    now = timezone.now()
    DispatchLease.objects.create(site=house.site, holder="d", expires_at=now + timedelta(minutes=5))
    starts = (AISLE[0], LAYOUT.nodes[10].id, LAYOUT.nodes[40].id)
    for number, robot in enumerate(house.robots):
        nodes = way(starts[number], 6)
        waiting = {
            "kind": "waiting_for_robot", "resource": f"node:{nodes[3]}", "holder": "C-1", "chain": ["C-1", "C-2"],
            "since": now.timestamp() - 100, "text": f"waits for C-1, which holds {nodes[3]}",
            "ends": "when C-2 can drive again",
        }  # fmt: skip
        RobotTraffic.objects.create(
            robot=robot, base=[{"seq": 2 * i, "node": n} for i, n in enumerate(nodes[:3])], horizon=nodes[3:],
            goal=nodes[-1], waiting=waiting if number == 0 else None, updated_at=now,
        )  # fmt: skip
        held = [f"node:{n}" for n in nodes[:3]] + [f"overlap:{nodes[0]}|{nodes[1]}"]
        ResourceHold.objects.bulk_create(
            ResourceHold(site=house.site, resource=name, robot=robot, epoch=1, since=now) for name in held
        )
    past = now.timestamp() - 60
    kept = {
        "zones": {"aisle-3": "closing", "cold-area": "closed"},
        "doors": {"fire-door": {"owner": "key:k:door-plc", "until": past}},
        "blocks": {LAYOUT.nodes[70].id: {"until": now.timestamp() + 600, "by": "person:1:anna"}},
        "alarms": [{"robot": "C-2", "kind": "late", "text": "Cart 2 does not move on to n although its way is released",
                    "since": past}],
    }  # fmt: skip
    SiteTraffic.objects.create(site=house.site, layout=house.site.layouts.get(), snapshot=kept, updated_at=now)
    FloorRequest.objects.create(
        site=house.site, kind="close_zone", target="aisle-3", actor="person:1:anna", reason="glass on the floor",
        applied_at=now - timedelta(minutes=4),
    )  # fmt: skip
    FloorRequest.objects.create(
        site=house.site, kind="retire", target="C-2", actor="person:0:anna", reason="pushed into the workshop",
        expires_at=now + timedelta(minutes=9),
    )  # fmt: skip
    Mission.objects.filter(pk=house.mission.pk).update(state="running", robot=house.robots[0])


def robots_frame(house: House, sequence: int = 2) -> bytes:
    at = {node.id: node for node in LAYOUT.nodes}
    blips = []
    for row in RobotTraffic.objects.select_related("robot").order_by("robot__live_index"):
        node = at[row.base[0]["node"]]
        blips.append(Blip(row.robot.live_index, node.x, node.y, 0.5, Status.WAITING, battery=70.0))
    return encode(Frame(sequence, 1_700_000_000_000 + 1000 * sequence, tuple(blips), snapshot=True))


def keep(page: Any, name: str) -> None:
    """A picture to look at, where a folder for it is named."""
    if folder := os.environ.get("YARDMASTER_TEST_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def opened(served: House, live_server: Any, browser: Any, *, scheme: str = "light", width: int = 1440) -> Any:
    page, said = open_page(browser, live_server, served, scheme=scheme, width=width)
    page.goto(live_server.url + "/ops/north/")
    page.wait_for_function("document.getElementById('clock').textContent.length > 5")
    page.wait_for_selector(".map .waiting", state="hidden")
    LIVE[-1].send(robots_frame(served))
    return page, said


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 400)])
def test_the_layer_the_table_and_the_pages_of_a_busy_floor(
    served: House, live_server: Any, browser: Any, scheme: str, width: int
) -> None:
    busy(served)
    page, said = opened(served, live_server, browser, scheme=scheme, width=width)
    with page.expect_response(lambda r: "traffic.json?robots=1" in r.url):
        page.click('[data-map="traffic"]')
    assert page.get_attribute('[data-map="traffic"]', "aria-pressed") == "true"
    page.wait_for_timeout(400)
    inked = page.evaluate(
        "(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0))"
        "(document.querySelector('canvas.layer'))"
    )
    assert inked, "something is drawn on the layer"
    keep(page, f"ops-{scheme}-{width}")
    assert axe_violations(page) == []
    page.click('[data-map="table"]')
    page.locator(".map .table tbody", has_text="waits for Cart 1").wait_for()
    rows = page.inner_text(".map .table .places")
    assert "Aisle 3" in rows and "closing, not safe yet" in rows and "door-plc" in rows and "obstacle" in rows
    keep(page, f"table-{scheme}-{width}")
    assert axe_violations(page) == []
    third, retire = served.robots[2], FloorRequest.objects.get(kind="retire")
    for name, address in (
        ("robot", f"/robots/{served.robots[0].public_id}/"),
        ("confirm", f"/robots/{third.public_id}/?confirm={retire.public_id}"),
        ("mission", f"/missions/{served.mission.public_id}/"),
        ("robots", "/robots/"),
    ):
        page.goto(live_server.url + address)
        page.wait_for_selector("main h1", state="attached")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
        if name == "confirm":
            page.wait_for_selector("#ask-confirm[open]")
        if name == "robot":
            page.click('[data-open="ask-release"]')
            keep(page, f"release-{scheme}-{width}")
            assert axe_violations(page) == []
            page.keyboard.press("Escape")
        keep(page, f"{name}-{scheme}-{width}")
        assert axe_violations(page) == [], address
    assert said == []
    page.context.close()


def test_a_zone_is_closed_with_the_keyboard_alone_and_a_double_press_asks_once(
    served: House, live_server: Any, browser: Any
) -> None:
    page, said = opened(served, live_server, browser)
    page.focus('#floor [data-floor="close_zone"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("#floor-close_zone[open]")
    assert axe_violations(page) == []
    page.select_option("#f-close-target", label="Aisle 3")
    page.fill("#f-close-reason", "glass on the floor")
    page.dblclick("#floor-close_zone .primary")
    page.wait_for_selector(".toast")
    assert "Dispatch acts on it" in page.inner_text("#toasts")
    page.locator("#floor", has_text="not carried out yet").wait_for()
    row = FloorRequest.objects.get()
    assert (row.kind, row.target, row.reason) == ("close_zone", "aisle-3", "glass on the floor") and said == []
    page.context.close()


def test_a_press_on_a_zone_of_the_map_offers_to_close_it(served: House, live_server: Any, browser: Any) -> None:
    page, said = opened(served, live_server, browser)
    zone = next(zone for zone in LAYOUT.zones if zone.id == "cold-area")
    point = page.evaluate(
        "async ([x, y]) => {const {View} = await import('/static/js/view.js'); const v = new View();"
        "const box = document.getElementById('map').getBoundingClientRect();"
        "v.width = box.width; v.height = box.height;"
        "const l = await (await fetch('/ops/north/layout.json')).json(); v.fit(0, 0, l.width, l.height);"
        "return [v.x(x), v.y(y)]}",
        [sum(p[0] for p in zone.polygon) / 4, zone.polygon[0][1] + 0.6],
    )
    page.click(".map .view", position={"x": point[0], "y": point[1]})
    page.wait_for_selector("#place-menu")
    page.click('#place-menu [data-floor="close_zone"]')
    page.wait_for_selector("#floor-close_zone[open]")
    assert page.input_value("#f-close-target") == "cold-area" and said == []
    page.context.close()
