"""Sign in and out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator

from fleet.limits import Policy, count

ATTEMPTS = Policy("login", 30)


@method_decorator(login_not_required, name="dispatch")
class LoginView(views.LoginView):
    """The login page. Six failures lock a name from an address for a quarter of an hour (django-axes, in the database).

    Before that a limit per address. There is none per name alone: with one, anybody could keep a supervisor out. While
    Valkey is down the limit lets pass: axes still counts, and who cannot sign in cannot watch the site.
    """

    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        verdict = count(ATTEMPTS, str(request.META.get("REMOTE_ADDR", "")))
        if not verdict.allowed:
            response = render(request, "accounts/locked.html", status=429)
            response.headers["Retry-After"] = str(verdict.reset_s)
            return response
        return super().post(request, *args, **kwargs)


class LogoutView(views.LogoutView):
    """Signs out; POST only, so that no image or link of another page can do it."""
