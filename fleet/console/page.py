"""One way to answer with a page: rendered in the frame, with the pass that lets this browser stop its sites."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .stopping import give_pass


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    give_pass(request, response)
    response.headers["Cache-Control"] = "no-store"  # going back must not show an old floor as if it were live
    return response
