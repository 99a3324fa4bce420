"""Celery outbox rows on their way: a thread of its own, so that a slow task broker never holds up a dispatch cycle."""

from __future__ import annotations

import logging
import threading

from celery.exceptions import CeleryError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from fleet.celery import app
from fleet.listen import Listener
from fleet.outbox import services as outbox
from fleet.outbox.models import Message

from . import programs

log = logging.getLogger(__name__)

PERIOD_S = 1.0
ANSWER_PERIOD_S = 0.1


class ProgramSender(threading.Thread):
    """Sends `celery` rows as they are committed and reads the workers' answers."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(name="program-sender", daemon=True)
        self.stop = stop

    def run(self) -> None:
        listener = Listener(outbox.NOTIFY_CHANNEL)
        waiting = False
        while not self.stop.is_set():
            listener.wait(ANSWER_PERIOD_S if waiting else PERIOD_S)
            try:
                outbox.relay(kind="celery", send=send, now=timezone.now())
                waiting = self.read_answers()
            except (DatabaseError, InterfaceError) as error:
                log.warning("programs wait for the database: %s", error)
                close_old_connections()
            except (CeleryError, KombuError, RedisError, OSError) as error:
                log.warning("programs wait for the task broker: %s", error)
        listener.close()

    def read_answers(self) -> bool:
        """Note which programs the onboard workers have stored; True while some are not answered yet."""
        keys = programs.unacknowledged()
        for key in keys:
            answer = app.AsyncResult(programs.task_id(key))
            if answer.state == "SUCCESS" and (answer.result or {}).get("stored"):
                programs.note_accepted(key, timezone.now())
        return bool(keys)


def send(message: Message) -> None:
    """One row to its queue. Raises when the broker did not take it."""
    payload = message.payload
    app.send_task(
        payload["task"], args=payload["args"], queue=payload["queue"], task_id=payload["task_id"], retry=False
    )
