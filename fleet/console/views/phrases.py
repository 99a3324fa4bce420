"""The composer's templates and the person's own last texts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fleet.accounts.access import Actor
from fleet.accounts.models import Site, User
from missions import phrases, site_facts
from missions.errors import PhraseRefused

from ..here import at_site, demand, some_site


@require_http_methods(["GET", "POST"])
def templates(request: HttpRequest, slug: str) -> HttpResponse:
    """The templates this person may use (GET); a new one from the text in the composer (POST)."""
    site, actor = at_site(request, slug, "dispatch")
    if request.method == "GET":
        return _list(request, site, actor)
    try:
        phrases.save(
            site=site, owner=_user(request), name=request.POST.get("name", ""), text=request.POST.get("text", ""),
            shared=request.POST.get("shared") == "1", actor=actor,
        )  # fmt: skip
    except PhraseRefused as error:
        return _list(request, site, actor, error=str(error), status=422)
    return _list(request, site, actor)


@require_POST
def change(request: HttpRequest, slug: str, public_id: str, verb: str) -> HttpResponse:
    """Rename or delete. What is gone already is gone: the list says so."""
    if verb not in ("rename", "delete"):
        raise Http404(f"A template cannot be asked to {verb}.")
    site, actor = at_site(request, slug, "dispatch")
    found = phrases.templates(_user(request), site).filter(public_id=public_id).first()
    try:
        if found is not None and verb == "rename":
            phrases.rename(template=found, name=request.POST.get("name", ""), actor=actor)
        elif found is not None:
            phrases.delete(template=found, actor=actor)
    except PhraseRefused as error:
        return _list(request, site, actor, error=str(error), status=422)
    return _list(request, site, actor)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the login middleware lets nobody else in
    return request.user


def _list(request: HttpRequest, site: Site, actor: Actor, error: str = "", status: int = 200) -> HttpResponse:
    vocabulary = site_facts.vocabulary(site, timezone.now())
    rows = [phrases.card(t, actor, vocabulary) for t in phrases.templates(_user(request), site)]
    context = {"site": site, "templates": rows, "error": error}
    return render(request, "console/_templates.html", context, status=status)


@require_POST
def forget_history(request: HttpRequest) -> HttpResponse:
    """The person's last texts at the site they look at are deleted."""
    site, _ = some_site(request)
    demand(request, site)
    phrases.forget(user=_user(request), site=site)
    messages.info(request, "Your last texts at this site are forgotten.")
    return redirect(f"{reverse('settings')}?tab=you")
