"""The id of the request being served: the same in the reply, the log, the ledger and every problem."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-Id"
_ALLOWED = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")

bind = _current.set
unbind = _current.reset


def current_request_id() -> str:
    """The id of the running request; empty outside one (a worker, a command)."""
    return _current.get()


def accepted(given: str | None) -> str:
    """The caller's own id if it is harmless in a log line, else a fresh one."""
    return given if given and _ALLOWED.fullmatch(given) else f"req_{secrets.token_hex(12)}"
