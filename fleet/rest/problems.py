"""Errors as `application/problem+json` (RFC 9457), one page per type at /problems/<code>/.

Raise `Problem("code", "what is wrong and what would be right")`. An app adds its own types at import time:
`add_type("interpretation_expired", 409, "The preview has expired", "Ask for a new interpretation ...")`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from fleet.accounts.remembered import MEMORY
from fleet.request_id import current_request_id

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
DATABASE_DOWN = (OperationalError, InterfaceError)
RETRY_AFTER_S = 2


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of error: what its page says. `help` is what the caller can do about it."""

    code: str
    status: int
    title: str
    help: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that was refused, for the ledger: what was asked (`thing.verb`), at which site (slug), of what."""

    action: str
    site: str
    target: tuple[str, object]


TYPES: dict[str, ProblemType] = {}


def add_type(code: str, status: int, title: str, help: str) -> ProblemType:
    """Put a type into the catalogue. ValueError: the code is taken by another type."""
    new = ProblemType(code, status, title, help)
    if TYPES.setdefault(code, new) != new:
        raise ValueError(f"The problem type {code!r} exists already and says something else.")
    return new


# fmt: off
for _row in (
    ("bad_request", 400, "The request cannot be read", "Send JSON as described for this operation."),
    ("invalid", 400, "A value is not valid", "`errors` names every wrong field by JSON pointer; correct them all."),
    ("cursor_invalid", 400, "The cursor is not valid",
     "Cursors belong to one list and its filters. Begin again without `cursor`."),
    ("idempotency_key_missing", 400, "An Idempotency-Key is needed",
     "This request can move a robot. Send a header `Idempotency-Key` with a fresh random value (a UUID), and send the "
     "same value again when you repeat the request because you got no reply."),
    ("unauthenticated", 401, "Nobody is signed in",
     "Send `Authorization: Bearer ymk_...` with a key that is neither expired nor revoked, or sign in."),
    ("forbidden", 403, "This needs another right",
     "`needs` names the right, and the roles and key scopes that have it."),
    ("csrf_failed", 403, "The page's token is missing or old",
     "Requests with a session cookie need the header `X-CSRFToken`. Load the page again. Programs use a key instead."),
    ("not_found", 404, "There is nothing here",
     "Check the id. What belongs to a site you are no member of is not shown."),
    ("method_not_allowed", 405, "The method does not apply here", "The header `Allow` lists the methods that do."),
    ("not_acceptable", 406, "The reply has no such format", "Ask for `application/json`."),
    ("conflict", 409, "The state does not allow this", "Read the resource again; `detail` says what state it is in."),
    ("idempotency_running", 409, "The first request still runs",
     "A request with this Idempotency-Key has not ended yet. Repeat it after `Retry-After` seconds."),
    ("precondition_failed", 412, "The resource has changed", "Read it again and send its new `ETag` as `If-Match`."),
    ("too_large", 413, "The request is too large", "Send less; `detail` names the limit."),
    ("unsupported_media_type", 415, "The body has an unknown format", "Send `Content-Type: application/json`."),
    ("idempotency_key_reused", 422, "The Idempotency-Key belongs to another request",
     "A request with this key and another body was carried out. Use a fresh key for a new request."),
    ("precondition_required", 428, "If-Match is needed", "Send the `ETag` of the version you read as `If-Match`."),
    ("throttled", 429, "Too many requests", "Wait for `Retry-After` seconds. Stopping is never limited."),
    ("internal", 500, "Something broke on our side",
     "Nothing was changed. Report the `request_id`; the server's log has the rest under it."),
    ("unavailable", 503, "A service is not reachable",
     "The database or another service is down; nothing was changed. Repeat after `Retry-After` seconds. Stopping a "
     "site works without the database."),
):
    add_type(*_row)

_BY_STATUS = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
              406: "not_acceptable", 415: "unsupported_media_type", 429: "throttled", 503: "unavailable"}
# fmt: on


class Problem(exceptions.APIException):
    """An error with a type of the catalogue. KeyError: the code is not in it.

    `errors` lists field errors as {pointer, code, detail}; `extra` goes into the body as further members; `refused`
    goes into the ledger.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        refused: Refused | None = None,
        **extra: Any,
    ) -> None:
        self.type = TYPES[code]
        self.status_code = self.type.status
        super().__init__(detail or self.type.title, code)
        self.errors = [dict(error) for error in errors]
        self.headers = dict(headers or {})
        self.refused = refused
        self.extra = extra


def unavailable(detail: str = "The database is not reachable.") -> Problem:
    return Problem("unavailable", detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def body_of(problem: Problem, instance: str) -> dict[str, Any]:
    """The members of RFC 9457 section 3.1, then ours."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.type.code}/",
        "title": problem.type.title,
        "status": problem.type.status,
        "detail": str(problem.detail),
        "instance": instance,
        "code": problem.type.code,
        "request_id": current_request_id(),
    }
    if problem.errors:
        body["errors"] = problem.errors
    return {**problem.extra, **body}


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """REST framework's hook: every exception of a view becomes a problem; what we did not foresee is logged, a 500."""
    problem = as_problem(error)
    request = context["request"]
    if problem.type.code == "internal":
        log.error("unhandled error in %s %s", request.method, request.path, exc_info=error)
    right = problem.extra.get("needs", {}).get("right", "view")
    if (problem.type.code == "forbidden" and right != "view") or problem.refused:
        from . import refusals  # its models are not loaded yet when settings import this module

        if problem.refused:
            refusals.note_command(request, problem.refused, " ".join([str(problem.detail), *_details(problem)]))
        else:
            refusals.note_refusal(request, right, problem)
    response = Response(body_of(problem, request.path), status=problem.status_code, headers=problem.headers)
    response.content_type = MEDIA_TYPE
    return response


def _details(problem: Problem) -> list[str]:
    return [str(error["detail"]) for error in problem.errors if "detail" in error]


def as_problem(error: BaseException) -> Problem:
    """The problem that tells of `error`."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DATABASE_DOWN):
        MEMORY.database_is_down(time.monotonic())  # so that the next stop does not wait to find out
        return unavailable()
    if isinstance(error, Http404):
        return Problem("not_found", str(error.args[0]) if error.args and isinstance(error.args[0], str) else "")
    if isinstance(error, PermissionDenied):
        return Problem("forbidden", str(error))
    if isinstance(error, exceptions.ValidationError):
        found = list(_field_errors(error.detail, ""))
        return Problem("invalid", f"{len(found)} value{'s are' if len(found) != 1 else ' is'} not valid.", errors=found)
    if isinstance(error, exceptions.APIException):
        code = _BY_STATUS.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
        headers = {}
        if (wait := getattr(error, "wait", None)) is not None:
            headers["Retry-After"] = str(max(1, round(wait)))
        if (scheme := getattr(error, "auth_header", None)) is not None:
            headers["WWW-Authenticate"] = scheme
        return Problem(code, str(error.detail), headers=headers)
    return Problem("internal", "The request failed on our side. Nothing was changed.")


def _field_errors(detail: Any, pointer: str) -> Any:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            here = pointer if name == "non_field_errors" else f"{pointer}/{step}"
            yield from _field_errors(inner, here)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from _field_errors(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        yield {"pointer": pointer, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def problem_response(problem: Problem, request: HttpRequest) -> JsonResponse:
    """A problem outside REST framework: no route, a middleware, the whole database."""
    return JsonResponse(
        body_of(problem, request.path), status=problem.status_code, content_type=MEDIA_TYPE, headers=problem.headers
    )
