"""The onboard Celery worker: takes mission programs, and runs the robots' loop beside.

    celery -A inference.onboard.app worker --pool threads -c 4 -Q onboard.R-01,onboard.R-02 \\
        -n onboard@%h --without-gossip --without-mingle

The task stores the program durably and ends; a mission lives in the journal and in VDA 5050, never in a task. The
broker is at-least-once and may lose: the fleet sends again, storing is idempotent by attempt. Environment:
`YARDMASTER_STATE`, `REDIS_URL`, `MQTT_URL`, `YARDMASTER_SIM_FLOOR` and what `config.py` reads.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown
from celery.worker import state as worker_state

from inference.contract import program_from_json, program_to_json
from inference.onboard.config import SERVICE_TIMEOUT, SettingError, celery_url, from_environment, state_folder
from inference.onboard.journal import Journals

log = logging.getLogger(__name__)

EXIT_CONFIG = 78


def make_app(redis_url: str) -> Celery:
    url = celery_url(redis_url)
    # Without fixups: Celery would set Django up wherever DJANGO_SETTINGS_MODULE happens to be set.
    app = Celery("onboard", broker=url, backend=url, fixups=set())
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Defaults give a killed worker's task back after 100 s and more; these make it seconds (measured).
        broker_transport_options={
            "visibility_timeout": 60,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_timeout": SERVICE_TIMEOUT,
            "socket_connect_timeout": SERVICE_TIMEOUT,
            "socket_keepalive": True,
            "health_check_interval": 5,
        },
        redis_socket_timeout=SERVICE_TIMEOUT,
        redis_socket_connect_timeout=SERVICE_TIMEOUT,
        redis_retry_on_timeout=True,
        result_expires=3600,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        enable_utc=True,
        timezone="UTC",
    )
    return app


app = make_app(os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/0")
_serving: dict[str, Any] = {}


def journals() -> Journals:
    """Of this process; the runtime and the task share them, so that each file is opened once."""
    if "journals" not in _serving:
        _serving["journals"] = Journals(state_folder(os.environ))
    opened: Journals = _serving["journals"]
    return opened


@app.task(name="onboard.accept_program")
def accept_program(program: dict[str, Any]) -> dict[str, Any]:
    """Store a mission program (JSON of `inference.contract.MissionProgram`). The same attempt again changes nothing.

    Fails when the robot is not served here, when the program is malformed, or when the attempt is stored with another
    content: each of these is a fault of the sender that sending again would not mend.
    """
    parsed = program_from_json(program)
    serials = _serving.get("serials")
    if serials is not None and parsed.serial not in serials:
        raise ValueError(f"robot {parsed.serial} is not served by this worker; its queue must not be read here")
    journals().of(parsed.serial).store_program(parsed.attempt, program_to_json(parsed))
    return {"attempt": parsed.attempt, "stored": True, "serial": parsed.serial}


@worker_ready.connect
def start_runtime(**_: Any) -> None:
    """The robots start when the worker can take programs. A setting that cannot be used ends the worker."""
    from inference.onboard.runtime import Runtime
    from inference.policy.compact import CompactPolicy

    try:
        config = from_environment(os.environ)
        runtime = Runtime(config, journals(), CompactPolicy.load())
    except (SettingError, ValueError, OSError) as error:
        log.critical("the onboard worker cannot start: %s", error)
        worker_state.should_stop = EXIT_CONFIG
        return
    _serving["serials"] = frozenset(config.serials)
    _serving["runtime"] = runtime
    runtime.start()
    log.info("serving %d robots: %s", len(config.serials), ", ".join(config.serials))


@worker_shutdown.connect
def stop_runtime(**_: Any) -> None:
    runtime = _serving.pop("runtime", None)
    if runtime is not None:
        runtime.stop()
    opened = _serving.pop("journals", None)
    if opened is not None:
        opened.close()
