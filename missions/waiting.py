"""Why a mission does not go on: the wait of its robot, or what it waits for itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from fleet.accounts.models import Site
from robots.waits import Around, Wait, plainly

from .core import lifecycle as life
from .models import Mission, MissionEvent

ENDS = {
    life.QUEUED: "when a robot that can do it becomes free",
    life.PAUSED: "when a person resumes it",
    life.FAILING: "when a person decides what becomes of it",
}


def with_waits(missions: QuerySet[Mission]) -> QuerySet[Mission]:
    """The same missions, fetched with what `Waits` reads of them: two joins and since when each is in its state."""
    events = MissionEvent.objects.filter(mission=OuterRef("pk"), to_state=OuterRef("state")).order_by("-id")
    return missions.select_related("robot__traffic").annotate(state_since=Subquery(events.values("at")[:1]))


class Waits:
    """Explains missions of any sites. At most two queries a site, however many missions."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._sites: dict[int, Around] = {}

    def of(self, mission: Mission) -> Wait | None:
        """None while it goes on, and once it has ended."""
        if mission.state in life.FINAL:
            return None
        if mission.state in (life.QUEUED, life.PAUSED, life.FAILING) or mission.robot is None:
            return self._own(mission)
        wait = self._around(mission.site).wait_of(getattr(mission.robot, "traffic", None))
        if wait is not None and wait.blocks:
            return wait
        return self._own(mission) if mission.state == life.WAITING else None

    def _own(self, mission: Mission) -> Wait:
        """It says itself why; a queued mission waits from its start time at the earliest."""
        since: datetime | None = getattr(mission, "state_since", None) or mission.created_at
        ends = ENDS.get(mission.state, "")
        if mission.state == life.QUEUED and mission.not_before is not None:
            since = max(since, mission.not_before) if since else mission.not_before
            if mission.not_before > self.now:
                since, ends = None, "when its start time comes"
        if mission.state == life.WAITING and "confirm" in mission.reason:
            ends = "when a person confirms it"
        return Wait(mission.state, plainly(mission.reason), since=since, ends=ends)

    def _around(self, site: Site) -> Around:
        return self._sites.setdefault(site.pk, Around(site, self.now))


def waits_of(missions: Iterable[Mission], now: datetime) -> dict[int, Wait]:
    """By primary key, those of `missions` (see `with_waits`) that do not go on."""
    waits = Waits(now)
    return {mission.pk: wait for mission in missions if (wait := waits.of(mission)) is not None}
