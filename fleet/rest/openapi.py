"""`GET /api/v1/openapi.json`. Apart from `schema`, which REST framework loads while views are still being defined."""

from __future__ import annotations

from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated


class OpenApiView(SpectacularAPIView):
    """The OpenAPI 3.1 description of every operation."""

    renderer_classes = [OpenApiJsonRenderer2]
    permission_classes = [IsAuthenticated]
