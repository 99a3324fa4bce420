"""Who joins and who decides it; what the broker refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.ledger.models import Entry
from fleet.supervisor import mqtt
from fleet.supervisor.state import open_state
from robots import admission, joining
from robots.broker import certificates, roster
from robots.core.demo_site import demo_layout
from robots.core.layout import layout_to_json
from robots.core.vda5050.codec import encode_body
from robots.core.vda5050.messages import ActionScope
from robots.core.vda5050.reports import ActionDeclaration, Factsheet
from robots.errors import JoinConflict, JoinRefused, RobotRefused
from robots.models import BrokerRefusal, JoinRequest, ResourceHold, Robot, RobotState, RobotTraffic, RobotType
from robots.services import import_layout, publish_layout, set_in_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LAYOUT = demo_layout()
NODE, FAR = (
    LAYOUT.nodes[0],
    max(LAYOUT.nodes, key=lambda n: (n.x - LAYOUT.nodes[0].x) ** 2 + (n.y - LAYOUT.nodes[0].y) ** 2),
)
ACTIONS = ("pick", "drop", "startPause")
SHEET = Factsheet(
    "T600", "DIFF", "CARRIER", 200.0, 1.5, 1.0, 1.0, 1.2, 0.6, 0.8,
    actions=tuple(ActionDeclaration(each, (ActionScope.NODE,)) for each in ACTIONS),
)  # fmt: skip


@dataclass
class Yard:
    site: Site
    kind: RobotType
    other: Robot
    admin: Actor

    def knock(self, **changes: Any) -> JoinRequest:
        values: dict[str, Any] = {
            "manufacturer": "acme", "serial": "AGV-7", "interface": "uagv", "major": "v2", "version": "2.1.0",
            "connection": "online", "first_at": NOW, "last_at": NOW, "factsheet": encode_body(SHEET, "2.1.0"),
            "position": {"x": NODE.x, "y": NODE.y, "theta": 0.0, "map_id": LAYOUT.map_id, "localized": True},
        }  # fmt: skip
        return JoinRequest.objects.create(**(values | changes))

    def admit(self, row: JoinRequest, **changes: Any) -> Robot:
        consent = joining.look(row, self.kind, self.site, NOW).consent
        given = {"site": self.site, "kind": self.kind, "name": "Tugger 7", "actor": self.admin, "consent": consent}
        return admission.admit(request=row, now=NOW, **(given | changes))


@pytest.fixture
def yard(tmp_path: Path, settings: Any) -> Yard:
    settings.STATE_DIR = tmp_path / "state"
    site = Site.objects.create(slug="demo", name="Demo")
    version, _ = import_layout(site=site, document=layout_to_json(LAYOUT), actor="test")
    publish_layout(version=version, actor="test")
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", skills=["move", "pick", "drop"], max_speed=1.5, length=0.8,
        width=0.6, max_payload=100,
    )  # fmt: skip
    other = Robot.objects.create(site=site, type=kind, serial="C-1", manufacturer="acme", name="Cart 1", live_index=0)
    RobotState.objects.create(robot=other, connection="online", x=FAR.x, y=FAR.y, localized=True)
    return Yard(
        site, kind, other, Actor("person", "1", "anna", {site.pk: "site_admin"}, frozenset(), frozenset({site.pk}))
    )


# --- admitting --------------------------------------------------------------------------------------------------------


def test_a_robot_is_admitted_once_with_what_was_seen_in_the_ledger(yard: Yard) -> None:
    row = yard.knock()
    robot = yard.admit(row)
    assert (robot.name, robot.serial, robot.type, robot.in_service, robot.login) == (
        "Tugger 7",
        "AGV-7",
        yard.kind,
        True,
        "",
    )
    row.refresh_from_db()
    assert (row.state, row.robot, row.decided_by, row.decided_at) == ("admitted", robot, "anna", NOW)
    entry = Entry.objects.get(action="robot.admitted")
    assert entry.after["login"] == "AGV-7" and entry.after["seen"] == [] and entry.actor_name == "anna"
    with pytest.raises(JoinConflict, match="does not wait any more"):
        yard.admit(row)
    assert not joining.open_requests().exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"interface": "vda5050", "major": "v3", "version": "3.0.0"}, "would not hear each other"),
        ({"factsheet": encode_body(SHEET, "2.1.0") | {"physicalParameters": {
            **encode_body(SHEET, "2.1.0")["physicalParameters"], "length": 2.0}}}, "2 m long"),
        ({"serial": "C-1", "manufacturer": "other"}, "registered already"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(yard: Yard, changes: dict[str, Any], words: str) -> None:
    row = yard.knock(**changes)
    with pytest.raises(JoinRefused, match=words):
        yard.admit(row)
    assert Robot.objects.count() == 1
    assert JoinRequest.objects.get().state == "waiting"


def test_a_type_that_the_layout_has_no_room_for_is_told_before_it_is_admitted(yard: Yard) -> None:
    for n in range(2, 13):
        Robot.objects.create(
            site=yard.site, type=yard.kind, serial=f"C-{n}", manufacturer="acme", name=f"Cart {n}", live_index=n
        )
    assert "layout" not in {finding.code for finding in joining.look(yard.knock(), yard.kind, yard.site, NOW).findings}
    wide = RobotType.objects.create(
        slug="tugger-600", name="Tugger 600", embodiment="cart", skills=["move"], max_speed=1.5, length=1.4, width=0.8,
        max_payload=600,
    )  # fmt: skip
    look = joining.look(JoinRequest.objects.get(), wide, yard.site, NOW)
    (found,) = (finding for finding in look.findings if finding.code == "layout")
    assert found.text.startswith("With one of this size layout version 1 has room for 21 robots") and not found.blocking


def test_consent_is_to_exactly_what_was_shown(yard: Yard) -> None:
    row = yard.knock(factsheet=None)
    before = joining.look(row, yard.kind, yard.site, NOW).consent
    row.position = None
    row.save()
    with pytest.raises(JoinConflict, match="Look again"):
        yard.admit(row, consent=before)
    with pytest.raises(JoinConflict):
        yard.admit(row, consent="")
    assert not yard.admit(row).in_service


def test_consent_to_one_robot_admits_no_other_and_not_with_another_factsheet(yard: Yard) -> None:
    shown = joining.look(yard.knock(), yard.kind, yard.site, NOW).consent
    with pytest.raises(JoinConflict, match="Look again"):
        yard.admit(yard.knock(serial="AGV-8"), consent=shown)
    row = JoinRequest.objects.get(serial="AGV-7")
    row.factsheet["physicalParameters"]["heightMax"] = 9.0
    row.save()
    with pytest.raises(JoinConflict, match="Look again"):
        yard.admit(row, consent=shown)


def test_an_invitation_ends_with_the_admission_under_another_login(yard: Yard) -> None:
    admission.invite(serial="AGV-7", manufacturer="acme", actor="test")
    assert [(access.login, access.joining) for access in roster.accesses() if access.joining] == [("AGV-7", True)]
    robot = yard.admit(yard.knock(), login="tugger-7")
    assert [access.login for access in roster.accesses()] == ["tugger-7", "C-1"] and robot.login == "tugger-7"
    roster.let_in(robot)
    assert "AGV-7" not in mqtt.admitted(open_state(settings.STATE_DIR))


def test_no_program_admits(yard: Yard) -> None:
    with pytest.raises(JoinRefused, match="person"):
        yard.admit(
            yard.knock(), actor=Actor("key", "k", "erp", {}, frozenset({"layouts:write"}), frozenset({yard.site.pk}))
        )


@pytest.mark.parametrize(
    "position",
    [
        None,
        {},
        {"x": NODE.x, "y": NODE.y, "localized": False},
        {"x": NODE.x, "y": NODE.y, "localized": True, "map_id": "another floor"},
        {"x": "here", "y": None},
    ],
)
def test_one_that_is_lost_is_admitted_out_of_service_only(yard: Yard, position: Any) -> None:
    assert not yard.admit(yard.knock(position=position)).in_service


def test_one_that_has_fallen_silent_is_admitted_out_of_service_only(yard: Yard) -> None:
    row = yard.knock(last_at=NOW - timedelta(seconds=joining.SILENT_S + 1))
    assert [finding.code for finding in joining.look(row, yard.kind, yard.site, NOW).findings] == ["silent"]
    assert not yard.admit(row).in_service


def test_one_that_is_lost_comes_into_service_once_it_knows_where_it_is(yard: Yard) -> None:
    robot = yard.admit(yard.knock(position=None))
    with pytest.raises(RobotRefused, match="Tugger 7 has not said anything since it was admitted"):
        set_in_service(robot=robot, in_service=True, actor=yard.admin)
    state = RobotState.objects.create(robot=robot, state_at=NOW, localized=False)
    with pytest.raises(RobotRefused, match="Tugger 7 does not know where it is: bring it onto a node"):
        set_in_service(robot=robot, in_service=True, actor=yard.admin)
    state.localized, state.map_id = True, "another floor"
    state.save()
    with pytest.raises(RobotRefused, match="is on the map another floor, the layout in force is of"):
        set_in_service(robot=robot, in_service=True, actor=yard.admin)
    robot.refresh_from_db()
    assert not robot.in_service and not Entry.objects.filter(action="robot.in_service").exists()
    state.map_id = LAYOUT.map_id
    state.save()
    assert set_in_service(robot=robot, in_service=True, actor=yard.admin).in_service


def test_one_that_a_person_took_out_of_service_comes_back_as_it_is(yard: Yard) -> None:
    """It is told about on its page; whether it is repaired is that person's to say."""
    robot = yard.admit(yard.knock())
    set_in_service(robot=robot, in_service=False, actor=yard.admin, reason="flat tyre")
    assert set_in_service(robot=robot, in_service=True, actor=yard.admin).in_service


def test_its_place_must_be_nobodys(yard: Yard) -> None:
    row = yard.knock()
    hold = ResourceHold.objects.create(site=yard.site, resource=f"node:{NODE.id}", robot=yard.other, epoch=1, since=NOW)
    with pytest.raises(JoinConflict, match="Cart 1 has the floor it stands on or holds"):
        yard.admit(row)
    hold.delete()
    edge = next(edge for edge in LAYOUT.edges if edge.start == NODE.id)
    traffic = RobotTraffic.objects.create(
        robot=yard.other, base=[{"seq": 0, "node": edge.start}, {"seq": 2, "node": edge.end}]
    )
    with pytest.raises(JoinConflict, match="Cart 1 has the way released to it"):
        yard.admit(row)
    traffic.delete()
    RobotState.objects.filter(robot=yard.other).update(x=NODE.x + 0.5, y=NODE.y)
    with pytest.raises(JoinConflict, match="Cart 1 has the floor"):
        yard.admit(row)
    RobotState.objects.filter(robot=yard.other).update(x=FAR.x, y=FAR.y)
    assert yard.admit(row).in_service


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"login": "C-1"}, "logs in as C-1 already"),
        ({"login": "a:b"}, "user name"),
        ({"login": "fleet"}, "name of the fleet"),
        ({"home": "nowhere"}, "no node nowhere"),
        ({"certificate": "not one"}, "neither a certificate"),
    ],
)
def test_logins_homes_and_certificates_that_will_not_do(yard: Yard, changes: dict[str, Any], words: str) -> None:
    row = yard.knock()
    with pytest.raises(JoinRefused, match=words):
        yard.admit(row, **changes)
    assert Robot.objects.count() == 1


def test_a_serial_that_is_no_user_name_gets_another_login(yard: Yard) -> None:
    robot = yard.admit(yard.knock(serial="AGV:7"), certificate="AB:" * 31 + "AB")
    assert (robot.login, robot.certificate) == ("AGV-7", "ab" * 32)
    login = admission.credentials(robot=robot, actor=yard.admin)
    assert (login.user, login.password) == ("AGV-7", "")
    assert Entry.objects.get(action="robot.credentials_shown").actor_name == "anna"


def test_a_refused_robot_waits_no_more_until_somebody_reconsiders(yard: Yard) -> None:
    row = yard.knock()
    with pytest.raises(JoinRefused, match="Say why"):
        admission.refuse(request=row, actor=yard.admin, site=yard.site, reason=" ", now=NOW)
    admission.refuse(request=row, actor=yard.admin, site=yard.site, reason="not ours", now=NOW)
    assert not joining.open_requests().exists()
    for again in (lambda: yard.admit(row), lambda: admission.refuse(
        request=row, actor=yard.admin, site=yard.site, reason="x", now=NOW
    )):  # fmt: skip
        with pytest.raises(JoinConflict, match="it is refused"):
            again()
    admission.reconsider(request=row, actor=yard.admin, site=yard.site, now=NOW)
    with pytest.raises(JoinConflict, match="not refused"):
        admission.reconsider(request=row, actor=yard.admin, site=yard.site, now=NOW)
    assert yard.admit(row)
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"robot.join_refused", "robot.join_reconsidered", "robot.admitted"} <= actions


def test_refusing_a_robot_ends_its_own_invitation_only(yard: Yard, django_capture_on_commit_callbacks: Any) -> None:
    admission.invite(serial="A-B", manufacturer="acme", actor="test")
    given: dict[str, Any] = {"actor": yard.admin, "site": yard.site, "reason": "not ours", "now": NOW}
    for who in ({"serial": "A:B"}, {"serial": "A-B", "manufacturer": "evil"}):
        with django_capture_on_commit_callbacks(execute=True):
            admission.refuse(request=yard.knock(**who), **given)
        assert mqtt.admitted(open_state(settings.STATE_DIR))["A-B"].joining
    with django_capture_on_commit_callbacks(execute=True):
        admission.refuse(request=yard.knock(serial="A-B"), **given)
    assert "A-B" not in mqtt.admitted(open_state(settings.STATE_DIR))


@pytest.mark.parametrize("serial", ["A:B", "C-1"])
def test_who_cannot_log_in_by_its_serial_number_is_reconsidered_without_an_invitation(
    yard: Yard, serial: str, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = yard.knock(serial=serial, manufacturer="other", state="refused")
    with django_capture_on_commit_callbacks(execute=True):
        admission.reconsider(request=row, actor=yard.admin, site=yard.site, now=NOW)
    assert row.pk and JoinRequest.objects.get(pk=row.pk).state == "waiting"
    assert serial not in mqtt.admitted(open_state(settings.STATE_DIR))
    assert "Error calling" not in caplog.text


def test_a_type_spoilt_by_hand_keeps_its_topics_and_a_name_that_is_no_topic_is_left_out(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    RobotType.objects.update(completion="perhaps", interface="vda5050", major="v3", protocol="3.0.0")
    robots = {"serial": "C-2", "manufacturer": "a/#"}
    Robot.objects.create(site=yard.site, type=yard.kind, name="Cart 2", live_index=1, **robots)
    assert [access.prefixes for access in roster.accesses()] == [("vda5050/v3/acme/C-1",)]
    assert "C-2 is left out" in caplog.text and "perhaps" in caplog.text
    with pytest.raises(JoinRefused, match="topic level"):
        admission.credentials(robot=Robot.objects.select_related("type", "site").get(serial="C-2"), actor=yard.admin)
    assert not Entry.objects.filter(action="robot.credentials_shown").exists()


def test_one_that_is_registered_by_hand_does_not_wait_and_one_that_was_deleted_does_again(yard: Yard) -> None:
    row = yard.knock(manufacturer="acme", serial="C-1")
    assert not joining.open_requests().exists()
    yard.other.delete()
    assert list(joining.open_requests()) == [row]
    yard.admit(row).delete()
    assert [each.pk for each in joining.open_requests()] == [row.pk]


# --- what the broker refused ------------------------------------------------------------------------------------------


TOPIC = "uagv/v2/acme/C-1/state"


def refused(
    user: str = "AGV-7", topic: str = TOPIC, *, kind: str = "publish", count: int = 1, s: int = 0
) -> BrokerRefusal:
    return admission.record_refusal(kind, user, topic, NOW + timedelta(seconds=s), count=count)


def test_a_refusal_is_counted_until_somebody_looks_and_told_once(yard: Yard) -> None:
    thief = yard.admit(yard.knock())
    refused()
    row = refused(count=4, s=9)
    assert (row.count, row.robot, row.first_at, row.last_at) == (5, thief, NOW, NOW + timedelta(seconds=9))
    entry = Entry.objects.get(action="broker.publish_refused")
    assert (entry.actor_name, entry.result, entry.site) == ("AGV-7", "refused", "demo")
    assert admission.victim_of(row) == yard.other
    assert admission.unseen(yard.site) == [(row, yard.other)]
    admission.seen(refusal=row, actor=yard.admin, site=yard.site, now=NOW)
    admission.seen(refusal=row, actor=yard.admin, site=yard.site, now=NOW)
    assert admission.unseen(yard.site) == []
    assert Entry.objects.filter(action="broker.refusal_seen").count() == 1
    assert refused().pk != row.pk, "it is raised again"


def test_whoever_tells_of_a_refusal_need_not_know_when_it_was(yard: Yard) -> None:
    before = timezone.now()
    row = admission.record_refusal("publish", "AGV-7", TOPIC)
    assert before <= row.first_at == row.last_at <= timezone.now()
    again = admission.record_refusal("publish", "AGV-7", TOPIC, None)
    assert (again.count, again.first_at) == (2, row.first_at) and again.last_at > row.last_at


def test_nothing_that_anybody_can_write_keeps_a_refusal_from_being_kept(yard: Yard) -> None:
    odd = "\x00\ud800" + "é" * 400
    for _ in range(2):
        row = admission.record_refusal(odd, odd, odd, NOW, count=2**40)
    assert len(row.user) == 128 and "\x00" not in row.user + row.topic + row.kind
    assert row.count == admission.MOST_COUNTED


def test_it_concerns_the_site_of_who_did_it_and_of_whom_it_was_done_to(yard: Yard) -> None:
    north = Site.objects.create(slug="north", name="North")
    row = refused("nobody")
    assert admission.concerned(row) == [yard.site]
    assert admission.unseen(north) == []
    assert admission.concerned(refused("10.0.0.7", "", kind="login")) == [yard.site, north]


def test_a_flood_of_topics_fills_neither_table_nor_ledger(yard: Yard) -> None:
    for number in range(3 * admission.OPEN_REFUSALS_EACH):
        refused(topic=f"uagv/v2/acme/X{number}/state")
    rows = BrokerRefusal.objects.filter(user="AGV-7")
    assert rows.count() == admission.OPEN_REFUSALS_EACH + 1
    assert rows.get(topic=admission.MANY).count == 2 * admission.OPEN_REFUSALS_EACH
    assert Entry.objects.filter(action="broker.publish_refused").count() == rows.count()


def test_what_a_broker_says_may_be_anything(yard: Yard) -> None:
    row = refused("u" * 500, "t\x00" * 500, kind="k" * 50)
    assert (len(row.user), len(row.topic), len(row.kind)) == (128, 300, 16)


# --- updateCertificate ------------------------------------------------------------------------------------------------

LINKS = {
    "service": "MQTT", "keyDownloadLink": "https://ca.plant/key?token=s3cret",
    "certificateDownloadLink": "https://ca.plant/crt",
}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "changes", "words"),
    [
        ("mqtts://fleet:x@broker", {}, ""),
        ("mqtt://fleet:x@broker", {}, "not encrypted"),
        ("mqtts://fleet:x@broker", {"keyDownloadLink": "http://ca.plant/key"}, "https"),
        ("mqtts://fleet:x@broker", {"certificateAuthorityDownloadLink": "ftp://ca.plant/ca"}, "https"),
        ("mqtts://fleet:x@broker", {"keyDownloadLink": "https://u:p@ca.plant/key"}, "password"),
    ],
)
def test_a_new_certificate_goes_over_encrypted_ways_only(url: str, changes: dict[str, str], words: str) -> None:
    why = certificates.why_no_update(url, LINKS | changes)
    assert (words in why) if words else why == ""


def test_the_ledger_keeps_no_address_of_a_key() -> None:
    kept = certificates.redacted(LINKS)
    assert "s3cret" not in str(kept) and kept["certificateDownloadLink"] == LINKS["certificateDownloadLink"]
