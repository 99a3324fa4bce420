"""`GET /api/v1/me`: who the caller is and what it may do where."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts.access import actor_of, rights_at, sites_of


class SiteRights(serializers.Serializer[Any]):
    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField(allow_null=True)
    rights = serializers.ListField(child=serializers.CharField())


class MeOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["person", "key"])
    id = serializers.CharField()
    name = serializers.CharField()
    superuser = serializers.BooleanField()
    scopes = serializers.ListField(child=serializers.CharField())
    sites = SiteRights(many=True)


class Me(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(summary="Who am I", tags=["me"], responses=MeOut)
    def get(self, request: Any) -> Response:
        actor = actor_of(request)
        sites = [
            {
                "id": site.public_id,
                "slug": site.slug,
                "name": site.name,
                "role": actor.roles.get(site.pk),
                "rights": sorted(rights_at(actor, site)),
            }
            for site in sites_of(actor)
        ]
        return Response(
            {
                "kind": actor.kind,
                "id": actor.id,
                "name": actor.name,
                "superuser": actor.superuser,
                "scopes": sorted(actor.scopes),
                "sites": sites,
            }
        )
