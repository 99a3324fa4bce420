"""Models: what the site's planner is and how well it understands. Only shown here; nothing is changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from ..here import some_site
from ..page import page
from ..planner_figures import figures_context


@require_GET
def planner(request: HttpRequest) -> HttpResponse:
    """The figures are measured, so everybody who works with the planner may see them."""
    site, _ = some_site(request)
    return page(request, "console/models_planner.html", {"site": site, **figures_context(site)})
