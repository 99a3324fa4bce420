"""The audit ledger: who did what, and whether the chain holds."""

from __future__ import annotations

import io

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from fleet.ledger import reading
from fleet.ledger import services as ledger
from fleet.ledger.models import Entry
from fleet.rest.audit import visible_entries

from ..here import some_site
from ..page import page

PAGE = 50
FIELDS = ("action", "actor", "target", "result", "on")


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    return _list(request, verdict=None)


@require_POST
def audit_verify(request: HttpRequest) -> HttpResponse:
    """Recompute the whole chain now and say which row is the first bad one."""
    site, actor = some_site(request, "audit")
    bad = reading.check()
    head = reading.head()
    outcome = "failed" if bad else "done"
    ledger.record(
        action="ledger.verified", actor=actor, site=site, target=("ledger", head[0] if head else 0), result=outcome
    )
    verdict = {"bad": bad, "count": head[0] if head else 0, "head": head[1] if head else "", "at": timezone.now()}
    return _list(request, verdict=verdict)


@require_POST
def audit_export(request: HttpRequest) -> HttpResponse:
    """The ledger as a file that the stand-alone verifier checks; rows of other sites stand as hashes only."""
    site, actor = some_site(request, "audit")
    ledger.record(action="ledger.exported", actor=actor, site=site, target=("site", site.slug))
    file = io.StringIO()
    reading.export(file, now=timezone.now(), site="" if actor.superuser else site.slug)
    name = f"ledger-{site.slug}-{timezone.now():%Y%m%d-%H%M%S}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(file.getvalue(), content_type="application/jsonl; charset=utf-8", headers=headers)


def _list(request: HttpRequest, *, verdict: object) -> HttpResponse:
    site, actor = some_site(request, "audit")
    query = {name: request.GET.get(name, "").strip() for name in FIELDS}
    shown = Paginator(_filtered(visible_entries(actor), query), PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "site": site, "pages": shown, "entries": shown.object_list, "query": query, "verdict": verdict,
        "filtered": any(query.values()), "address": kept.urlencode(),
    }  # fmt: skip
    return page(request, "console/audit.html", context)


def _filtered(entries: QuerySet[Entry], query: dict[str, str]) -> QuerySet[Entry]:
    if query["action"]:
        entries = entries.filter(action__icontains=query["action"])
    if query["actor"]:
        entries = entries.filter(actor_name__icontains=query["actor"])
    if query["target"]:
        entries = entries.filter(Q(target_id__icontains=query["target"]) | Q(request_id=query["target"]))
    if query["result"] in ("done", "refused", "failed"):
        entries = entries.filter(result=query["result"])
    if query["on"] and (day := _day(query["on"])):
        entries = entries.filter(at__date=day)
    return entries.order_by("-seq")


def _day(text: str) -> object:
    try:
        return parse_date(text)
    except ValueError:
        return None
