"""The benchmarks run and print their figures as one JSON object; how fast they are is not judged here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from robots.core.demo_site import demo_layout
from robots.core.layout import layout_to_json

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


@pytest.mark.slow
def test_ingest() -> None:
    few = ("--robots", "20", "--readers", "2", "--seconds", "2", "--cpu-seconds", "2", "--burst", "400", "--runs", "1")
    figures = run("ingest", *few)
    assert (figures["lost"], figures["burst_lost"]) == (0, 0)
    assert figures["state_per_s"] >= 20 and figures["visualization_per_s"] > 50
    assert 0 < figures["visible_ms"]["p50"] <= figures["visible_ms"]["p99"]
    assert figures["burst_per_s"] > 0 and figures["cpu_ms_per_state"] > 0
    assert figures["rss_mb"]["end"] > 0 and figures["link"]["dropped"] == 0


def test_traffic_on_a_map_with_tasks_and_the_baseline_that_locks_up(tmp_path: Path) -> None:
    rows = ["." * 12 if y % 3 == 0 else "..@@@..@@@.." for y in range(10)]
    (tmp_path / "yard.map").write_text("type octile\nheight 10\nwidth 12\nmap\n" + "\n".join(rows) + "\n")
    free = [y * 12 + x for y, row in enumerate(rows) for x, cell in enumerate(row) if cell == "."]
    (tmp_path / "yard.agents").write_text("\n".join(map(str, [4, *free[:40:10]])) + "\n")
    tasks = [f"{free[(7 * n) % len(free)]},{free[(31 * n + 5) % len(free)]}" for n in range(60)]
    (tmp_path / "yard.tasks").write_text("\n".join(["# a comment", str(len(tasks)), *tasks]) + "\n")
    files = [f"--{kind}={tmp_path / f'yard.{kind}'}" for kind in ("map", "agents", "tasks")]
    found = run("traffic", *files, "--ticks", "400", "--delay", "0.1", "--seed", "1")
    assert found["violations"] == 0 and found["tasks"] > 0 and found["min_distance"] >= 1.0
    assert {"ticks", "oldest_task_ticks", "plan_ms", "cpu_s", "active_cap", "machine"} <= found.keys()
    stuck = run("traffic", *files, "--ticks", "3000", "--seed", "1", "--policy", "fcfs")
    assert stuck["violations"] == 0 and stuck["tasks"] < 60


def test_traffic_on_a_layout(tmp_path: Path) -> None:
    document = layout_to_json(demo_layout())
    (tmp_path / "demo.json").write_text(json.dumps(document))
    found = run("traffic", "--layout", str(tmp_path / "demo.json"), "--robots", "6", "--ticks", "300")
    assert found["audit"]["verdict"] in ("safe", "pockets") and found["audit"]["safe_robots"] >= 6
    assert found["starved"] == 0 and found["violations"] == 0
