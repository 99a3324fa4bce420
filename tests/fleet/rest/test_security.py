"""What every reply carries, and what cookies may do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import AsyncClient, Client

from tests.fleet.rest.people import PASSWORD, browser, person, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("address", ["/login/", "/problems/", "/healthz", "/api/v1/me", "/nothing", "/api/docs/"])
def test_every_reply_has_the_headers(address: str) -> None:
    for client in (Client(), browser(person("supervisor"))):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "*" not in policy and "http:" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Request-Id"]


def test_replies_of_the_api_are_not_stored() -> None:
    assert browser(person("viewer")).get("/api/v1/me").headers["Cache-Control"] == "no-store"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites() -> None:
    user = person("supervisor", name="ann")
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.get("/login/")
    cookies = client.post("/login/", {"username": "ann", "password": PASSWORD}).cookies
    assert cookies["sessionid"]["httponly"] and cookies["sessionid"]["samesite"] == "Lax"
    assert cookies["csrftoken"]["samesite"] == "Lax"


def test_off_loopback_cookies_need_tls() -> None:
    assert settings.LOOPBACK and not settings.SESSION_COOKIE_SECURE
    text = (ROOT / "fleet/settings.py").read_text()
    assert "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOOPBACK" in text
    assert settings.DEBUG is False


def test_a_foreign_host_is_refused_and_forwarded_headers_change_nothing() -> None:
    assert Client().get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    response = Client().get("/login/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert response.status_code == 200 and b"evil.example" not in response.content


@pytest.mark.parametrize("template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_needs_inline_script_or_style(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*[^<\s]", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:", text)


def test_a_page_form_without_its_token_does_nothing() -> None:
    client = browser(person("supervisor"), enforce_csrf_checks=True)
    response = client.post("/logout/")
    assert response.status_code == 403 and "too old" in response.content.decode()
    assert client.get("/api/v1/me").status_code == 200


def test_the_api_page_brings_its_scripts_from_here() -> None:
    text = browser(person("viewer")).get("/api/docs/").content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert sources and all(source.startswith("/static/") for source in sources)
    site()
    for source in sources:
        assert Client().get(source).status_code == 200, source


async def test_under_the_asynchronous_server_each_request_has_its_own_id() -> None:
    client = AsyncClient()
    one, two = [await client.get("/healthz", headers={"X-Request-Id": name}) for name in ("one", "two")]
    assert (one.headers["X-Request-Id"], two.headers["X-Request-Id"]) == ("one", "two")
    problem = await client.get("/api/v1/nothing", headers={"X-Request-Id": "three"})
    assert problem.json()["request_id"] == "three"
