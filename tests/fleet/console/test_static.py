"""What browsers get: nothing inline, nothing from elsewhere, a bounded amount of script, vendored files as noted."""

from __future__ import annotations

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from .conftest import House

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
BUDGET = 150_000


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_no_inline_script_style_or_handler(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "a script without src"
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\shx-on", text)
    assert not re.search(r"""(?:src|href|action)=["']https?://""", text), "something from elsewhere"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_no_script_builds_code_or_style_from_text(script: Path) -> None:
    text = script.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write", text)
    assert 'setAttribute("style"' not in text


@pytest.mark.django_db
def test_the_policy_allows_only_our_own_files(house: House) -> None:
    policy = house.client("viewer").get("/ops/north/").headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
    assert directives["default-src"] == "'none'" and directives["script-src"] == "'self'"
    assert directives["style-src"] == "'self'" and directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_the_script_of_operations_stays_within_the_budget(house: House) -> None:
    page = house.client("viewer").get("/ops/north/").content.decode()
    loaded = [finders.find(name.removeprefix("/static/")) for name in re.findall(r'<script[^>]*src="([^"]+)"', page)]
    files = {Path(str(path)) for path in loaded} | set(SCRIPTS)
    assert all(path.is_file() for path in files) and len(loaded) == 5
    size = sum(len(gzip.compress(path.read_bytes())) for path in files)
    assert size < BUDGET, f"{size} bytes compressed"


def test_vendored_files_are_the_ones_noted() -> None:
    folder = ROOT / "static" / "vendor"
    noted = tomllib.loads((folder / "MANIFEST.toml").read_text())["file"]
    for row in noted:
        path = folder / row["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        assert (path.parent / "LICENSE").is_file() and row["version"] in row["path"]
    kept = {str(p.relative_to(folder)) for p in folder.rglob("*.js")}
    assert kept == {row["path"] for row in noted}


def test_both_ways_to_dark_say_the_same() -> None:
    text = (ROOT / "static" / "css" / "tokens.css").read_text()
    system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\}', text, re.S)
    chosen = re.search(r':root\[data-theme="dark"\] \{\s*--(.*?)\}', text, re.S)
    assert system and chosen
    pairs = [set(re.findall(r"--([\w-]+): ([^;]+);", part)) for part in (system.group(1), "--" + chosen.group(1))]
    assert pairs[0] == pairs[1]
