"""Sign in and out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from fleet.ledger.services import record
from fleet.limits import Policy, count

from .access import actor_of
from .models import User

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

    def form_valid(self, form: Any) -> HttpResponse:
        """Signed in: the pages are in the language that this person chose, whichever machine they sit at."""
        response = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User) and user.language:
            _remember(response, user.language)
        return response


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


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Another language, and back to the page (`next`). A signed-in person keeps it; a second press changes nothing."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES) and request.user.language != chosen:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return response


def _remember(response: HttpResponse, chosen: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


class LogoutView(views.LogoutView):
    """Signs out; POST only, so that no image or link of another page can do it."""
