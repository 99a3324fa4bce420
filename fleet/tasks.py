"""Celery tasks of the house itself."""

from __future__ import annotations

import logging
from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from fleet import progress
from fleet.celery import app
from fleet.outbox import services as outbox
from fleet.rest import idempotency

log = logging.getLogger(__name__)

IDEMPOTENCY_KEPT = timedelta(hours=24)
OUTBOX_KEPT = timedelta(hours=24)
ATTEMPTS_KEPT = timedelta(days=1)


@app.task(name="fleet.probe", ignore_result=True)
def probe() -> None:
    """Prove that the worker still takes and finishes tasks: the supervisor watches the age of this file."""
    progress.beat("planner")


@app.task(name="fleet.housekeeping", ignore_result=True)
def housekeeping() -> None:
    """Delete what only had to be kept for a while. The ledger and the missions' events are kept."""
    now = timezone.now()
    log.info(
        "housekeeping: %d idempotency records, %d sent messages, %d sessions, %d login failures forgotten",
        idempotency.forget_before(now - IDEMPOTENCY_KEPT),
        outbox.forget_sent(before=now - OUTBOX_KEPT),
        Session.objects.filter(expire_date__lt=now).delete()[0],
        AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT).delete()[0],
    )
