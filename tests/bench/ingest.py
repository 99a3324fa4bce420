"""`manage.py bench ingest`: what link takes in, how soon it is visible, what a message costs.

Robots that publish as fast as a fleet of a thousand does, a real Mosquitto and PostgreSQL, web and one link. Three
phases a run: the mixed load with somebody reading over REST; states only, for the CPU of one; all at once.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import threading
import time
from typing import Any

from fleet.supervisor.state import REPO
from tests.stack import machine, quantile

from ._ingest_robots import serial
from ._ingest_stack import IngestStack

SETTLE_S = 2.0
LOOK_S = 0.02
OURS = ("web", "valkey", "postgres")


class Publisher:
    """The robots, in a process of their own."""

    def __init__(self, url: str, robots: int, connections: int) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.bench._ingest_robots"],
            cwd=REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        self.ask("start", url, robots, connections)

    def ask(self, *command: Any) -> dict[str, Any]:
        assert self.child.stdin is not None and self.child.stdout is not None
        with self._lock:
            self.child.stdin.write(json.dumps(command) + "\n")
            self.child.stdin.flush()
            line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the publisher ended")
        return dict(json.loads(line))

    def close(self) -> None:
        self.child.terminate()
        self.child.wait()


class Reader(threading.Thread):
    """Publishes a state of a robot of its own and asks REST until it shows: milliseconds from one to the other."""

    def __init__(self, stack: IngestStack, first: int, count: int) -> None:
        super().__init__(daemon=True)
        self.stack, self.first, self.count = stack, first, count
        self.publisher = Publisher(stack.env["MQTT_URL"], first + count, 1)
        self.times: list[float] = []
        self.published = 0
        self._ends = threading.Event()

    def run(self) -> None:
        place = 500.0
        while not self._ends.wait(0.25):
            place = 500.0 + (place - 499.0) % 90
            number = self.first + self.published % self.count
            said = self.publisher.ask("one", number, place)
            self.published += 1
            while not self._ends.is_set():
                seen = self.stack.robot_x(serial(number))
                if seen is not None and abs(seen - said["x"]) < 0.002:
                    self.times.append(1000 * (time.time() - said["at"]))
                    break
                time.sleep(LOOK_S)

    def end(self) -> None:
        self._ends.set()
        self.join()
        self.publisher.close()


def arrived(stack: IngestStack, count: int, seconds: float) -> float:
    """Wait until so many states are in the history, or no more come; the moment of the last one seen."""
    last, at, deadline = -1, time.time(), time.time() + seconds
    while time.time() < deadline:
        now = stack.counted()
        if now != last:
            last, at = now, time.time()
        if now >= count:
            break
        time.sleep(0.05)
    return at


def mixed(stack: IngestStack, fleet: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    before, figures = stack.counted(), stack.figures()
    reader = Reader(stack, options.robots, options.readers)
    reader.start()
    said = fleet.ask("steady", options.seconds, options.state_hz, options.visualization_hz)
    reader.end()
    wanted = said["states"] + reader.published
    arrived(stack, before + wanted, 10)
    time.sleep(1.0)
    got, then = stack.counted() - before, stack.figures()
    positions = then["messages"] - figures["messages"] - got
    return {
        "state_per_s": round(got / said["seconds"], 1),
        "visualization_per_s": round(positions / said["seconds"], 1),
        "lost": wanted - got,
        "positions_skipped": then["positions_skipped"] - figures["positions_skipped"],
        "publisher_late_s": said["late_s"],
        "visible": reader.times,
    }


def states_only(stack: IngestStack, fleet: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    time.sleep(SETTLE_S)
    before, cpu = stack.counted(), stack.cpu_s()
    said = fleet.ask("steady", options.cpu_seconds, options.state_hz, 0)
    arrived(stack, before + said["states"], 10)
    after = stack.cpu_s()
    spent = {name: 1000 * (after[name] - cpu[name]) / said["states"] for name in after if name in cpu}
    ours = {name: ms for name, ms in spent.items() if name in OURS or name.startswith("link")}
    return {
        "cpu_ms_per_state": round(sum(ours.values()), 4),
        "cpu_ms": {name: round(ms, 4) for name, ms in ours.items()},
        "broker_ms_per_state": round(spent.get("mqtt", 0.0), 4),
        "lost": before + said["states"] - stack.counted(),
    }


def burst(stack: IngestStack, fleet: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    time.sleep(SETTLE_S)
    before, cpu = stack.counted(), stack.cpu_s()
    said = fleet.ask("burst", options.burst)
    at = arrived(stack, before + said["states"], 60)
    got, after = stack.counted() - before, stack.cpu_s()
    return {
        "burst_per_s": round(got / (at - said["began"])),
        "burst_lost": said["states"] - got,
        "burst_sent_s": said["sent_s"],
        "burst_link_ms": round(1000 * sum(after[n] - cpu[n] for n in after if n.startswith("link")) / max(got, 1), 4),
    }


def soak(stack: IngestStack, fleet: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    """The mixed load for a long time: memory every ten seconds."""
    sizes, pieces = [], max(1, options.soak // 10)
    for _ in range(pieces):
        fleet.ask("steady", 10, options.state_hz, options.visualization_hz)
        sizes.append(stack.rss_mb())
    third = max(1, len(sizes) // 3)
    return {
        "rss_mb": {"start": sizes[0], "end": sizes[-1]},
        "soak_s": pieces * 10,
        "rss_mb_thirds": [round(statistics.median(sizes[n * third : (n + 1) * third]), 1) for n in range(3)],
    }


def median(rows: list[dict[str, Any]], key: str) -> float:
    return round(statistics.median(row[key] for row in rows), 4)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench ingest")
    parser.add_argument("--robots", type=int, default=1000)
    parser.add_argument("--state-hz", type=float, default=1.0)
    parser.add_argument("--visualization-hz", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the mixed load")
    parser.add_argument("--cpu-seconds", type=float, default=20.0, help="of states only")
    parser.add_argument("--burst", type=int, default=30_000, help="states at once")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--readers", type=int, default=10, help="further robots, whose states are looked for over REST")
    parser.add_argument("--soak", type=int, default=0, help="instead of all that: s of mixed load, for its memory")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity; the last line is always JSON")
    options = parser.parse_args(argv)
    figures: dict[str, Any] = {"machine": machine(), "robots": options.robots, "runs": options.runs}
    with IngestStack(options.robots + options.readers) as stack:
        fleet = Publisher(stack.env["MQTT_URL"], options.robots, min(options.connections, options.robots))
        try:
            fleet.ask("online")
            fleet.ask("steady", 3, 1.0, 0)
            time.sleep(SETTLE_S)
            if options.soak:
                figures |= soak(stack, fleet, options)
            else:
                figures |= measured(stack, fleet, options)
        finally:
            fleet.close()
    print(json.dumps(figures))
    return 0 if not figures.get("lost") else 1


def measured(stack: IngestStack, fleet: Publisher, options: argparse.Namespace) -> dict[str, Any]:
    start = stack.rss_mb()
    rows = []
    for _ in range(options.runs):
        load = {"load_before": machine()["load"]}
        row = mixed(stack, fleet, options)
        only = states_only(stack, fleet, options)
        row["lost"] += only.pop("lost")
        rows.append(row | only | burst(stack, fleet, options) | load)
        print(json.dumps(row | only | rows[-1] | {"visible": len(row["visible"])}), file=sys.stderr)
    visible = [[quantile(row["visible"], share) for share in (0.5, 0.95, 0.99)] for row in rows if row["visible"]]
    middle = [statistics.median(column) for column in zip(*visible, strict=True)] or [None] * 3
    keys = ("state_per_s", "visualization_per_s", "burst_per_s", "cpu_ms_per_state", "broker_ms_per_state")
    return {key: median(rows, key) for key in keys} | {
        "lost": sum(row["lost"] for row in rows),
        "burst_lost": sum(row["burst_lost"] for row in rows),
        "visible_ms": dict(zip(("p50", "p95", "p99"), middle, strict=True)),
        "cpu_ms": {
            name: round(statistics.median(row["cpu_ms"][name] for row in rows), 4) for name in rows[0]["cpu_ms"]
        },
        "rss_mb": {"start": start, "end": stack.rss_mb()},
        "loads": [row["load_before"] for row in rows],
        "link": stack.figures(),
    }
