"""How a type's VDA 5050 differs: checked value by value, recorded, obeyed, and not changed under a robot's feet."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.ledger.models import Entry
from fleet.outbox.services import post
from robots import types
from robots.core.vda5050.quirk_row import columns_of
from robots.core.vda5050.quirks import Completion
from robots.core.vda5050.topics import Topic, TopicScheme
from robots.errors import RobotRefused, TypeRefused
from robots.floor.ground import types_at
from robots.models import Robot, RobotState, RobotType
from robots.stop_roster import Roster, card_of

pytestmark = pytest.mark.django_db


def make(slug: str = "cart", **values: Any) -> RobotType:
    base = {"name": "Cart", "embodiment": "cart", "skills": ["move"], "max_speed": 1.5, "length": 0.8, "width": 0.6,
            "max_payload": 100}  # fmt: skip
    return types.add_type(slug=slug, actor="test", **(base | values))


def robot_of(kind: RobotType, serial: str = "A", slug: str = "demo") -> Robot:
    site, _ = Site.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    return Robot.objects.create(
        site=site, type=kind, serial=serial, manufacturer="acme", name=f"Cart {serial}",
        live_index=Robot.objects.count(),
    )  # fmt: skip


def test_a_type_speaks_the_standard_until_somebody_says_otherwise():
    assert types.quirks_of(make()).topics == TopicScheme("uagv", "v2")
    new = make("new", protocol="3.0")
    assert new.protocol == "3.0.0"
    assert types.quirks_of(new).topics == TopicScheme("vda5050", "v3")
    assert types.quirks_of(make("old", protocol="2.0.0", interface="acme/hall")).topics == TopicScheme("acme/hall")


def test_every_quirk_reaches_the_value_that_the_protocol_obeys():
    kind = types.change_quirks(
        make(), "test", protocol="2.0", interface="acme", major="v1", accepts=["2.0", "2.1"], qos={"order": 1},
        completion="last_node", ignored_rejections=["noRouteError"], numeric_ids=True, deviation_padding=0.1,
        omit=["theta", "horizon"], trust_factsheet=False,
    )  # fmt: skip
    quirks = types.quirks_of(RobotType.objects.get(pk=kind.pk))
    assert (quirks.version, quirks.topics, quirks.accepts) == ("2.0.0", TopicScheme("acme", "v1"), ("2.0", "2.1"))
    assert (quirks.qos, quirks.completion, quirks.numeric_ids) == ({"order": 1}, Completion.LAST_NODE, True)
    assert (quirks.ignored_rejections, quirks.deviation_padding) == (frozenset({"noRouteError"}), 0.1)
    assert (quirks.omit, quirks.trust_factsheet) == (frozenset({"theta", "horizon"}), False)
    assert quirks.reads("2.1.0") and not quirks.reads("3.0.0")


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("protocol", "1.1.0", "is not spoken here; known are 2.0.0, 2.1.0, 3.0.0"),
        ("protocol", "2.1.7", "is not spoken here"),
        ("interface", "a//b", "cannot be a topic level"),
        ("interface", "$sys", "cannot be a topic level"),
        ("major", "v2/x", "cannot be a topic level"),
        ("accepts", ["4.0"], "is no version that can be read"),
        ("accepts", "2.1", "must be a list"),
        ("qos", {"order": 3}, "name a VDA 5050 topic and 0, 1 or 2"),
        ("qos", {"orders": 1}, "name a VDA 5050 topic"),
        ("qos", [1], "must name topics"),
        ("completion", "never", "does not say when an order is done"),
        ("ignored_rejections", [""], "1 to 100 characters"),
        ("ignored_rejections", ["x"] * 41, "at most 40"),
        ("numeric_ids", "yes", "must be yes or no"),
        ("deviation_padding", 0.3, "padded by 0 to 0.2 m"),
        ("deviation_padding", float("nan"), "padded by 0 to 0.2 m"),
        ("deviation_padding", "wide", "number of metres"),
        ("omit", ["nodes"], "cannot be left out of an order"),
        ("trust_factsheet", None, "must be yes or no"),
        ("words", ["EPAL"], "must name each parameter with its values"),
        ("words", {"loadType": "EPAL"}, "loadType: give its values"),
        ("words", {"loadType": {"totes": 7}}, "loadType: give its values"),
        ("words", {"": {"totes": "EPAL"}}, "1 to 100 characters"),
        ("words", {"loadType": {"totes": "x" * 101}}, "1 to 100 characters"),
        ("words", {"loadType": {str(n): "x" for n in range(41)}}, "at most 40"),
    ],
)  # fmt: skip
def test_a_value_that_will_not_do_is_named_and_nothing_is_changed(column, value, text):
    kind = make()
    before = columns_of(kind)
    with pytest.raises(TypeRefused, match=text) as refused:
        types.change_quirks(kind, "test", **{column: value})
    assert set(refused.value.fields) == {column}
    kind.refresh_from_db()
    assert columns_of(kind) == before


def test_the_words_of_a_type_are_changed_recorded_and_change_no_quirk_of_the_link():
    kind = make()
    words = {"loadType": {"totes": "EPAL", "*": "BOX"}, "stationType": {"rack": "floor_2"}}
    changed = types.change_quirks(kind, "anna", words=words)
    assert RobotType.objects.get(pk=kind.pk).words == words == columns_of(changed)["words"]
    entry = Entry.objects.get(action="robot_type.quirks_changed")
    assert (entry.before, entry.after) == ({"words": {}}, {"words": words})
    robot_of(kind)
    card = card_of(Robot.objects.select_related("site", "type").get(), live=False)
    assert card.quirks is types.quirks_of(kind), "a stop needs none of them"
    with pytest.raises(RobotRefused, match="words: "):
        make("other", words={"loadType": 1})


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(TypeRefused) as refused:
        types.change_quirks(make(), "test", interface="#", omit=["x"], deviation_padding=9)
    assert set(refused.value.fields) == {"interface", "omit", "deviation_padding"}


def test_a_type_that_will_not_do_is_not_added():
    with pytest.raises(RobotRefused, match="protocol"):
        make(protocol="9.9.9")
    make()
    with pytest.raises(RobotRefused, match="slug"):
        make()
    assert RobotType.objects.count() == 1


def test_a_change_is_in_the_ledger_with_what_was_before_and_once_only():
    kind = types.change_quirks(make(), "anna", completion="actions", reason="forgets its actions")
    entry = Entry.objects.filter(action="robot_type.quirks_changed").get()
    body = entry.body if hasattr(entry, "body") else {"before": entry.before, "after": entry.after}
    assert (body["before"], body["after"]) == ({"completion": "standard"}, {"completion": "actions"})
    types.change_quirks(kind, "anna", completion="actions")
    assert Entry.objects.filter(action="robot_type.quirks_changed").count() == 1


def test_what_an_order_is_written_with_does_not_change_while_a_robot_has_one():
    kind = make()
    state = RobotState.objects.create(robot=robot_of(kind), node_states=[{"node_id": "n"}], state_at=timezone.now())
    for column, value in {"protocol": "3.0.0", "interface": "x", "major": "v9", "omit": ["theta"],
                          "numeric_ids": True, "deviation_padding": 0.1}.items():  # fmt: skip
        with pytest.raises(TypeRefused, match="Cart A still has an order") as refused:
            types.change_quirks(kind, "test", **{column: value})
        assert set(refused.value.fields) == {column}
    assert types.change_quirks(kind, "test", completion="actions").completion == "actions", "judged by us alone"
    state.node_states, state.action_states = [], [{"action_id": "a", "status": "RUNNING"}]
    state.save()
    with pytest.raises(TypeRefused, match="Cart A"):
        types.change_quirks(kind, "test", protocol="3.0.0")
    state.action_states = [{"action_id": "a", "status": "FINISHED"}]
    state.save()
    assert types.change_quirks(kind, "test", protocol="3.0.0").protocol == "3.0.0"


def test_an_order_that_has_not_left_yet_counts_as_under_way():
    kind = make()
    robot = robot_of(kind)
    post(kind="mqtt", payload={"robot": robot.pk, "type": "order", "body": {}}, key="x")
    assert types.under_way(kind) == [robot]


def test_a_type_at_a_site_that_you_may_not_configure_is_left_alone():
    kind = make()
    here, there = robot_of(kind).site, robot_of(kind, "B", "elsewhere").site
    admin = Actor(
        "person", "1", "anna", {here.pk: "site_admin", there.pk: "viewer"}, site_ids=frozenset({here.pk, there.pk})
    )
    with pytest.raises(PermissionDenied, match="Elsewhere"):
        types.change_quirks(kind, admin, completion="actions")
    both = Actor("person", "1", "anna", {here.pk: "site_admin", there.pk: "site_admin"},
                 site_ids=frozenset({here.pk, there.pk}))  # fmt: skip
    assert types.change_quirks(kind, both, completion="actions").completion == "actions"


def test_padded_deviations_make_the_robot_larger_for_traffic():
    """It reports a node so much farther off, while its contour still reaches into what that report frees."""
    kind = make()
    site = robot_of(kind).site
    (plain,) = types_at(site)
    types.change_quirks(kind, "test", deviation_padding=0.15)
    (padded,) = types_at(site)
    assert (padded.length, padded.width) == pytest.approx((plain.length + 0.3, plain.width + 0.3))
    assert padded.radius >= plain.radius + 0.15


def test_a_card_keeps_the_quirks_of_its_type_across_the_file(tmp_path):
    kind = types.change_quirks(
        make(protocol="3.0.0"), "test", qos={"instantActions": 1}, accepts=["3.0"], omit=["speed"],
        ignored_rejections=["noRoute"],
    )  # fmt: skip
    card = card_of(Robot.objects.select_related("site", "type").get(pk=robot_of(kind).pk), live=False)
    assert card.quirks == types.quirks_of(kind)
    assert card.quirks is card_of(Robot.objects.get()).quirks, "made once"
    assert (card.scheme, card.login, card.qos_of(Topic.INSTANT_ACTIONS)) == (TopicScheme("vda5050", "v3"), "A", 1)
    roster = Roster(cards={card.serial: card})
    roster.save(tmp_path / "roster.json")
    read = Roster()
    read.load(tmp_path / "roster.json")
    assert read.cards == {card.serial: card}
    assert read.cards["A"].quirks is card.quirks


def test_a_row_spoilt_by_hand_does_not_take_the_stop_away():
    kind = make(protocol="3.0.0")
    RobotType.objects.filter(pk=kind.pk).update(qos={"order": 9}, completion="?")
    card = card_of(Robot.objects.select_related("site", "type").get(pk=robot_of(kind).pk), live=False)
    assert (card.quirks.version, card.scheme) == ("3.0.0", TopicScheme("vda5050", "v3"))
    RobotType.objects.filter(pk=kind.pk).update(protocol="x", interface="#")
    card = card_of(Robot.objects.select_related("site", "type").get(), live=False)
    assert (card.quirks.version, card.scheme) == ("2.1.0", TopicScheme("uagv", "v2"))
