"""Clock times of a plan as instants. `local` is an aware datetime in the site's time zone; results are aware."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any


def next_clock_time(hhmm: str, local: datetime) -> datetime:
    """The next "HH:MM" at or after `local` (to the minute); tomorrow when it is already past today."""
    hour, minute = (int(part) for part in hhmm.split(":"))
    at = datetime.combine(local.date(), time(hour, minute), tzinfo=local.tzinfo)
    if at < local.replace(second=0, microsecond=0):
        at = datetime.combine(local.date() + timedelta(days=1), time(hour, minute), tzinfo=local.tzinfo)
    return at


def start_time(start: Mapping[str, Any] | None, local: datetime) -> datetime | None:
    """When the mission may begin: {"at": "HH:MM"} | {"in_s": n} | None."""
    if not start:
        return None
    return next_clock_time(start["at"], local) if "at" in start else local + timedelta(seconds=float(start["in_s"]))


def deadline_time(deadline: Mapping[str, Any] | None, local: datetime) -> datetime | None:
    """When it must be done: {"by": "HH:MM"} | {"within_s": n} | None."""
    if not deadline:
        return None
    if "by" in deadline:
        return next_clock_time(deadline["by"], local)
    return local + timedelta(seconds=float(deadline["within_s"]))
