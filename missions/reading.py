"""Rows to facts: what one dispatch cycle looks at, read in a fixed number of queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max
from django.db.models.fields.json import KeyTransform

from fleet.accounts.models import Site
from robots.core.footprint import VehicleType
from robots.floor.fit import factsheets
from robots.floor.ground import types_of
from robots.floor.requests import ready_requests
from robots.models import Factsheet, FloorRequest, LayoutVersion, Robot, RobotState

from .core import lifecycle as life
from .core.charging import Levels, levels_of
from .core.declared import Declared, declared
from .core.facts import Memory, MissionFact, StepFact
from .models import Attempt, Mission, MissionIntent

CONFIGURED_S = 2.0
USUAL_LEVELS = Levels()
NOTHING_DECLARED = Declared()
NO_SHEET: Mapping[str, Any] = {}
KNOWN_MEMORY = frozenset(field.name for field in fields(Memory))


@dataclass(slots=True)
class Picture:
    """Everything of one site that a cycle decides on."""

    robots: dict[str, Robot]
    states: dict[str, RobotState]
    held: frozenset[str]
    missions: list[Mission]
    attempts: dict[int, Attempt]
    intents: list[MissionIntent]
    requests: list[FloorRequest]


class News(NamedTuple):
    """Whether there are open missions, and requests nobody has answered; `held` are the serials of each stop."""

    missions: bool
    intents: bool
    requests: bool
    held: list[list[str]]


NEWS = """
    select
        exists (select from missions_mission m where m.site_id = %(site)s and m.state = any(%(open)s)),
        exists (select from missions_missionintent i join missions_mission m on m.id = i.mission_id
                where m.site_id = %(site)s and i.applied_at is null),
        exists (select from robots_floorrequest where site_id = %(site)s and applied_at is null),
        (select coalesce(jsonb_agg(held), '[]')::text from robots_stoplatch
         where site_id = %(site)s and released_at is null)
"""


class Reader:
    """Robots as configured are read every few seconds, their states by version: link numbers them.

    `ground` is the hash of the layout in force and the robot types, `limit` how many robots that layout was accepted
    for (None: for all); as old as the robots.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.robots: dict[str, Robot] = {}
        self.states: dict[str, RobotState] = {}
        self.ground: tuple[str, tuple[VehicleType, ...]] = ("", ())
        self.limit: int | None = None
        self.sheets: dict[int, Mapping[str, Any]] = {}
        self._declared: dict[int, Declared] = {}
        self._levels: dict[int, Levels] = {}
        self._serials: dict[int, str] = {}
        self._version = -1
        self._newest_sheet: int | None = None
        self._configured: datetime | None = None

    def read(self, now: datetime) -> Picture:
        """Five statements in most cycles, whatever the number of robots and missions; more when asked for something."""
        if self._configured is None:
            self.refresh(now)
        self._states()
        news = self._news()
        missions: list[Mission] = []
        if news.missions:
            found = Mission.objects.filter(site=self.site, state__in=life.OPEN)
            missions = list(found.prefetch_related("steps").order_by("id"))
        active = Attempt.objects.filter(mission__site=self.site, state="active")
        intents = MissionIntent.objects.filter(mission__site=self.site, applied_at=None).select_related("mission")
        return Picture(
            robots=self.robots,
            states=self.states,
            held=frozenset(serial for serials in news.held for serial in serials),
            missions=missions,
            attempts={attempt.mission_id: attempt for attempt in active} if missions else {},
            intents=list(intents.order_by("id")) if news.intents else [],
            requests=ready_requests(self.site) if news.requests else [],
        )

    def _news(self) -> News:
        """What there is to read at all, in one statement: most cycles find neither requests nor stops."""
        with connection.cursor() as cursor:
            cursor.execute(NEWS, {"site": self.site.pk, "open": list(life.OPEN)})
            missions, intents, requests, held = cursor.fetchone()
        return News(missions, intents, requests, json.loads(held))

    def sheet(self, robot: Robot) -> Mapping[str, Any]:
        """Its newest factsheet as it was received; empty while it has sent none."""
        return self.sheets.get(robot.pk, NO_SHEET)

    def declared(self, robot: Robot) -> Declared:
        """What its factsheet says that it can do; nothing where the type's factsheets are not to be trusted."""
        found = self._declared.get(robot.pk, NOTHING_DECLARED)
        return found if robot.type.trust_factsheet else NOTHING_DECLARED

    def levels(self, robot: Robot) -> Levels:
        return self._levels.get(robot.pk, USUAL_LEVELS)

    def refresh(self, now: datetime) -> None:
        """Robots, types, layout and factsheets as people and makers have them now; every few seconds is enough.

        Asked for after a cycle, so that no order waits for it.
        """
        if self._configured is not None and (now - self._configured).total_seconds() < CONFIGURED_S:
            return
        self.robots = {r.serial: r for r in Robot.objects.filter(site=self.site).select_related("type")}
        serials = {robot.pk: serial for serial, robot in self.robots.items()}
        if serials != self._serials:
            self._serials, self._version = serials, -1  # the states of new robots may be older than others'
        published = LayoutVersion.objects.filter(site=self.site, published_at__isnull=False)
        layout, self.limit = published.values_list("hash", "accepted_limit").first() or ("", None)
        self.ground = (layout, types_of(robot.type for robot in self.robots.values()))
        self._factsheets()
        self._configured = now

    def _states(self) -> None:
        fresh = RobotState.objects.filter(robot__site=self.site, version__gt=self._version)
        # link's own bookkeeping is long, and all of it that matters here is what became of the newest order
        for state in fresh.defer("link").annotate(order_word=KeyTransform("order", "link")):
            if (serial := self._serials.get(state.pk)) is not None:
                self.states[serial] = state
            self._version = max(self._version, state.version)

    def _factsheets(self) -> None:
        """The documents are long and hardly ever change: they are read when there is a newer one."""
        newest = Factsheet.objects.filter(robot__site=self.site).aggregate(newest=Max("id"))["newest"]
        if newest != self._newest_sheet:
            self._newest_sheet = newest
            self.sheets = factsheets(self.robots.values())
            self._levels = {pk: levels_of(sheet) for pk, sheet in self.sheets.items()}
            self._declared = {pk: declared(sheet) for pk, sheet in self.sheets.items()}


def mission_fact(mission: Mission, attempt: Attempt | None) -> MissionFact:
    return MissionFact(
        id=mission.pk,
        label=mission.label,
        state=mission.state,
        steps=tuple(StepFact(s.index, s.op, s.payload, s.state, s.result) for s in mission.steps.all()),
        attempt=attempt.pk if attempt else None,
        key=attempt.public_id if attempt else "",
        robot=attempt.robot_id if attempt else None,
        memory=memory_of(attempt.memory) if attempt else Memory(),
        deadline=mission.deadline.timestamp() if mission.deadline else None,
        speed=mission.plan.get("speed"),
    )


def memory_of(data: Mapping[str, Any]) -> Memory:
    """What an attempt remembers. Members that this release does not know are left out: one row must not stop a site."""
    kept = {name: value for name, value in data.items() if name in KNOWN_MEMORY}
    return Memory(**{**kept, "actions": tuple(data.get("actions", ()))}) if data else Memory()
