"""Every address. What needs no login says so itself (`login_not_required`); a test lists them."""

from __future__ import annotations

from django.urls import include, path

import missions.api
import robots.api
import robots.floor_api
import robots.join_api
import robots.map_api
import robots.robot_api
import robots.type_api
from fleet.rest import pages
from fleet.rest import urls as house

_APPS = (
    *robots.join_api.urlpatterns,
    *robots.robot_api.urlpatterns,  # before the plain `robots/<robot>`, which would take `:command` for an id
    *robots.api.urlpatterns,
    *robots.floor_api.urlpatterns,
    *robots.type_api.urlpatterns,
    *robots.map_api.urlpatterns,
    *missions.api.urlpatterns,
)

urlpatterns = [
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
    path("problems/", pages.problem_page, name="problems"),
    path("problems/<slug:code>/", pages.problem_page, name="problem"),
    path("", include("fleet.accounts.urls")),
    path("", include(robots.map_api.download_patterns)),
    path("api/docs/", pages.api_docs, name="api-docs"),
    path("api/v1/", include([*house.urlpatterns, *_APPS])),
    path("", include("fleet.console.urls")),
]

handler400 = pages.bad_request
handler403 = pages.refused
handler404 = pages.not_found
handler500 = pages.server_error
