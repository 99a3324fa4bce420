"""Around every request: its id in and out, its rate-limit fields, and an honest 503 while the database is down."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from fleet import request_id
from fleet.request_id import current_request_id

from .pages import server_error
from .problems import DATABASE_DOWN

__all__ = ["DatabaseDownMiddleware", "RequestIdMiddleware", "current_request_id"]

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class _BothWays:
    """A middleware that adds no thread of its own, whether the server is asynchronous or not."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response: Any = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)


class RequestIdMiddleware(_BothWays):
    """`X-Request-Id`: the caller's if it is harmless, else ours; bound while the request runs, sent back after."""

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._asynchronous(request)
        token = request_id.bind(_id_of(request))
        try:
            return _finished(request, self.get_response(request))
        finally:
            request_id.unbind(token)

    async def _asynchronous(self, request: HttpRequest) -> HttpResponseBase:
        token = request_id.bind(_id_of(request))
        try:
            return _finished(request, await self.get_response(request))
        finally:
            request_id.unbind(token)


def _id_of(request: HttpRequest) -> str:
    request.request_id = request_id.accepted(request.headers.get(request_id.HEADER))  # type: ignore[attr-defined]
    return str(request.request_id)  # type: ignore[attr-defined]


def _finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers[request_id.HEADER] = request.request_id  # type: ignore[attr-defined]
    verdict = getattr(request, "rate_limit", None)
    if verdict is not None:
        for name, value in verdict.headers().items():
            response.headers[name] = value
    if request.path.startswith("/api/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


class DatabaseDownMiddleware(_BothWays):
    """A view that cannot reach the database answers 503 with Retry-After, at once, not 500.

    Outside a view (the session, the signed-in person) the error ends at `handler500`, which looks the same way.
    """

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DATABASE_DOWN):
            return None
        log.error("the database is not reachable: %s %s: %s", request.method, request.path, error)
        return server_error(request, error)
