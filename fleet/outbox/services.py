"""Post a message in the transaction of the change it tells of; relay what is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from .models import Message

log = logging.getLogger(__name__)

NOTIFY_CHANNEL = "yardmaster_outbox"
BACK_OFF_S = (0.5, 1, 2, 5, 10, 30, 60)


class NotYet(Exception):
    """Raised by a `send`: the message stays as it is and is due at once, so that none behind it overtakes it."""


def post(*, kind: str, payload: dict[str, object], key: str = "") -> Message:
    """Add one message. Must run inside the caller's transaction; the sender is woken by the commit."""
    return post_all([Message(kind=kind, payload=payload, key=key)])[0]


def post_all(messages: Sequence[Message]) -> list[Message]:
    """Add several messages at once, in their order: one statement, and one wake-up for each kind."""
    posted = Message.objects.bulk_create(messages)
    for kind in sorted({message.kind for message in posted}):
        notify(NOTIFY_CHANNEL, kind)
    return posted


def notify(channel: str, payload: str) -> None:
    """PostgreSQL NOTIFY, delivered when the running transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [channel, payload])


def relay(
    *, kind: str, send: Callable[[Message], None], now: datetime, limit: int = 200, where: Q | None = None
) -> int:
    """Send what is due, oldest first; returns how many were sent. `send` raises when the message did not leave: NotYet,
    or anything else for one that is tried again after a while, when later ones may have left.

    `where` narrows it to the messages that this sender is responsible for.
    """
    sent = 0
    with transaction.atomic():
        due = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(kind=kind, sent_at__isnull=True, next_try_at__lte=now)
            .filter(where or Q())
        )
        for message in due.order_by("id")[:limit]:
            try:
                send(message)
            except NotYet:
                continue
            except Exception as error:  # the message stays and is tried again; anything may fail out there
                wait = BACK_OFF_S[min(message.attempts, len(BACK_OFF_S) - 1)]
                message.attempts += 1
                message.error = str(error)[:300]
                message.next_try_at = now + timedelta(seconds=wait)
                message.save(update_fields=["attempts", "error", "next_try_at"])
                log.warning("outbox %s %s not sent (try %d): %s", kind, message.key, message.attempts, error)
                continue
            message.sent_at = now
            message.attempts += 1
            message.save(update_fields=["sent_at", "attempts"])
            sent += 1
    return sent


def forget_sent(*, before: datetime) -> int:
    """Delete what was sent before `before`; the ledger and the mission's events keep the history."""
    return Message.objects.filter(sent_at__lt=before).delete()[0]
