"""The parts of pages that change by themselves. One template each, for first load, plain GET and live push alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site
from missions import snapshots as missions
from robots.stop import controller

from . import floor_attention, floor_panel, layout_tab, link_attention, readings, robot_page
from .here import roles_text
from .stopping import standing, stop_problem

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """`context` gives None when there is nothing to show (gone, another site's); `wakes` are names that renew it."""

    template: str
    context: Callable[[Site, Actor, str, datetime], Context | None]
    wakes: tuple[str, ...] = ()


def _attention(site: Site, actor: Actor, arg: str, now: datetime) -> Context:
    floor = [*floor_attention.rows(site, now), *layout_tab.attention(site, now), *link_attention.rows(site, now)]
    told = sorted([*missions.attention(site, now), *floor], key=_urgency(now))
    rows = [*_unconfirmed(site), *told]
    return {
        "rows": rows[:8],
        "more": max(0, len(rows) - 8),
        "high": sum(r.priority == 1 for r in rows),
        "total": len(rows),
    }


def _urgency(now: datetime) -> Callable[[missions.AttentionRow], tuple[int, datetime]]:
    return lambda row: (row.priority, row.since or now)


def _unconfirmed(site: Site) -> list[missions.AttentionRow]:
    """Robots that have not confirmed a software stop in time: a person has to look at each of them."""
    found = []
    for stop in controller().status(site.slug).stops:
        since = datetime.fromtimestamp(stop.requested_at, UTC)
        for line in stop.no_answer:
            where = line.why or f"last seen at {line.x:.1f}, {line.y:.1f}" if line.x is not None else line.why
            what = f"{line.name}: stop not confirmed"
            found.append(missions.AttentionRow(1, "stop", what, where, since, "Show", f"/robots/{line.robot}/"))
    return found


def _queue(site: Site, actor: Actor, arg: str, now: datetime) -> Context:
    rows = missions.queue(site, now)
    going = [r for r in rows if r.finished_at is None]
    ended = [r for r in rows if r.finished_at is not None]
    return {
        "going": going,
        "ended": ended,
        "late": sum(r.late for r in going),
        "nexts": readings.next_steps((r.public_id for r in going), site),
    }


def _floor(site: Site, actor: Actor, arg: str, now: datetime) -> Context:
    return floor_panel.context(site, actor, now)


def _kpis(site: Site, actor: Actor, arg: str, now: datetime) -> Context:
    return {"kpis": missions.kpis(site, now)}


def _stop(site: Site, actor: Actor, arg: str, now: datetime) -> Context:
    return {"stops": standing(site.slug), "stop_broken": stop_problem()}


def _mission(site: Site, actor: Actor, arg: str, now: datetime) -> Context | None:
    page = missions.mission_page(arg, actor, now)
    if page is None or page.mission.site_id != site.pk:
        return None
    robot = page.mission.robot
    return {
        "page": page,
        "row": page.row,
        "mission": page.mission,
        "lines": readings.step_lines(page.mission.steps.all(), site),
        "places": missions.places_of(page.mission.plan),
        "who_may_dispatch": roles_text("dispatch"),
        "wait": page.row.wait,
        "path": robot_page.path_of(robot) if robot and page.row.finished_at is None else None,
    }


def _robot(site: Site, actor: Actor, arg: str, now: datetime) -> Context | None:
    return robot_page.context(site, actor, arg, now)


RIGHTS_SHOWN = ("dispatch", "robots", "stop", "resume", "floor", "doors", "configure")
PANELS: dict[str, Panel] = {
    "attention": Panel("console/_attention.html", _attention, ("attention", "missions", "stop", "floor")),
    "floor": Panel("console/_floor.html", _floor, ("floor", "layout", "attention")),
    "queue": Panel("console/_queue.html", _queue, ("missions",)),
    "kpis": Panel("console/_kpis.html", _kpis, ("missions", "kpis")),
    "stop": Panel("console/_stop_bar.html", _stop, ("stop",)),
    "mission": Panel("console/_mission.html", _mission),
    "robot": Panel("console/_robot.html", _robot),
    "card": Panel("console/_robot_card.html", _robot),
}


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that are panels, at most eight: a page has no more."""
    return tuple(dict.fromkeys(n for n in names if n.partition(":")[0] in PANELS))[:8]


def woken(shown: Iterable[str], what: Iterable[str]) -> set[str]:
    """Which of the `shown` panels the names in a `page.changed` event concern."""
    names = set(what)
    kinds = {name.partition(":")[0] + "s" for name in names if ":" in name} | names
    found = set()
    for panel in shown:
        kind, _, arg = panel.partition(":")
        own = f"robot:{arg}" if kind == "card" else panel
        if (arg and (own in names or "stop" in names)) or (not arg and kinds & set(PANELS[kind].wakes)):
            found.add(panel)
    return found


def render(name: str, site: Site, actor: Actor, now: datetime, *, oob: bool = False, **more: Any) -> SafeString | None:
    """The panel's HTML, or None when there is nothing to show. `oob` marks it for htmx to swap where its id stands."""
    kind, _, arg = name.partition(":")
    panel = PANELS[kind]
    context = panel.context(site, actor, arg, now)
    if context is None:
        return None
    rights = {right: can(actor, right, site) for right in RIGHTS_SHOWN}
    html = render_to_string(panel.template, {"site": site, "now": now, "can": rights, "oob": oob, **context, **more})
    return mark_safe(html)  # noqa: S308 (escaped by its template)
