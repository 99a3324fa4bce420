"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from .views import audit, composer, missions, operations, palette, robots, settings, stop

urlpatterns = [
    path("", operations.start, name="start"),
    path("ops/<slug:slug>/", operations.operations, name="operations"),
    path("ops/<slug:slug>/part/<str:name>/", operations.panel, name="panel"),
    path("ops/<slug:slug>/layout.json", operations.layout_json, name="layout_json"),
    path("ops/<slug:slug>/roster.json", operations.roster_json, name="roster_json"),
    path("ops/<slug:slug>/composer/preview", composer.preview, name="composer_preview"),
    path("ops/<slug:slug>/composer/form", composer.form, name="composer_form"),
    path("ops/<slug:slug>/composer/dispatch", composer.dispatch, name="composer_dispatch"),
    path("ops/<slug:slug>/stop", stop.stop, name="stop"),
    path("ops/<slug:slug>/stop/status", stop.stop_status, name="stop_status"),
    path("sites/<slug:slug>/resume/", stop.resume, name="resume"),
    path("missions/", missions.missions, name="missions"),
    path("missions/<str:public_id>/", missions.mission, name="mission"),
    path("missions/<str:public_id>/part/", missions.mission_part, name="mission_part"),
    path("missions/<str:public_id>/<slug:kind>/", missions.mission_request, name="mission_request"),
    path("robots/", robots.robots, name="robots"),
    path("robots/<str:public_id>/", robots.robot, name="robot"),
    path("robots/<str:public_id>/service/", robots.robot_service, name="robot_service"),
    path("robots/<str:public_id>/ask/<slug:kind>/", robots.robot_ask, name="robot_ask"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
    path("audit/export/", audit.audit_export, name="audit_export"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/you/", settings.save_you, name="settings_you"),
    path("settings/site/", settings.save_site, name="settings_site"),
    path("settings/people/", settings.add_person, name="settings_people"),
    path("settings/people/<int:user_id>/role/", settings.save_role, name="settings_role"),
    path("settings/keys/", settings.add_key, name="settings_keys"),
    path("settings/keys/<str:public_id>/revoke/", settings.revoke, name="settings_revoke"),
    path("settings/layouts/", settings.add_layout, name="settings_layouts"),
    path("settings/layouts/<str:public_id>/publish/", settings.publish, name="settings_publish"),
    path("settings/layouts/<str:public_id>/lif/", settings.export_lif, name="settings_lif"),
    path("palette", palette.palette, name="palette"),
]
