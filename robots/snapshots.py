"""The read side: what pages, dispatch and the API see of the robots and the layout, in one to three queries."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Subquery

from fleet.accounts.models import Site

from .core.frames import Mark, Status
from .core.layout import Layout, layout_from_json
from .core.status import ACTING_STATES, WORDS, Facts, is_commandable, judge, marks, truth
from .models import LayoutVersion, Robot, RobotState, StopLatch
from .waits import Around, Wait

LAYOUTS_KEPT = 16


@dataclass(frozen=True, slots=True)
class RobotView:
    """One robot as a person sees it. Ages in s, battery in percent, x and y in m, theta in rad; None = unknown."""

    pk: int
    id: str
    name: str
    serial: str
    manufacturer: str
    type: str
    type_name: str
    embodiment: str
    skills: tuple[str, ...]
    max_payload: float
    capacity: int
    live_index: int
    in_service: bool
    home: str
    status: Status
    marks: Mark
    line: str
    commandable: bool
    held_by: tuple[str, ...]
    connection: str
    operating_mode: str
    x: float | None
    y: float | None
    theta: float | None
    map_id: str
    battery: float | None
    charging: bool
    driving: bool
    paused: bool
    loads: int | None
    physical_stop: str
    field_violation: bool
    errors: tuple[dict[str, Any], ...]
    order_id: str
    last_node: str
    base: tuple[str, ...]
    horizon: tuple[str, ...]
    goal: str
    waiting: Wait | None
    state_age: float | None
    problem: str
    version: int

    @property
    def word(self) -> str:
        return WORDS[self.status]

    @property
    def stale(self) -> bool:
        return Mark.STALE in self.marks

    @property
    def disconnected(self) -> bool:
        return Mark.DISCONNECTED in self.marks

    @property
    def attention(self) -> bool:
        return Mark.ATTENTION in self.marks


def robot_views(site: Site, now: datetime) -> list[RobotView]:
    """Every robot of the site, by name. Two queries, and one more when traffic has any of them."""
    rows = list(Robot.objects.filter(site=site).select_related("type", "state", "traffic"))
    held, around = _held(site), Around(site, now, rows)
    return [_view(robot, held, around, now) for robot in rows]


def viewer(site: Site, now: datetime) -> Callable[[Robot], RobotView]:
    """Makes views of robots of one site that the caller fetched. Three queries at most, however many robots follow."""
    held, around = _held(site), Around(site, now)
    return lambda robot: _view(robot, held, around, now)


def robot_view(robot: Robot, now: datetime) -> RobotView:
    """One robot (fetched with its type, state and traffic). One query, three when it waits for another."""
    return viewer(robot.site, now)(robot)


def facts_of(robot: Robot, state: RobotState | None, now: datetime, *, held: bool, waiting: str = "") -> Facts:
    """The stored state as `core.status` judges it. One that waits in traffic has work, whatever its own order says."""
    if state is None:
        return Facts(in_service=robot.in_service)
    acting = any(action.get("status") in ACTING_STATES for action in state.action_states)
    return Facts(
        connection=state.connection,
        operating_mode=state.operating_mode,
        in_service=robot.in_service,
        localized=state.localized,
        driving=state.driving,
        paused=state.paused,
        charging=state.charging,
        acting=acting,
        pending=acting or bool(state.node_states) or bool(waiting),
        held=held,
        loaded=bool(state.loads),
        physical_stop=state.physical_stop,
        field_violation=state.field_violation,
        error_levels=tuple(str(error.get("level", "")) for error in state.errors),
        battery=state.battery,
        state_age=_age(state.state_at, now),
        visualization_age=_age(state.visualization_at, now),
        waiting=waiting,
    )


def layout_in_force(site: Site) -> tuple[LayoutVersion, Layout] | None:
    """The newest published version, parsed (kept by hash). One small query, plus the document when it is new here."""
    version = LayoutVersion.objects.filter(site=site, published_at__isnull=False).defer("document").first()
    return None if version is None else (version, layout_of(version))


def layouts_in_force() -> list[tuple[Site, Layout | None]]:
    """Every site with its layout. Two queries, plus one for each layout that is new here."""
    newest = LayoutVersion.objects.filter(published_at__isnull=False).order_by("site_id", "-number").distinct("site_id")
    versions = LayoutVersion.objects.filter(pk__in=Subquery(newest.values("pk"))).defer("document")
    found = {version.site_id: layout_of(version) for version in versions}
    return [(site, found.get(site.pk)) for site in Site.objects.order_by("slug")]


def layout_of(version: LayoutVersion) -> Layout:
    """The parsed layout; versions never change, so the hash is its name for ever."""
    with _lock:
        if version.hash in _layouts:
            _layouts.move_to_end(version.hash)
            return _layouts[version.hash]
    layout = layout_from_json(version.document)
    with _lock:
        _layouts[version.hash] = layout
        while len(_layouts) > LAYOUTS_KEPT:
            _layouts.popitem(last=False)
    return layout


def _held(site: Site) -> dict[str, tuple[str, ...]]:
    held: dict[str, tuple[str, ...]] = {}
    rows = StopLatch.objects.filter(site=site, released_at__isnull=True).values_list("public_id", "held")
    for public_id, serials in rows:
        for serial in serials:
            held[serial] = (*held.get(serial, ()), public_id)
    return held


def _view(robot: Robot, held: dict[str, tuple[str, ...]], around: Around, now: datetime) -> RobotView:
    state: RobotState | None = getattr(robot, "state", None)
    traffic = getattr(robot, "traffic", None)
    wait = around.wait_of(traffic)
    holders = held.get(robot.serial, ())
    facts = facts_of(robot, state, now, held=bool(holders), waiting=wait.text if wait and wait.in_traffic else "")
    limits = settings.YARDMASTER
    kind, state = robot.type, state or RobotState(robot=robot)
    return RobotView(
        pk=robot.pk,
        id=robot.public_id,
        name=robot.name,
        serial=robot.serial,
        manufacturer=robot.manufacturer,
        type=kind.slug,
        type_name=kind.name,
        embodiment=kind.embodiment,
        skills=tuple(kind.skills),
        max_payload=kind.max_payload,
        capacity=kind.capacity,
        live_index=robot.live_index,
        in_service=robot.in_service,
        home=robot.home,
        status=judge(facts),
        marks=marks(facts, state_s=limits["stale_state_s"], visualization_s=limits["stale_visualization_s"]),
        line=truth(facts),
        commandable=robot.in_service and is_commandable(facts),
        held_by=holders,
        connection=state.connection,
        operating_mode=state.operating_mode,
        x=state.x,
        y=state.y,
        theta=state.theta,
        map_id=state.map_id,
        battery=state.battery,
        charging=state.charging,
        driving=state.driving,
        paused=state.paused,
        loads=None if state.loads is None else len(state.loads),
        physical_stop=state.physical_stop,
        field_violation=state.field_violation,
        errors=tuple(state.errors),
        order_id=state.order_id,
        last_node=state.last_node_id,
        base=tuple(str(visit.get("node", "")) for visit in traffic.base) if traffic else (),
        horizon=tuple(str(node) for node in traffic.horizon) if traffic else (),
        goal=traffic.goal if traffic else "",
        waiting=wait,
        state_age=facts.state_age,
        problem=state.problem,
        version=state.version,
    )


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else max(0.0, (now - moment).total_seconds())


_layouts: OrderedDict[str, Layout] = OrderedDict()
_lock = threading.Lock()
