"""`manage.py bench planner`: how long one reading takes on one core, and how long a person waits for the preview.

Readings: a process of its own, kept to one core with one torch thread as the worker's processes are, sentences of 3 to
60 words, a site of 30 names and one of 600. The way through the browser: a real stack and a real Chromium where there
is one (from the last key typed to the preview painted, the pause that waits for more keys included); else the same
request over HTTP. `how` says which.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from inference.contract import Named, PlanRequest, Vocabulary
from tests.stack import Stack, machine, quantile

SENTENCES = (
    "go to {p}",
    "{r}, charge now",
    "take 3 {i} from {p} to {q}",
    "Bitte bring zwei {i} von {p} nach {q}, es eilt.",
    "could somebody check whether {p} is blocked and let me know",
    "every half hour do a lap of {p} and {q}, and keep away from {s}",
    "Lleva {i} de {p} a {q} antes de las 12 y luego vuelve a la base",
    "count the {i} on {p}, then on {q}, then on {s}, and report when you are done",
    "Morning! When {r} is free, have it fetch the {i} from {p}, no sorry, from {q}, put them down at {s} by half past"
    " ten, and if its battery falls below 30 % send it to charge first, thanks",
    "So the driver at {p} just told me that his lorry leaves at noon and half of the {i} is still missing, which means"
    " that somebody has to collect 12 of them at {q}, bring them over to {p} slowly because the floor is wet there,"
    " wait until I have confirmed, and then, if there are any left, take the others to {s}",
    "what is the weather like tomorrow",
    "把{i}从{p}送到{q}",
)
# The last key, then the first painted preview of another reading than the one before.
TYPED = """text => new Promise((done, fail) => {
  const field = document.getElementById("composer-text");
  const before = document.querySelector("#preview .preview")?.dataset.id ?? "";
  const setter = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  setter.call(field, text);
  const began = performance.now();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const look = () => {
    const found = document.querySelector("#preview .preview:not([data-old])");
    if (found && found.dataset.id !== before) requestAnimationFrame(() => done(performance.now() - began));
    else if (performance.now() - began > 10000) fail(new Error("no preview within 10 s"));
    else requestAnimationFrame(look);
  };
  look();
})"""


def site(names: int) -> Vocabulary:
    """A site with this many names in all: half places, the others items, a few robots."""
    heads = ("Row", "Dock", "Rack A", "Cold Storage", "Packing Station", "Gate", "Buffer", "Staging Lane")
    kinds = ("oat", "rye", "blue", "size 4", "long", "spare", "green", "heavy", "fragile", "returned")
    things = ("pallets", "totes", "crates", "brake discs", "filter boxes", "tape rolls", "gloves")
    robots = max(2, min(20, names // 10))
    places = names // 2
    items = names - places - robots
    return Vocabulary(
        "bench",
        "10:20",
        tuple(Named(f"p{n}", f"{heads[n % len(heads)]} {n // len(heads) + 1}") for n in range(places)),
        tuple(
            Named(f"i{n}", f"{kinds[n % len(kinds)]} {things[n // len(kinds) % len(things)]}"
                  + (f" {n // 70 + 1}" if n >= 70 else ""))
            for n in range(items)
        ),
        tuple(Named(f"r{n}", f"R-{n + 1:02d}") for n in range(robots)),
        hash=f"bench-{names}",
    )  # fmt: skip


def texts(vocabulary: Vocabulary, count: int) -> list[str]:
    """`count` sentences over the site's names, every length in turn."""
    places, items, robots = (cycle(rows) for rows in (vocabulary.places, vocabulary.items, vocabulary.robots))
    return [
        form.format(p=next(places).name, q=next(places).name, s=next(places).name, i=next(items).name,
                    r=next(robots).name)
        for _, form in zip(range(count), cycle(SENTENCES), strict=False)
    ]  # fmt: skip


def readings(name: str, bundle: Path | None, count: int) -> dict[str, Any]:
    """Milliseconds per reading, run in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_read_here, (name, bundle, count))


def _read_here(name: str, bundle: Path | None, count: int) -> dict[str, Any]:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import torch

    from inference.planner import get_planner
    from inference.planner.compact.planner import CompactPlanner

    torch.set_num_threads(1)
    planner = CompactPlanner(bundle) if bundle is not None else get_planner(name)
    times: dict[str, list[float]] = {}
    cpu = 0.0
    for names in (30, 600):
        vocabulary = site(names)
        for number, text in enumerate(texts(vocabulary, count + len(SENTENCES))):
            began, spent = time.perf_counter(), time.process_time()
            planner.interpret(PlanRequest(text, vocabulary))
            if number >= len(SENTENCES):  # the first of each warm up names and memory
                times.setdefault(str(names), []).append((time.perf_counter() - began) * 1000)
                cpu += time.process_time() - spent
    every = [value for rows in times.values() for value in rows]
    return {
        "planner": planner.name,
        "bundle": planner.version,
        "interpret_ms": {"p50": quantile(every, 0.5), "p95": quantile(every, 0.95)},
        "interpret_ms_by_names": {n: {"p50": quantile(t, 0.5), "p95": quantile(t, 0.95)} for n, t in times.items()},
        "cpu_ms_per_reading": round(1000 * cpu / len(every), 1),
        "readings": len(every),
    }


class PlannerStack(Stack):
    """A stack whose words are read by `planner`."""

    def __init__(self, planner: str) -> None:
        super().__init__(6, instant=True)
        self.planner = planner

    def environment(self) -> dict[str, str]:
        return super().environment() | {"YARDMASTER_PLANNER": self.planner}


FORMS = (
    "drive to pack {n}", "take two totes from receiving to pack {n}, then go and charge",
    "check whether dock {n} is blocked and tell me", "bring a tote from rack a1 to pack {n} before noon, it is urgent",
)  # fmt: skip


def previews(stack: Stack, count: int) -> dict[str, Any]:
    """Milliseconds from the last key to the preview, in a browser where there is one."""
    said = [form.format(n=1 + number % 2) + "." * (number // 8 % 3) for number, form in
            zip(range(count + 4), cycle(FORMS), strict=False)]  # fmt: skip
    seen = stack.call("POST", "/api/v1/missions:interpret", {"site": "demo", "text": said[0]})
    model = seen.get("model", {})
    chromium = next((path for name in ("chromium", "chromium-browser", "google-chrome")
                     if (path := shutil.which(name))), None)  # fmt: skip
    times, how = (_browser(stack, chromium, said), "browser") if chromium else (_http(stack, said), "http")
    return {
        "browser_to_preview_ms": {"p50": quantile(times[4:], 0.5), "p95": quantile(times[4:], 0.95)},
        "how": how,
        "read_by": model,
        "previews": len(times) - 4,
    }


def _http(stack: Stack, said: list[str]) -> list[float]:
    times = []
    for text in said:
        began = time.perf_counter()
        stack.call("POST", "/api/v1/missions:interpret", {"site": "demo", "text": text})
        times.append((time.perf_counter() - began) * 1000)
    return times


def _browser(stack: Stack, chromium: str, said: list[str]) -> list[float]:
    from playwright.sync_api import sync_playwright

    name, password = (stack.state / "admin.txt").read_text().split()
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = opened.new_page(base_url=stack.url, viewport={"width": 1440, "height": 900})
        page.goto("/ops/demo/")
        page.fill("#id_username", name)
        page.fill("#id_password", password)
        page.click("button.primary")
        page.wait_for_url("**/ops/demo/")
        page.wait_for_selector('body[data-link="live"]', timeout=30_000)
        times = []
        for text in said:
            times.append(float(page.evaluate(TYPED, text)))
            page.wait_for_timeout(150)
        opened.close()
    return times


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench planner")
    parser.add_argument("--planner", default="compact", help="rules, compact, qwen or endpoint")
    parser.add_argument("--bundle", type=Path, help="another bundle folder of the compact planner, for the readings")
    parser.add_argument("--readings", type=int, default=120, help="per site of 30 and of 600 names")
    parser.add_argument("--previews", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="accepted for uniformity; the last line is always JSON")
    options = parser.parse_args(argv)
    figures: dict[str, Any] = {"machine": machine()}
    figures |= readings(options.planner, options.bundle, options.readings)
    with PlannerStack(options.planner) as stack:
        figures |= previews(stack, options.previews)
    print(json.dumps(figures))
    return 0
