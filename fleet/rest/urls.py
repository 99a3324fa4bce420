"""The operations of the house itself, under /api/v1; `fleet.urls` joins them with those of the apps."""

from __future__ import annotations

from django.urls import path

from .audit import AuditEvents
from .me import Me
from .openapi import OpenApiView

urlpatterns = [
    path("me", Me.as_view(), name="api-me"),
    path("audit_events", AuditEvents.as_view(), name="api-audit-events"),
    path("openapi.json", OpenApiView.as_view(), name="openapi"),
]
