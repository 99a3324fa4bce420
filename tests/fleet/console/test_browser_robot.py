"""One robot's page in a real browser with all that a robot can report: no error, nothing too wide, paths on the map."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from robots.models import BadMessage, Factsheet, Robot, RobotState, RobotTraffic, RobotType
from robots.snapshots import layout_in_force
from tests.robots.test_commanding import SHEET

from .browsing import axe_violations, open_page
from .conftest import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LEVELS = ("WARNING", "URGENT", "CRITICAL", "FATAL")


def filled(house: House) -> Robot:
    robot, now = house.robots[0], timezone.now()
    RobotType.objects.update(protocol="3.0.0", trust_factsheet=False)
    found = layout_in_force(house.site)
    assert found is not None
    nodes = [node.id for node in found[1].nodes[:4]]
    RobotTraffic.objects.create(robot=robot, base=[{"seq": 0, "node": nodes[0]}], horizon=nodes[1:])
    RobotState.objects.filter(robot=robot).update(
        errors=[
            {"type": f"A_VERY_LONG_ERROR_TYPE_{level}", "level": level, "description": "x" * 90, "hint": "Look.",
             "references": [{"key": "nodeId", "value": nodes[2]}]}
            for level in LEVELS
        ],
        action_states=[{"action_id": "a", "action_type": "pick", "status": "RETRIABLE", "result": "jammed"}],
        planned_path=[[0, 0], [2, 2], [4, 1]], intermediate_path=[[0, 0, None], [1, 1, None]],
    )  # fmt: skip
    Factsheet.objects.create(robot=robot, received_at=now, hash="h", document=SHEET)
    BadMessage.objects.create(
        robot=robot, received_at=now, topic="vda5050/v3/acme/C-0/state", kind="NOT_JSON", text="message is not JSON",
        payload=b"\xff" + b"long" * 300, size=1201,
    )  # fmt: skip
    return robot


@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 400)])
def test_a_robot_that_reports_all_there_is(
    served: House, live_server: Any, browser: Any, scheme: str, width: int
) -> None:
    robot = filled(served)
    page, said = open_page(browser, live_server, served, scheme=scheme, width=width)
    page.goto(f"{live_server.url}/robots/{robot.public_id}/")
    page.wait_for_selector(".map .overlay .own", state="attached")
    assert page.locator(".map .overlay .next").count() == 1
    assert page.locator(".legend.ways span:visible").count() == 4
    page.click("#more-commands summary")
    page.click("#bad-messages summary")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert axe_violations(page) == []
    page.click("[data-open='ask-log_report']")
    page.wait_for_selector("#ask-log_report[open]")
    assert axe_violations(page) == [] and said == []
    page.click("#ask-log_report [data-close]")
    page.click(".faults li:first-child [data-node]")
    page.wait_for_selector(".map .overlay .affected", state="attached")
    page.context.close()


def test_what_was_unfolded_stays_so_when_the_part_is_renewed(served: House, live_server: Any, browser: Any) -> None:
    robot = filled(served)
    page, said = open_page(browser, live_server, served, scheme="light", width=1280)
    page.goto(f"{live_server.url}/robots/{robot.public_id}/")
    page.click("#bad-messages summary")
    page.evaluate(
        """async (address) => {
          const text = await (await fetch(address)).text();
          Idiomorph.morph(document.getElementById("robot"), text, { morphStyle: "outerHTML" });
        }""",
        f"/ops/north/part/robot:{robot.public_id}/",
    )
    assert page.locator("#bad-messages details[open] pre").is_visible()
    assert said == []
    page.context.close()


def test_a_wrong_value_opens_its_dialog_again_with_what_was_typed(
    served: House, live_server: Any, browser: Any
) -> None:
    robot = filled(served)
    RobotState.objects.filter(robot=robot).update(action_states=[])
    page, _ = open_page(browser, live_server, served, scheme="light", width=1280)
    page.goto(f"{live_server.url}/robots/{robot.public_id}/")
    page.click("#more-commands summary")
    page.click("[data-open='ask-init_position']")
    for key, text in {"x": "east", "y": "2", "theta": "0", "mapId": "hall", "lastNodeId": "n1"}.items():
        page.fill(f"#p-init_position-{key}", text)
    page.fill("#r-init_position", "carried here")
    page.click("#ask-init_position .primary")
    page.wait_for_selector("#ask-init_position[open] .error")
    assert page.input_value("#p-init_position-x") == "east"
    assert page.input_value("#r-init_position") == "carried here"
    assert axe_violations(page) == []
    page.context.close()
