"""`@idempotent` on a POST that may move a robot: the same Idempotency-Key never acts twice.

The stored reply is committed in the same transaction as its effect. So there is no state in which one is there without
the other: a crash in between leaves neither, and the repeated request simply runs. Refusals (4xx) and failures (5xx)
roll back and are not stored; nothing happened, so nothing is replayed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.db import connection, transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from fleet.accounts.access import actor_of
from fleet.accounts.models import IdempotencyRecord

from .problems import Problem

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Location", "ETag")
_KEY = re.compile(r"[\x21-\x7e]{8,128}")

Handler = TypeVar("Handler", bound=Callable[..., Response])


def idempotent(handler: Handler) -> Handler:
    """Decorate a view's method. Inside, the database's transaction is open; effects elsewhere go through the outbox."""

    @wraps(handler)
    def wrapper(view: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER, "")
        if not _KEY.fullmatch(key):
            raise Problem(
                "idempotency_key_missing",
                f"{HEADER} must be 8 to 128 visible ASCII characters." if key else f"The header {HEADER} is missing.",
            )
        actor = actor_of(request)
        scope = {"caller": f"{actor.kind}:{actor.id}", "method": request.method, "path": request.path, "key": key}
        body_hash = hashlib.sha256(request.META.get("QUERY_STRING", "").encode() + b"\n" + request.body).hexdigest()
        with transaction.atomic():
            _take_turn(scope)
            stored = IdempotencyRecord.objects.filter(**scope).first()
            if stored is not None:
                return _replayed(stored, body_hash)
            response = handler(view, request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _store(scope, body_hash, response)
        return response

    wrapper.needs_idempotency_key = True  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _take_turn(scope: dict[str, str]) -> None:
    """Hold the key until the transaction ends, however it ends."""
    digest = hashlib.sha256(json.dumps(scope, sort_keys=True).encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
        if not cursor.fetchone()[0]:
            raise Problem(
                "idempotency_running", f"The first request with this {HEADER} still runs.", headers={"Retry-After": "1"}
            )


def _replayed(stored: IdempotencyRecord, body_hash: str) -> Response:
    if stored.body_hash != body_hash:
        raise Problem("idempotency_key_reused", f"This {HEADER} was used for a request with another body.")
    headers = {**stored.headers, "Idempotent-Replayed": "true"}
    return Response(stored.response, status=stored.status, headers=headers)


def _store(scope: dict[str, str], body_hash: str, response: Response) -> None:
    IdempotencyRecord.objects.create(
        **scope,
        body_hash=body_hash,
        status=response.status_code,
        headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        response=None if response.data is None else json.loads(JSONRenderer().render(response.data)),
    )


def forget_before(moment: datetime) -> int:
    """Delete records made before `moment`; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=moment).delete()[0]
