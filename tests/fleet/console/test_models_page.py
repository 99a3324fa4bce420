"""Models, Planner: the figures of the bundle as people read them, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fleet.accounts.models import Site
from fleet.console.planner_figures import reliability_drawing, risk_drawing
from inference import evaluations
from inference.evaluations import error_words, planner_bundle

from .browsing import axe_violations, open_page
from .conftest import House

pytestmark = pytest.mark.django_db


def counted(right: int, n: int, low: float = 0.1, high: float = 0.9) -> dict[str, Any]:
    return {"n": n, "right": right, "share": right / n if n else None, "interval": [low, high] if n else None}


def planner(right: int) -> dict[str, Any]:
    keys = (
        "dispatched_wrongly", "exact", "steps", "ops", "over_asking", "asked", "refused", "run_coverage",
        "run_precision", "hard",
    )  # fmt: skip
    return {
        "figures": {key: counted(right, 40, 0.111, 0.222) for key in keys} | {"hard": counted(0, 0)},
        "calibration": {"ece": 0.0412, "aurc": 0.2, "selective_accuracy_80": None},
        "latency_ms": {"p50": 41.2, "p95": 97.0},
        "slices": [
            {"kind": "group", "name": "free", **counted(3, 7)},
            {"kind": "language", "name": "de", **counted(5, 9)},
            {"kind": "tag", "name": "cond", **counted(2, 4)},
        ],
        "errors": {"plan came out as ask": 6, "other deadline": 2},
        "risk_coverage": [[0.25, 0.0], [0.5, 0.04], [1.0, 0.12]],
        "reliability": [{"from": 0.9, "to": 1.0, "stated": 0.95, **counted(18, 19, 0.75, 0.99)}],
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle folder as the product page reads it."""
    config = {"version": "compact-12ab34cd", "members": 2, "languages": ["en", "zh"], "grammar": "feed",
              "recipe": {"sentences": 220000, "seed": 7}}  # fmt: skip
    fitted = {"model": {"run_at": 0.87, "ask_at": 0.4}, "risk": {"run": 0.03, "ask": 0.5}}
    found = {
        "format": 1, "bundle": "compact-12ab34cd", "split": "report",
        "cases": {"n": 240, "plan": 150, "sites": 7, "languages": ["de", "en"], "digest": "00"},
        "planners": {"compact": planner(31), "rules": planner(17), "majority": planner(0) | {"risk_coverage": []}},
    }  # fmt: skip
    for name, data in (("config.json", config), ("calibration.json", fitted), ("evaluation.json", found)):
        (tmp_path / name).write_text(json.dumps(data))
    monkeypatch.setattr(evaluations, "WEIGHTS", tmp_path)
    return tmp_path


@pytest.mark.parametrize("role", ["site_admin", "supervisor", "viewer"])
def test_figures_with_intervals_beside_both_baselines(house: House, folder: Path, role: str) -> None:
    text = " ".join(house.client(role).get("/models/planner/").content.decode().split())
    assert "compact-12ab34cd" in text and "220,000 generated sentences, seed 7" in text
    assert "Sure: from 87 %" in text and "At most 3 % of such plans were wrong" in text
    assert "Doubtful: from 40 %" in text and "Unsure: below 40 %" in text
    row = text[text.index("Clear requests planned exactly") : text.index("Clear requests with all steps right")]
    assert all(words in row for words in ("78 %", "42 %", "0 %", "(11 to 22 %)", "31 of 40", "17 of 40", "0 of 40"))
    assert "0.041" in text and "41 / 97 ms" in text
    assert "German" in text and "56 %" in text and "3 of 7" in text
    assert "6 × asked, though the sentence was clear" in text and "2 × another deadline than was meant" in text
    assert text.count("<polyline") == 2 and text.count("<circle") == 1


def test_who_reads_at_this_site_is_said(house: House, folder: Path) -> None:
    Site.objects.filter(slug="north").update(planner="endpoint")
    text = house.client("supervisor").get("/models/planner/").content.decode()
    assert "are read by <b>endpoint</b>" in text and "compact, then rules, then the structured form" in text


def test_the_frame_leads_to_it(house: House, folder: Path) -> None:
    page = house.client("viewer").get("/models/planner/").content.decode()
    assert '<a href="/models/planner/" aria-current="page">Models</a>' in page
    assert '<a href="/models/planner/">' in house.client("viewer").get("/settings/?tab=planner").content.decode()


def test_without_a_bundle_the_page_says_so(house: House, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    response = house.client("viewer").get("/models/planner/")
    assert response.status_code == 200 and "has no compact planner" in response.content.decode()
    assert "<table" not in response.content.decode()


def test_figures_of_other_weights_are_not_shown(house: House, folder: Path) -> None:
    found = json.loads((folder / "evaluation.json").read_text())
    (folder / "evaluation.json").write_text(json.dumps(found | {"bundle": "compact-00000000"}))
    text = house.client("viewer").get("/models/planner/").content.decode()
    assert "measured on compact-00000000, not on this bundle" in text and "31 of 40" not in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("evaluation.json", "{", "cannot be read"),
        ("evaluation.json", '{"format": 99}', "a form that this version does not know"),
        ("evaluation.json", None, "has not been measured"),
        ("config.json", "[]", "cannot be read"),
        ("calibration.json", None, "bundle is not there"),
    ],
)
def test_what_is_wrong_with_the_folder_is_said_and_nothing_is_shown(
    folder: Path, name: str, content: str | None, said: str
) -> None:
    (folder / name).unlink() if content is None else (folder / name).write_text(content)
    found = planner_bundle(folder)
    assert said in found.problem and not found.evaluation


def test_errors_are_words() -> None:
    assert error_words("refuse came out as plan") == "planned what must be refused"
    assert error_words("other steps") == "other steps than were meant"
    assert error_words("other colour") == "other colour than was meant"


def test_drawings_stay_within_their_frame() -> None:
    drawn = risk_drawing(planner(1), planner(1))
    points = [tuple(map(float, point.split(","))) for _, line, _ in drawn["lines"] for point in line.split()]
    assert all(drawn["left"] <= x <= drawn["right"] and drawn["top"] <= y <= drawn["bottom"] for x, y in points)
    assert points[0][1] == drawn["bottom"], "no risk is drawn on the axis"
    assert drawn["lines"][0][2] == "4 % of the surer half of plans wrong"
    (dot,) = reliability_drawing(planner(1)["reliability"])["dots"]
    assert dot["high"] < dot["y"] < dot["low"] and dot["words"] == "stated 95 %, right 18 of 19"
    assert risk_drawing({}, {})["lines"] == [] and reliability_drawing([])["dots"] == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 400)])
def test_with_figures_it_has_no_error_and_no_accessibility_violation(
    served: House, folder: Path, live_server: Any, browser: Any, scheme: str, width: int
) -> None:
    page, said = open_page(browser, live_server, served, scheme=scheme, width=width)
    page.goto(live_server.url + "/models/planner/")
    page.wait_for_selector("svg .curve", state="attached")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert axe_violations(page) == [] and said == []
    page.context.close()
