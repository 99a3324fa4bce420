"""Sign in and out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator

from fleet.ledger.services import record
from fleet.limits import Policy, count

from .access import actor_of

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


class PasswordView(views.PasswordChangeView):
    """A person's own password: the old one is asked for, other sessions end, the act is in the ledger."""

    template_name = "accounts/password.html"
    success_url = "/"

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response = super().form_valid(form)
            record(action="user.password", actor=actor_of(self.request), target=("user", str(self.request.user.pk)))
        messages.info(self.request, "Your password is changed. Other browsers are signed out.")
        return response


class LogoutView(views.LogoutView):
    """Signs out; POST only, so that no image or link of another page can do it."""
