"""What is answered outside the operations: no route, no token, a crash, health, the pages of the problem types."""

from __future__ import annotations

import logging
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language

from fleet import valkey
from fleet.language.said import said

from .problems import RETRY_AFTER_S, TYPES, Problem, as_problem, problem_response

log = logging.getLogger(__name__)


def _for_programs(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`."""
    if _for_programs(request):
        return problem_response(Problem("not_found", "There is no such operation."), request)
    return _plain_page(request, 404, "There is nothing here", "Check the address, or begin at the start page.")


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler403`."""
    if _for_programs(request):
        return problem_response(Problem("forbidden"), request)
    text = str(exception) if exception and str(exception) else "Your role at this site does not allow this."
    return _plain_page(request, 403, "You may not do this", text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler400`: a host that is not ours, a cookie too large."""
    if _for_programs(request):
        return problem_response(Problem("bad_request"), request)
    return _plain_page(request, 400, "The request cannot be read", "Load the page again.")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`."""
    return _plain_page(request, 403, "This page is too old", "Nothing was done. Load the page again and repeat it.")


def server_error(request: HttpRequest, error: BaseException | None = None) -> HttpResponse:
    """`handler500`: 503 if the database is down (Django calls this while it handles the exception), else 500."""
    problem = as_problem(error or sys.exc_info()[1] or RuntimeError())
    if _for_programs(request):
        return problem_response(problem, request)
    response = _plain_page(request, problem.status_code, problem.type.title, problem.type.help)
    if problem.type.code == "unavailable":
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _plain_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that needs nothing: no session, no context processor, no database."""
    request_id = getattr(request, "request_id", "")
    shown = {"title": said(title), "text": said(text), "request_id": request_id, "LANGUAGE_CODE": get_language()}
    body = render_to_string("rest/plain.html", shown)
    return HttpResponse(body, status=status)


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. It asks no service: a supervisor must not restart web because the database is away."""
    return JsonResponse({"status": "ok", "version": settings.YARDMASTER["version"]})


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the services that web needs answer; 503 names the ones that do not."""
    checks = {"database": _database(), "valkey": _valkey()}
    ready = all(value == "ok" for value in checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except Exception as error:  # whatever the driver or the pool raises, the answer is the same
        log.warning("readyz: database: %s", error)
        return "unreachable"
    return "ok"


def _valkey() -> str:
    try:
        valkey.client().ping()
    except valkey.Unavailable as error:
        log.warning("readyz: valkey: %s", error)
        return "unreachable"
    return "ok"


@login_not_required
def problem_page(request: HttpRequest, code: str = "") -> HttpResponse:
    """One problem type, or all of them."""
    if not code:
        ordered = sorted(TYPES.values(), key=lambda found: (found.status, found.code))
        return render(request, "rest/problems.html", {"types": ordered})
    if code not in TYPES:
        raise Http404(f"There is no problem type {code!r}.")
    return render(request, "rest/problems.html", {"types": [TYPES[code]], "one": TYPES[code]})


def api_docs(request: HttpRequest) -> HttpResponse:
    """The operations, to read and to try: Swagger UI from our own static files, under the strict content policy."""
    return render(request, "rest/docs.html")
