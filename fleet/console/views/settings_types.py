"""Settings, Robot types: how a type's VDA 5050 differs from the text, and new types."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from robots import types
from robots.errors import TypeRefused
from robots.models import RobotType

from ..here import demand, some_site
from ..type_tab import read_form, read_plain
from .settings import settings_answer

AS_TYPED = ("deviation_padding", "words")


@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Pressed twice it is saved once; a value that will not do is named, and what was typed stays."""
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    kind = get_object_or_404(RobotType, slug=slug)
    values, wrong = read_form(request.POST)
    reason = request.POST.get("reason", "").strip()
    before = types.columns_of(kind)
    try:
        if wrong:
            raise TypeRefused("Nothing was changed.", fields=wrong)
        changed = types.change_quirks(kind, actor, reason=reason, **values)
    except TypeRefused as error:
        shown = values | {name: request.POST.get(name, "") for name in AS_TYPED}
        return settings_answer(
            request, "types", 422, chosen=slug, form=shown, wrong=error.fields, errors=[error.lead], reason=reason
        )
    except PermissionDenied as error:
        shown = values | {name: request.POST.get(name, "") for name in AS_TYPED}
        return settings_answer(request, "types", 403, chosen=slug, form=shown, errors=[str(error)], reason=reason)
    messages.info(request, "Nothing was changed." if types.columns_of(changed) == before else "Saved.")
    return redirect(f"{reverse('settings')}?tab=types&type={slug}")


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A new type with the standard's own ways; its quirks are set on its form afterwards."""
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    values, wrong = read_plain(request.POST)
    try:
        if wrong:
            raise TypeRefused("The type cannot be added.", fields=wrong)
        made = types.add_type(actor=actor, **values)
    except TypeRefused as error:
        return settings_answer(request, "types", 422, new=values, new_wrong=error.fields, errors=[error.lead])
    messages.info(request, f"The type {made.name} is there now.")
    return redirect(f"{reverse('settings')}?tab=types&type={made.slug}")
