"""One robot by REST: all it reports, its commands, factsheets and unusable messages; and the types of robots."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from fleet.ledger.models import Entry
from robots.models import BadMessage, Command, Factsheet, RobotLink, RobotState, RobotType
from tests.robots.test_api import Api, Person, api, robot, site  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


def test_a_robot_in_full(api, robot):  # noqa: F811
    now = timezone.now()
    RobotState.objects.update(
        protocol="2.0.0", sent_at=now, state_at=now, clock_offset=0.3, clock_spread=0.05, maps=[
            {"map_id": "hall", "map_version": "2", "status": "ENABLED"}],
        information=[{"type": "note", "level": "INFO", "description": "dusty"}], planned_path=[[0, 0], [1, 2]],
        zone_requests=[{"request_id": "z1", "kind": "ACCESS"}],
    )  # fmt: skip
    RobotLink.objects.create(robot=robot, member="link-1", epoch=4, since=now)
    found = api("GET", f"robots/{robot.public_id}").json()
    assert (found["protocol"], found["protocol_reported"]) == ("2.1.0", "2.0.0")
    assert (found["clock"]["offset_s"], found["clock"]["spread_s"]) == (0.3, 0.05)
    assert (found["link"]["member"], found["link"]["epoch"]) == ("link-1", 4)
    assert found["maps"][0]["map_version"] == "2" and found["information"][0]["description"] == "dusty"
    assert found["planned_path"] == [[0, 0], [1, 2]] and found["zone_requests"][0]["request_id"] == "z1"
    assert {row["kind"] for row in found["commands"]} == {"cancel_order", "state_request", "factsheet_request"}


def test_a_command_by_rest(api, robot, site):  # noqa: F811
    made = api("POST", f"robots/{robot.public_id}:command", {"kind": "state_request"})
    assert (made.status_code, made.json()["state"]) == (202, "created")
    listed = api("GET", f"robots/{robot.public_id}/commands").json()["data"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    refused = api("POST", f"robots/{robot.public_id}:command", {"kind": "shutdown"})
    assert (refused.status_code, refused.json()["code"]) == (409, "command_refused")
    assert Entry.objects.filter(action="robot.shutdown", result="refused").exists()
    wrong = api("POST", f"robots/{robot.public_id}:command", {"kind": "enable_map", "parameters": {"mapId": "m"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/parameters/mapVersion")
    assert api("POST", f"robots/{robot.public_id}:command", {"kind": "dance"}).status_code == 400
    assert api("POST", f"robots/{robot.public_id}:command", {"kind": "init_position"}).status_code == 403, "a person's"
    assert Person(site, "viewer")("POST", f"robots/{robot.public_id}:command", {"kind": "shutdown"}).status_code == 403
    assert Command.objects.count() == 1


def test_bad_messages_newest_first_as_text_and_as_they_came(api, robot):  # noqa: F811
    now = timezone.now()
    for age, payload in ((2, b"\xff{"), (1, b'{"a": NaN}')):
        BadMessage.objects.create(
            robot=robot, received_at=now - timedelta(seconds=age), topic="uagv/v2/acme/A/state", kind="NOT_JSON",
            text="message is not JSON", payload=payload, size=len(payload),
        )  # fmt: skip
    rows = api("GET", f"robots/{robot.public_id}/bad-messages").json()["data"]
    assert [row["payload"] for row in rows] == ['{"a": NaN}', "\\xff{"]
    assert base64.b64decode(rows[1]["payload_base64"]) == b"\xff{"
    page = api("GET", f"robots/{robot.public_id}/bad-messages?limit=1").json()
    rest = api("GET", f"robots/{robot.public_id}/bad-messages?limit=1&cursor={page['next_cursor']}").json()
    assert [row["kind"] for row in page["data"] + rest["data"]] == ["NOT_JSON"] * 2


def test_factsheets_tell_what_changed(api, robot):  # noqa: F811
    now = timezone.now()
    for age, speed in ((2, 1.0), (1, 1.5)):
        Factsheet.objects.create(
            robot=robot, received_at=now - timedelta(days=age), hash=str(age), version="2.1.0",
            document={"physicalParameters": {"speedMax": speed}},
        )  # fmt: skip
    new, old = api("GET", f"robots/{robot.public_id}/factsheets").json()["data"]
    assert new["changes"] == [{"path": "physicalParameters.speedMax", "before": "1.0", "after": "1.5"}]
    assert old["changes"] == []


def test_types_are_read_added_and_changed(api, robot, site):  # noqa: F811
    (row,) = api("GET", "robot-types").json()["data"]
    assert (row["slug"], row["protocol"], row["topics"], row["accepts"]) == ("cart", "2.1.0", "uagv/v2", [])
    body = {
        "slug": "tug", "name": "Tug", "embodiment": "cart", "skills": ["move"], "max_speed": 1, "length": 1, "width": 1,
        "max_payload": 50, "protocol": "3.0", "qos": {"order": 1},
    }  # fmt: skip
    made = api("POST", "robot-types", body)
    assert (made.status_code, made.json()["topics"]) == (201, "vda5050/v3"), made.content
    again = api("POST", "robot-types", body)
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "/slug")
    changed = api("PATCH", "robot-types/tug", {"completion": "actions", "reason": "forgets"})
    assert changed.json()["completion"] == "actions" and changed.json()["qos"] == {"order": 1}
    words = {"loadType": {"totes": "EPAL"}}
    assert api("PATCH", "robot-types/tug", {"words": words}).json()["words"] == words
    never = api("PATCH", "robot-types/tug", {"length": 2, "completion": "standard"})
    assert never.status_code == 422 and [error["pointer"] for error in never.json()["errors"]] == ["/length"]
    for bad, status in (({"loadType": "EPAL"}, 400), (["EPAL"], 400), ({"loadType": {"totes": "x" * 101}}, 422)):
        refused = api("PATCH", "robot-types/tug", {"words": bad})
        assert refused.status_code == status, refused.content
        assert refused.json()["errors"][0]["pointer"].startswith("/words")
    wrong = api("PATCH", "robot-types/tug", {"deviation_padding": 1, "omit": ["all"]})
    assert wrong.status_code == 422
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/deviation_padding", "/omit"}
    assert api("PATCH", "robot-types/none", {}).status_code == 404
    assert Person(site, "supervisor")("PATCH", "robot-types/tug", {"completion": "standard"}).status_code == 403
    assert Api(site, "robots:read")("POST", "robot-types", body).status_code == 403
    assert RobotType.objects.get(slug="tug").completion == "actions"
