"""What the documents say exists, and what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from fleet.supervisor.state import REPO

OURS = ("fleet", "robots", "missions", "inference")
DOCUMENTS = sorted([REPO / "README.md", REPO / "CHANGELOG.md", *(REPO / "docs").glob("*.md")])
VARIABLE = re.compile(r"\b(?:YARDMASTER_[A-Z][A-Z_]*|DATABASE_URL|REDIS_URL|MQTT_URL)\b")
READ_BY = re.compile(r"""["'](YARDMASTER_[A-Z][A-Z_]*|DATABASE_URL|REDIS_URL|MQTT_URL)["']""")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (REPO / folder).rglob("*.py") if "migrations" not in path.parts]
    return [*found, REPO / "manage.py"]


def named_in(paths: list[Path], pattern: re.Pattern[str]) -> set[str]:
    return {name for path in paths for name in pattern.findall(path.read_text())}


def documented() -> set[str]:
    """The variables with a row of their own."""
    text = (REPO / "docs" / "settings.md").read_text()
    return {found for row in re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE) for found in [row]}


def test_every_variable_that_is_read_is_documented() -> None:
    assert named_in(sources(*OURS, "deploy"), READ_BY) - documented() == set()


def test_every_documented_variable_is_read_somewhere() -> None:
    assert documented() - named_in([*sources(*OURS, "deploy", "tests"), REPO / ".ci" / "run"], VARIABLE) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_only_variables_that_there_are(path: Path) -> None:
    assert set(VARIABLE.findall(path.read_text())) - documented() == set()


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as common viewers of Markdown make them."""
    words = (re.sub(r"[^\w\- ]", "", title.lower()).strip() for title in HEADING.findall(path.read_text()))
    return {word.replace(" ", "-") for word in words}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    wrong = []
    for link in LINK.findall(path.read_text()):
        if link.startswith(("http://127.0.0.1", "http://localhost")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


def commands() -> set[str]:
    """Our own management commands."""
    apps = ("fleet", "fleet.accounts", "fleet.ledger", "fleet.outbox", "robots", "missions", "inference")
    return {name for name, app in get_commands().items() if app in apps}


def test_every_command_is_documented() -> None:
    text = (REPO / "docs" / "operating.md").read_text()
    listed = set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE))
    assert listed >= commands()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_only_commands_that_there_are(path: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z]+)", path.read_text()))
    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_paths_named_in_documents_exist(path: Path) -> None:
    tops = "|".join(("fleet", "robots", "missions", "inference", "deploy", "tests", "docs", "templates", "static"))
    named = set(re.findall(rf"`((?:{tops})/[\w./*-]+)`", path.read_text()))
    assert [name for name in sorted(named) if not list(REPO.glob(name.rstrip("/")))] == []


def test_addresses_in_the_rest_guide_exist() -> None:
    text = (REPO / "docs" / "rest.md").read_text()
    wrong = []
    for address in set(re.findall(r"\$URL(/[^\s\"'$?]+)", text)):
        try:
            resolve("/api/v1" + address)
        except Resolver404:
            wrong.append(address)
    assert wrong == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_are_of_readable_size(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_units_start_what_there_is() -> None:
    for unit in (REPO / "deploy" / "systemd").glob("*.service"):
        line = re.search(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
        assert line is not None
        words = line[1].split()
        started = words[words.index("-m") + 1] if "-m" in words else words[2]
        assert started in {"uvicorn", "celery"} | set(get_commands()), unit.name


DUTY = re.compile(r"^\| D(\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)


def test_every_duty_of_vda_5050_has_its_row_and_its_tests_exist() -> None:
    rows = DUTY.findall((REPO / "docs" / "vda5050.md").read_text())
    assert [int(number) for number, _ in rows] == list(range(1, 161))
    for number, shown in rows:
        for part in filter(None, (text.strip() for text in shown.split(";") if text != "–")):
            file, _, names = part.partition(": ")
            path = file.strip("`").removesuffix(".py")
            places = REPO.glob(f"{path}.py" if path.startswith("tests/") else f"tests/**/{path}.py")
            found = "".join(source.read_text() for source in places)
            assert found, f"D{number}: there is no {path}"
            wrong = [name for name in names.split(", ") if name and f"def test_{name.replace(' ', '_')}(" not in found]
            assert not wrong, f"D{number}: {path} has no {wrong}"
