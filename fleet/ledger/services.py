"""Write to the audit ledger, inside the transaction of the act it records.

The database chains the rows under a lock that lasts until the commit, so every writer waits for the one before it:
record last, after the rows that the act itself changes, or two transactions can wait for each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from django.db import transaction

from fleet.request_id import current_request_id

from .models import Entry

KINDS = ("person", "key", "system", "robot", "model")


class ActorLike(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def record(
    *,
    action: str,
    actor: ActorLike | str,
    site: Any = "",
    target: tuple[str, object] | None = None,
    before: object = None,
    after: object = None,
    reason: str = "",
    request_id: str | None = None,
    result: str = "done",
    at: datetime | None = None,
) -> Entry:
    """Add one entry and return it with what the database gave it (`seq`, `at`, `hash`).

    `action` is `thing.verb` (`mission.dispatched`); `actor` an Actor, or a name of ours such as `dispatch` or
    `robot:c-01`; `site` a Site or its slug; `target` (kind, public id); `before`/`after` JSON; `result` done, refused
    or failed; `at` when it happened, where that was earlier than now (a stop pressed while the database was down).
    """
    kind, ident, name = _who(actor)
    entry = Entry(
        site=_clean(getattr(site, "slug", site) or ""),
        actor_kind=kind,
        actor_id=_clean(ident)[:64],
        actor_name=_clean(name)[:150],
        action=action,
        target_kind=target[0] if target else "",
        target_id=_clean(str(target[1]))[:64] if target else "",
        before=before,
        after=after,
        reason=_clean(reason),
        request_id=current_request_id() if request_id is None else request_id,
        result=result,
        happened_at=at,
    )
    with transaction.atomic(savepoint=False):
        entry.save(force_insert=True)  # the columns with a database default come back as the trigger set them
    return entry


def _who(actor: ActorLike | str) -> tuple[str, str, str]:
    if not isinstance(actor, str):
        return actor.kind, actor.id, actor.name
    kind, _, name = actor.rpartition(":")
    return (kind if kind in KINDS else "system"), name, name


def _clean(text: str) -> str:
    """PostgreSQL's text holds no NUL; a name that carries one must not make the act unrecordable."""
    return text.replace("\x00", "�")
