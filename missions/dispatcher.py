"""The dispatch leader of one site: runs the phases of a cycle over what was read, in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fleet.accounts.models import Site
from robots.core.patience import Patience
from robots.floor import Floor
from robots.floor.asking import Requests
from robots.floor.late import Lateness
from robots.maps import HostedMaps
from robots.zone_sets import ZoneSets

from . import lease, reading
from .apply import Desk
from .core.gauge import Gauge
from .driving import Unplug
from .phases import PHASES
from .phases.faults import Doubt
from .phases.sheets import Asked


class SiteDispatcher:
    """What a leader keeps from cycle to cycle; everything that must survive it is in the rows of `Floor` and missions.

    By serial: `idle_since` (s), `suspects` (until when, s), `cancelled` (the order it was told to cancel), `doubts`
    (it seems to be elsewhere), `gauges` (what its battery has shown), `unplugging` (when it was told to stop
    charging, and for which leg), `sheets_asked` (when for its factsheet),
    `states_asked` (during which connection for its first state). By place: `obstacles` (blocked until, s).
    `charging_since` by robot id.
    """

    def __init__(self, site: Site, holder: str, epoch: int) -> None:
        self.site, self.holder, self.epoch = site, holder, epoch
        self.floor = Floor(site, epoch)
        self.reader = reading.Reader(site)
        self.lateness = Lateness()
        self.requests, self.zone_sets, self.maps = Requests(site), ZoneSets(site), HostedMaps(site)
        self.patience = Patience()
        self.idle_since: dict[str, float] = {}
        self.suspects: dict[str, float] = {}
        self.cancelled: dict[str, str] = {}
        self.doubts: dict[str, Doubt] = {}
        self.obstacles: dict[str, float] = {}
        self.charging_since: dict[int, float] = {}
        self.gauges: dict[str, Gauge] = {}
        self.unplugging: dict[str, Unplug] = {}
        self.sheets_asked: dict[str, Asked] = {}
        self.states_asked: dict[str, datetime | None] = {}
        self.standing: frozenset[tuple[str, int]] = frozenset()
        self.assigned_at = 0.0
        self.changed: set[str] = set()
        self.old_layout = ""
        self.no_roads, self.roads_tried_at = "", 0.0
        self._told_to_cancel: dict[str, str] = {}

    def begin(self) -> None:
        """Take over: read the rows, and believe nothing about robots until each has been heard."""
        self.load()
        self.floor.recovery.begin(self.floor)

    def load(self) -> None:
        """Forget what is in memory and read the rows, when a cycle was not committed."""
        self.reader = reading.Reader(self.site)
        self.cancelled, self.obstacles, self.standing = dict(self._told_to_cancel), {}, frozenset()
        self.requests.forget()
        self.zone_sets.forget()
        self.sheets_asked.clear()
        self.states_asked.clear()
        self.floor.recovery.undone()
        self.floor.load()

    def cycle(self, now: datetime) -> None:
        """Everything that follows from what robots and people have said since the last cycle. Raises LostLease."""
        self.changed = set()
        with transaction.atomic():
            lease.renew(self.site, self.holder, self.epoch, now)
            desk = Desk(self, self.reader.read(now), now)
            for phase in PHASES:
                phase(desk)
        self.floor.recovery.committed()
        self._told_to_cancel = dict(self.cancelled)  # what a cycle that fails has told nobody is told again
        self.reader.refresh(now)
