"""A message leaves because a row was committed: not before, not never, and again if it did not get through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from fleet.outbox import services
from fleet.outbox.models import Message
from fleet.outbox.services import BACK_OFF_S, NotYet, forget_sent, post, relay


class Line:
    """Where messages go; `refuse` names the keys that do not get through."""

    def __init__(self, *refuse: str) -> None:
        self.refuse = set(refuse)
        self.sent: list[str] = []

    def __call__(self, message: Message) -> None:
        if message.key in self.refuse:
            raise ConnectionError("the broker is away " + "x" * 400)
        self.sent.append(message.key)


def later(seconds: float = 0) -> Any:
    return timezone.now() + timedelta(seconds=seconds + 0.01)


@pytest.mark.django_db
def test_messages_leave_once_and_in_order_and_by_kind() -> None:
    for key in ("a", "b", "c"):
        post(kind="mqtt", payload={"n": key}, key=key)
    post(kind="celery", payload={}, key="task")
    line = Line()
    assert relay(kind="mqtt", send=line, now=later()) == 3
    assert relay(kind="mqtt", send=line, now=later()) == 0
    assert line.sent == ["a", "b", "c"]
    assert Message.objects.get(sent_at__isnull=True).key == "task"


@pytest.mark.django_db
def test_one_whose_time_has_not_come_is_not_overtaken() -> None:
    post(kind="mqtt", payload={}, key="first")
    there, sent = False, []

    def send(message: Message) -> None:
        if not there:
            raise NotYet
        sent.append(message.key)

    assert relay(kind="mqtt", send=send, now=later()) == 0
    assert Message.objects.get().attempts == 0
    post(kind="mqtt", payload={}, key="second")
    there = True
    assert relay(kind="mqtt", send=send, now=later()) == 2
    assert sent == ["first", "second"]


@pytest.mark.django_db
def test_one_that_does_not_get_through_holds_up_nobody_and_backs_off() -> None:
    post(kind="mqtt", payload={}, key="bad")
    post(kind="mqtt", payload={}, key="good")
    line, now = Line("bad"), later()
    assert relay(kind="mqtt", send=line, now=now) == 1
    waits = []
    for _ in range(len(BACK_OFF_S) + 1):
        bad = Message.objects.get(key="bad")
        waits.append((bad.next_try_at - now).total_seconds())
        assert len(bad.error) <= 300
        assert relay(kind="mqtt", send=line, now=bad.next_try_at - timedelta(milliseconds=1)) == 0
        now = bad.next_try_at
        relay(kind="mqtt", send=line, now=now)
    assert waits == [*BACK_OFF_S, BACK_OFF_S[-1]]
    line.refuse.clear()
    bad = Message.objects.get(key="bad")
    assert relay(kind="mqtt", send=line, now=bad.next_try_at) == 1
    assert line.sent == ["good", "bad"]


@pytest.mark.django_db
def test_a_round_is_bounded() -> None:
    for n in range(5):
        post(kind="mqtt", payload={}, key=str(n))
    assert relay(kind="mqtt", send=Line(), now=later(), limit=3) == 3


@pytest.mark.django_db
def test_only_what_was_sent_is_forgotten() -> None:
    post(kind="mqtt", payload={}, key="sent")
    relay(kind="mqtt", send=Line(), now=later())
    post(kind="mqtt", payload={}, key="waiting")
    assert forget_sent(before=later(-60)) == 0
    assert forget_sent(before=later(60)) == 1
    assert Message.objects.get().key == "waiting"


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_of_an_act_that_was_rolled_back() -> None:
    with transaction.atomic():
        post(kind="mqtt", payload={}, key="never")
        transaction.set_rollback(True)
    assert relay(kind="mqtt", send=Line(), now=later()) == 0


@pytest.mark.django_db(transaction=True)
def test_the_sender_is_woken_by_the_commit_and_not_before() -> None:
    with psycopg.connect(**_address(), autocommit=True) as ear:
        ear.execute(f"listen {services.NOTIFY_CHANNEL}")
        with transaction.atomic():
            post(kind="mqtt", payload={}, key="a")
            assert list(ear.notifies(timeout=0.1)) == []
        assert [note.payload for note in ear.notifies(timeout=5, stop_after=1)] == ["mqtt"]


@pytest.mark.django_db(transaction=True)
def test_two_senders_never_take_the_same_message() -> None:
    post(kind="mqtt", payload={}, key="a")
    with psycopg.connect(**_address()) as other:
        other.execute("select 1 from outbox_message for update")
        line = Line()
        assert relay(kind="mqtt", send=line, now=later()) == 0
        other.rollback()
    assert relay(kind="mqtt", send=line, now=later()) == 1


def _address() -> dict[str, Any]:
    settings = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {name: settings[key] for name, key in names.items() if settings[key]}
