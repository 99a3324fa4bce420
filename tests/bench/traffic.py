"""`manage.py bench traffic`: the real traffic on simulated robots: tasks done, plan times, violations, starvation.

With `--map --agents --tasks` (a Moving AI map, starting places, errands) it measures throughput; with `--layout`
(openTCS model, Open-RMF lane graphs, our layout JSON, LIF) it audits the road map and drives endless random missions
on it. A move takes 3 ticks, a quarter turn 3 more, planning happens every 3 ticks, and each robot loses each tick with
probability `--delay`. `--policy fcfs` is the usual baseline, which locks up. Times are CPU times of one thread.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from robots.core.routing import RoadMap
from robots.core.traffic import audit
from robots.core.traffic.audit import Audit
from tests.bench._traffic_fcfs import Baseline
from tests.bench._traffic_files import read_agents, read_grid, read_layouts, read_tasks, road_of
from tests.bench._traffic_run import Run
from tests.stack import machine, quantile

NODES_PER_ROBOT = 6


def main(argv: list[str]) -> int:
    options = _options(argv)
    figures: dict[str, Any] = {"machine": machine()}
    figures |= _layout(options) if options.layout else _map(options)
    print(json.dumps(figures))
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench traffic", description=__doc__)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--agents", type=Path)
    parser.add_argument("--tasks", type=Path)
    parser.add_argument("--layout", type=Path)
    parser.add_argument("--robots", type=int, help="fewer than the agents file has; on a layout: how many")
    parser.add_argument("--ticks", type=int, help="default 1500, on a layout 3000")
    parser.add_argument("--delay", type=float, default=0.1, help="chance that a robot loses a tick")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cap", type=int, help="how many robots may be under way at once; default: by the map's size")
    parser.add_argument("--lookahead", type=int, default=1, help="edges released ahead of a robot")
    parser.add_argument("--no-tokens", action="store_true", help="as if the audit had found no dead ends")
    parser.add_argument("--policy", choices=("ours", "fcfs"), default="ours")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity; the last line is always JSON")
    options = parser.parse_args(argv)
    if not options.layout and not (options.map and options.agents and options.tasks):
        parser.error("give --map, --agents and --tasks, or --layout")
    if not 0 <= options.delay < 1:
        parser.error("--delay is a probability from 0 to below 1")
    return options


# --- a grid map with agents and tasks ---------------------------------------------------------------------------------


def _map(options: argparse.Namespace) -> dict[str, Any]:
    grid = read_grid(options.map)
    starts = read_agents(options.agents, grid)[: options.robots]
    errands = read_tasks(options.tasks, grid)
    ticks = options.ticks or 1500
    if options.policy == "fcfs":
        baseline = Baseline(grid.road, starts, errands, delay=options.delay, seed=options.seed)
        return baseline.go(ticks)
    verdict = audit(grid.road, len(starts))
    began = time.process_time()
    run = Run(
        grid.road, _without_tokens(verdict) if options.no_tokens else verdict, starts, errands, delay=options.delay,
        seed=options.seed, lookahead=options.lookahead, active=options.cap,
    )  # fmt: skip
    gc.collect()
    gc.freeze()  # the road map is a million objects that never go away, as a service does after loading
    run.go(ticks)
    return {
        "tasks": run.desk.finished,
        "ticks": ticks,
        "violations": run.violation_count,
        "min_distance": round(run.watch.nearest, 3),
        "oldest_task_ticks": run.oldest(),
        "plan_ms": {"p50": quantile(run.times.plan, 0.5), "p99": quantile(run.times.plan, 0.99)},
        "cpu_s": round(time.process_time() - began, 1),
        "active_cap": run.traffic.active_cap,
        "robots": len(starts),
        "nodes": len(grid.road.names),
        "tasks_per_tick": round(run.desk.finished / ticks, 3),
        "moves": run.bodies.moves,
        "longest_standstill_ticks": run.longest_still,
        "release_ms": {"p50": quantile(run.times.release, 0.5), "p99": quantile(run.times.release, 0.99)},
        "assign_ms": {"p50": quantile(run.times.assign, 0.5), "p99": quantile(run.times.assign, 0.99)},
        "prepare_ms": {"p50": quantile(run.times.prepare, 0.5), "p99": quantile(run.times.prepare, 0.99)},
        "audit": _verdict(verdict),
        "seed": options.seed,
        "examples": run.violations[:5],
    }


# --- a road map with endless random missions --------------------------------------------------------------------------


def _layout(options: argparse.Namespace) -> dict[str, Any]:
    ticks = options.ticks or 3000
    maps = []
    for name, layout in read_layouts(options.layout):
        road = road_of(layout)
        robots = options.robots or _usual(road)
        maps.append({"name": name} | _endless(road, robots, ticks, options))
    largest = max(maps, key=lambda one: one["nodes"])
    return {
        "audit": largest["audit"],
        "starved": sum(one["starved"] for one in maps),
        "violations": sum(one["violations"] for one in maps),
        "oldest_task_ticks": max(one["oldest_task_ticks"] for one in maps),
        "ticks": ticks,
        "tokens": not options.no_tokens,
        "seed": options.seed,
        "maps": maps,
    }


def _endless(road: RoadMap, robots: int, ticks: int, options: argparse.Namespace) -> dict[str, Any]:
    """Every robot gets a new random goal whenever it has reached one; who waits half the run for one has starved."""
    verdict = audit(road, robots)
    rng = random.Random(options.seed)
    open_nodes = [node for node in range(len(road.names)) if node not in verdict.traps | road.no_entry]
    starts = _starts(road, verdict, open_nodes, robots, rng)
    found: dict[str, Any] = {"nodes": len(road.names), "robots": robots, "audit": _verdict(verdict)}
    if len(starts) < robots:
        found["left_out"] = f"only {len(starts)} of {robots} robots find a place to stand"
    used = _without_tokens(verdict) if options.no_tokens else verdict
    goals = _goals(open_nodes, rng)
    if options.policy == "fcfs":
        return found | Baseline(road, starts, goals, delay=options.delay, seed=options.seed).go(ticks)
    run = Run(
        road, used, starts, goals, delay=options.delay, seed=options.seed, lookahead=options.lookahead,
        active=options.cap or len(starts), reveal=1.0,
    )  # fmt: skip
    run.go(ticks)
    ages = [run.tick - task.revealed for task in run.desk.of.values()]
    return found | {
        "starved": sum(age >= ticks / 2 for age in ages),
        "violations": run.violation_count,
        "oldest_task_ticks": run.oldest(),
        "tasks": run.desk.finished,
        "min_distance": round(run.watch.nearest, 3),
        "examples": run.violations[:5],
    }


def _usual(road: RoadMap) -> int:
    """A full but usual floor: a robot for every six nodes, and no more than can never lock up."""
    return max(1, min(audit(road, len(road.names)).largest, len(road.names) // NODES_PER_ROBOT))


def _starts(road: RoadMap, verdict: Audit, nodes: list[int], robots: int, rng: random.Random) -> list[int]:
    """Random places whose footprints do not overlap, in the core first and no two in one dead end."""
    order = rng.sample(nodes, len(nodes))
    order.sort(key=lambda node: node not in verdict.core)
    taken: set[int] = set()
    pockets: set[int] = set()
    found = []
    for node in order:
        pocket = verdict.pocket_of[node]
        if len(found) < robots and taken.isdisjoint(road.node_resources[node]) and pocket not in pockets:
            found.append(node)
            taken.update(road.node_resources[node])
            pockets |= {pocket} - {-1}
    return found


def _goals(nodes: list[int], rng: random.Random) -> Iterator[tuple[int, ...]]:
    while True:
        yield (rng.choice(nodes),)


def _without_tokens(verdict: Audit) -> Audit:
    return replace(verdict, pockets=(), pocket_of=(-1,) * len(verdict.pocket_of))


def _verdict(verdict: Audit) -> dict[str, Any]:
    return {"verdict": verdict.verdict, "safe_robots": verdict.robots, "pockets": len(verdict.pockets)}
