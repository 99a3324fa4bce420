"""`manage.py bench up`: seconds until the first live frame (first and later starts), memory, seconds to stop."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.stack import Stack, machine


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench up")
    parser.add_argument("--robots", type=int, default=12)
    parser.add_argument("--runs", type=int, default=3, help="later starts; their median is given")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity; the last line is always JSON")
    options = parser.parse_args(argv)
    state = Path(tempfile.mkdtemp(prefix="ym-bench-", dir="/tmp"))
    ready, stops, memory = [], [], {}
    try:
        for _ in range(options.runs + 1):
            with Stack(options.robots, state=state) as stack:
                ready.append(stack.ready_s)  # `up` says ready when link has published the first live frame
                memory = stack.memory_mb()
                stops.append(stack.stop())
    finally:
        shutil.rmtree(state, ignore_errors=True)
    figures: dict[str, Any] = {
        "machine": machine(),
        "robots": options.robots,
        "first_live_frame_s": {"first": round(ready[0], 1), "later": round(statistics.median(ready[1:]), 1)},
        "memory_mb": memory,
        "stop_s": round(statistics.median(stops), 1),
    }
    print(json.dumps(figures))
    return 0
