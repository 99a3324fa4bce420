"""Settings, Robot maps: host a file, and say what robots are to do with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fleet.accounts.models import User
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from robots import maps
from robots.errors import MapRefused
from robots.map_api import VERBS, robot_type
from robots.models import MapFile

from ..here import demand, some_site
from .settings import settings_answer

SAID = {
    "offer": "Robots load version {version} of {name} now and go on driving on what they have.",
    "enable": "Robots drive on version {version} of {name} from now on.",
    "release": "Robots may drive on any version of {name}.",
    "withdraw": "Version {version} of {name} is withdrawn; robots delete it.",
}


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    file = request.FILES.get("file")
    typed = {name: request.POST.get(name, "").strip() for name in ("map_id", "map_version", "robot_type")}
    try:
        if file is None:
            raise MapRefused("Choose a file.")
        if (file.size or 0) > maps.MAX_BYTES:
            raise MapRefused(f"A map file has at most {maps.MAX_BYTES // 1_048_576} MiB.")
        made = maps.add_file(
            site=site, map_id=typed["map_id"], map_version=typed["map_version"], content=file.read(), actor=actor,
            type=robot_type(typed["robot_type"]), user=request.user if isinstance(request.user, User) else None,
        )  # fmt: skip
    except MapRefused as error:
        return settings_answer(request, "maps", 422, errors=[str(error)], typed=typed)
    messages.info(request, f"Version {made.map_version} of {made.map_id} is hosted. No robot has been told yet.")
    return redirect(f"{reverse('settings')}?tab=maps")


@require_POST
def change(request: HttpRequest, public_id: str, verb: str) -> HttpResponse:
    if verb not in VERBS:
        raise Http404("There is no such thing to do with a map.")
    rows = MapFile.objects.select_related("site", "type").defer("content")
    file = get_object_or_404(rows, public_id=public_id)
    actor = demand(request, file.site, "configure")
    try:
        VERBS[verb](file=file, actor=actor, reason=request.POST.get("reason", "").strip())
    except MapRefused as error:
        note_command(request, Refused(f"map.{verb}", file.site.slug, ("map", public_id)), str(error))
        return settings_answer(request, "maps", 422, errors=[str(error)])
    messages.info(request, SAID[verb].format(version=file.map_version, name=file.map_id))
    return redirect(f"{reverse('settings')}?tab=maps")
