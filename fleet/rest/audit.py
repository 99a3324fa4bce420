"""The audit ledger, to read: `GET /api/v1/audit_events`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from fleet.accounts.access import Actor, actor_of, can, current_site
from fleet.accounts.models import Membership, Site
from fleet.ledger.models import Entry

from .pagination import CursorPage
from .permissions import demand, requires
from .problems import Problem


def visible_entries(actor: Actor) -> QuerySet[Entry]:
    """What this actor may read: the entries of the sites where it has the right `audit`, and what is recorded without a
    site (sign-ins above all) about the people of those sites. A superuser reads all."""
    if actor.superuser:
        return Entry.objects.all()
    sites = [site_id for site_id in actor.site_ids if can(actor, "audit", site_id)]
    slugs = list(Site.objects.filter(id__in=sites).values_list("slug", flat=True))
    people = [str(pk) for pk in Membership.objects.filter(site__in=sites).values_list("user_id", flat=True)]
    return Entry.objects.filter(Q(site__in=slugs) | Q(site="", target_kind="user", target_id__in=people))


class EntryOut(serializers.ModelSerializer[Entry]):
    class Meta:
        model = Entry
        fields = (
            "seq", "at", "happened_at", "site", "actor_kind", "actor_id", "actor_name", "action", "target_kind",
            "target_id", "before", "after", "reason", "request_id", "result", "prev_hash", "hash",
        )  # fmt: skip


FILTERS = {
    "action": "action",
    "actor": "actor_id",
    "target": "target_id",
    "result": "result",
    "request_id": "request_id",
}


DESCRIBED = extend_schema(
    summary="Audit events, newest first",
    description="Needs the right `audit` (roles auditor and site_admin, scope `audit:read`).",
    tags=["audit"],
    parameters=[
        OpenApiParameter("site", str, description="Slug of a site."),
        *(OpenApiParameter(name, str, description=f"Only entries with this {name}.") for name in FILTERS),
        OpenApiParameter("at_gte", str, description="RFC 3339: recorded at or after this moment."),
        OpenApiParameter("at_lt", str, description="RFC 3339: recorded before this moment."),
    ],
)


@extend_schema_view(get=DESCRIBED)
class AuditEvents(ListAPIView[Entry]):
    permission_classes = [requires("audit", scope="audit:read")]
    pagination_class = CursorPage
    serializer_class = EntryOut
    queryset = Entry.objects.none()
    page_order = ("seq",)

    def get_queryset(self) -> QuerySet[Entry]:
        query = self.request.query_params
        entries = visible_entries(actor_of(self.request))
        if slug := query.get("site"):
            site = current_site(self.request, slug)
            demand(self.request, "audit", site, "audit:read")
            entries = entries.filter(site=site.slug)
        entries = entries.filter(**{column: query[name] for name, column in FILTERS.items() if name in query})
        for name in ("at_gte", "at_lt"):
            if name in query:
                entries = entries.filter(**{name.replace("_", "__"): _moment(name, query[name])})
        return entries


def _moment(name: str, text: str) -> Any:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        error = {"pointer": f"/{name}", "code": "invalid", "detail": "An RFC 3339 time with its offset."}
        raise Problem("invalid", f"{name} must read like 2026-01-31T08:00:00Z.", errors=[error])
    return moment
