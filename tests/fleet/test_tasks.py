from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from fleet import progress, tasks
from fleet.accounts.models import IdempotencyRecord
from fleet.celery import app
from fleet.outbox.models import Message


def test_the_probe_is_a_sign_of_progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YARDMASTER_STATE", str(tmp_path))
    assert progress.age("planner") is None
    tasks.probe()
    assert progress.age("planner") is not None


def test_beat_asks_for_tasks_that_exist() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks


@pytest.mark.django_db
def test_housekeeping_deletes_what_is_old_and_nothing_else() -> None:
    now = timezone.now()
    old, new = now - timedelta(hours=25), now - timedelta(hours=23)
    for n, moment in enumerate((old, new)):
        record = IdempotencyRecord.objects.create(
            caller="c", method="POST", path="/", key=str(n), body_hash="", status=201
        )
        IdempotencyRecord.objects.filter(pk=record.pk).update(created_at=moment)
        Message.objects.create(kind="mqtt", payload={}, key=str(n), sent_at=moment)
        Session.objects.create(session_key=str(n), session_data="", expire_date=now + timedelta(hours=2 * n - 1))
    Message.objects.create(kind="mqtt", payload={}, key="unsent")
    tasks.housekeeping()
    assert [r.key for r in IdempotencyRecord.objects.all()] == ["1"]
    assert sorted(m.key for m in Message.objects.all()) == ["1", "unsent"]
    assert [s.session_key for s in Session.objects.all()] == ["1"]
