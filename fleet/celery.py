"""The fleet's Celery app. Traps measured: late acks with Valkey need the restore options, or a kill costs minutes."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_ready
from kombu import Queue

from fleet import progress

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")


def redis_url(url: str) -> str:
    """kombu spells a Unix socket `redis+socket://`; redis-py and our settings say `unix://`."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    database = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair).get("db", "0")
    return f"redis+socket://{path}?virtual_host={database}"


URL = redis_url(os.environ.get("REDIS_URL", ""))

app = Celery("fleet", broker=URL, backend=URL, include=["missions.tasks", "fleet.tasks"])
app.conf.update(
    task_default_queue="planner",
    task_queues=[Queue("planner")],
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 60,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        "socket_timeout": 3,
        "socket_connect_timeout": 3,
    },
    result_backend_transport_options={"socket_timeout": 3, "retry_policy": {"max_retries": 2, "interval_start": 0.1}},
    redis_socket_timeout=3,
    result_expires=3600,
    task_time_limit=20,
    task_soft_time_limit=15,
    worker_hijack_root_logger=False,
    enable_utc=True,
    beat_schedule={
        # Proves progress, not liveness: a worker that hangs stops touching its progress file and is restarted.
        "probe": {"task": "fleet.probe", "schedule": 5.0, "options": {"expires": 4}},
        "housekeeping": {"task": "fleet.housekeeping", "schedule": 3600.0, "options": {"expires": 600}},
    },
)


@worker_ready.connect
def _first_beat(**_: object) -> None:
    """The supervisor takes the first beat as readiness; the next ones come from `fleet.probe`."""
    progress.beat("planner")
