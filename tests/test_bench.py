"""The benchmarks run and print their figures as one JSON object; how fast they are is not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[1]


def run(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(REPO / "manage.py"), "bench", *arguments, "--json"],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


@pytest.mark.slow
def test_dispatch() -> None:
    figures = run("dispatch", "--robots", "6", "--samples", "3", "--missions", "8")
    assert figures["post_to_order_ms"]["idle"]["p50"] > 0
    assert figures["post_to_order_ms"]["loaded"]["p95"] > 0
    assert (figures["missions"], figures["lost"], figures["executed_twice"]) == (8, 0, 0)
    assert figures["missions_per_s"] > 0


@pytest.mark.slow
def test_up() -> None:
    figures = run("up", "--robots", "3", "--runs", "1")
    assert figures["first_live_frame_s"]["later"] > 0
    assert figures["memory_mb"]["total"] > figures["memory_mb"]["web"] > 0


@pytest.mark.slow
def test_planner() -> None:
    figures = run("planner", "--planner", "rules", "--readings", "12", "--previews", "4")
    assert (figures["planner"], figures["readings"], figures["previews"]) == ("rules", 24, 4)
    assert 0 < figures["interpret_ms"]["p50"] <= figures["interpret_ms"]["p95"]
    assert figures["how"] in ("browser", "http") and figures["read_by"]["name"] == "rules"
    assert figures["browser_to_preview_ms"]["p95"] > 0
