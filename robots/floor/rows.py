"""What dispatch records of a floor: holdings, bases, the snapshot for a restart, and the messages that follow.

Write ahead (traffic design 5.8): all of it in one transaction with the lease, so what is recorded always covers what a
robot can have, and a leader that has been replaced can write nothing. Only what changed is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError

from fleet.accounts.models import Site
from fleet.outbox.models import Message
from fleet.outbox.services import post_all

from ..core.vda5050.codec import decode_body
from ..core.vda5050.errors import LocalProtocolError
from ..core.vda5050.messages import Order
from ..core.vda5050.topics import Topic
from ..models import ResourceHold, RobotTraffic, SiteTraffic

if TYPE_CHECKING:
    from .floor import Floor

TRAFFIC_COLUMNS = (
    "order_id", "order_update_id", "order", "base", "horizon", "goal", "leg", "waiting", "epoch", "updated_at",
)  # fmt: skip


class StaleEpoch(DatabaseError):
    """The rows are those of a newer leader: nothing may be written, and what is in memory is worth nothing."""


class Rows:
    """The rows of one site as they were last written, and what has changed since."""

    def __init__(self, site: Site, epoch: int) -> None:
        self.site, self.epoch = site, epoch
        self.traffic: dict[str, RobotTraffic] = {}
        self.touched: set[str] = set()
        self._gone: set[str] = set()
        self._saved: Mapping[str, Any] = {}
        self._held: set[tuple[str, int]] = set()
        self._outgoing: list[Message] = []
        self._plains: dict[tuple[str, str], tuple[Any, dict[str, Any] | None]] = {}

    # --- reading --------------------------------------------------------------------------------------------------

    def recorded(self) -> SiteTraffic | None:
        """What was recorded for a restart. Raises StaleEpoch when a leader after us wrote it."""
        kept = SiteTraffic.objects.filter(site=self.site).select_related("layout").first()
        if kept is not None and kept.epoch > self.epoch:
            raise StaleEpoch(f"the floor of {self.site.slug} was written in epoch {kept.epoch}; ours is {self.epoch}")
        return kept

    def load(self, saved: Mapping[str, Any]) -> dict[str, Order]:
        """Read everything back, `saved` being the snapshot as recorded; the last order sent to each robot."""
        found = RobotTraffic.objects.select_related("robot__type").filter(robot__site=self.site)
        self.traffic = {row.robot.serial: row for row in found}
        self._held = set(ResourceHold.objects.filter(site=self.site).values_list("resource", "robot_id"))
        self._saved = saved
        self.touched, self._gone, self._outgoing = set(), set(), []
        orders: dict[str, Order] = {}
        for serial, row in self.traffic.items():
            order = _order_of(row)
            if order is not None:
                orders[serial] = order
        return orders

    # --- changes --------------------------------------------------------------------------------------------------

    def send(self, kind: str, key: str, payload: dict[str, Any]) -> None:
        """Queue a message for the outbox; `save` writes all of a cycle at once."""
        self._outgoing.append(Message(kind=kind, key=key, payload=payload))

    def left(self, serial: str) -> None:
        """The robot is no longer in traffic: its row says so and its holdings go."""
        self._gone.add(serial)
        self.touched.add(serial)

    def forget_holds(self) -> None:
        """The layout changed, and with it the names of all resources."""
        ResourceHold.objects.filter(site=self.site).delete()
        self._held = set()

    # --- writing --------------------------------------------------------------------------------------------------

    def save(self, floor: Floor, now: datetime) -> list[str]:
        """Write what changed; returns the serials whose rows changed. Inside the caller's transaction."""
        snapshot = floor.snapshot()
        self._save_holds(floor, now)
        changed = [serial for serial in floor.traffic.robots if self._fill(floor, serial, now)]
        changed += [serial for serial in sorted(self._gone) if self._clear(floor, serial, now)]
        if changed:
            RobotTraffic.objects.bulk_create(
                [self.traffic[serial] for serial in changed],
                update_conflicts=True,
                unique_fields=["robot"],
                update_fields=TRAFFIC_COLUMNS,
            )
        if snapshot != self._saved:
            self._save_site(floor, snapshot, now)
        if self._outgoing:
            post_all(self._outgoing)
        self.touched, self._gone, self._outgoing = set(), set(), []
        return changed

    def _save_site(self, floor: Floor, snapshot: Mapping[str, Any], now: datetime) -> None:
        row = {"layout": floor.version, "snapshot": snapshot, "epoch": self.epoch, "updated_at": now}
        if not SiteTraffic.objects.filter(site=self.site, epoch__lte=self.epoch).update(**row):
            if SiteTraffic.objects.filter(site=self.site).exists():
                raise StaleEpoch(f"the floor of {self.site.slug} was written by a leader after us ({self.epoch})")
            SiteTraffic.objects.create(site=self.site, **row)
        self._saved = snapshot

    def _fill(self, floor: Floor, serial: str, now: datetime) -> bool:
        row, state, names = self.traffic[serial], floor.traffic.robots[serial], floor.traffic.road.names
        fresh = {
            "base": [{"seq": state.first + 2 * i, "node": names[n]} for i, n in enumerate(state.base)],
            "horizon": floor.horizon(serial),
            "goal": "" if state.goal is None else names[state.goal],
            "leg": self._plain(serial, "leg", floor.legs.get(serial)),
            "waiting": self._plain(serial, "waiting", state.wait),
        }
        if serial not in self.touched and all(getattr(row, key) == value for key, value in fresh.items()):
            return False
        for key, value in fresh.items():
            setattr(row, key, value)
        row.epoch, row.updated_at = self.epoch, now
        return True

    def _plain(self, serial: str, name: str, value: Any) -> dict[str, Any] | None:
        """A frozen dataclass as JSON; worked out anew only when it is another one, for most stay as they were."""
        known = self._plains.get((serial, name))
        if known is None or known[0] is not value:
            known = self._plains[serial, name] = value, None if value is None else asdict(value)
        return known[1]

    def _clear(self, floor: Floor, serial: str, now: datetime) -> bool:
        if serial in floor.traffic.robots or serial not in self.traffic:
            return False
        row = self.traffic[serial]
        row.base, row.horizon, row.goal, row.leg, row.waiting = [], [], "", None, None
        row.epoch, row.updated_at = self.epoch, now
        return True

    def _save_holds(self, floor: Floor, now: datetime) -> None:
        """One row per held resource: free ones are deleted before new ones are inserted."""
        if not self.touched:
            return
        names, held_by = floor.traffic.road.resources, floor.traffic.ledger.held
        ids = {serial: self.traffic[serial].robot_id for serial in self.touched if serial in self.traffic}
        pks = set(ids.values())
        held = {hold for hold in self._held if hold[1] in pks}
        shared = floor.traffic.road.capacities
        wanted = {(names[r], pk) for serial, pk in ids.items() for r in held_by(serial) if r not in shared}
        for resource, room in shared.items():
            inside = {pk for serial, pk in ids.items() if resource in held_by(serial)}
            wanted |= self._slots(names[resource], room, inside, pks)
        if gone := held - wanted:
            ResourceHold.objects.filter(site=self.site, resource__in=[resource for resource, _ in gone]).delete()
        if new := sorted(wanted - held):
            ResourceHold.objects.bulk_create(
                ResourceHold(site=self.site, resource=resource, robot_id=pk, epoch=self.epoch, since=now)
                for resource, pk in new
            )
        self._held = (self._held - held) | wanted

    def _slots(self, name: str, room: int, inside: set[int], touched: set[int]) -> set[tuple[str, int]]:
        """Holds of a zone for several robots: a row for each of its places, so that one too many is refused too."""
        places = [name, *(f"{name}#{number}" for number in range(2, room + 1))]
        given = {place: pk for place, pk in self._held if place in places and (pk in inside or pk not in touched)}
        free = [place for place in places if place not in given]
        for pk in sorted(inside - set(given.values())):
            given[free.pop(0) if free else name] = pk
        return {(place, pk) for place, pk in given.items() if pk in inside}


def _order_of(row: RobotTraffic) -> Order | None:
    """The order as sent, in the words of the robot's version; those of another one if its type was changed since."""
    for version in dict.fromkeys((row.robot.type.protocol, "2.1.0", "3.0.0")) if row.order is not None else ():
        try:
            order = decode_body(Topic.ORDER, row.order, version)
        except LocalProtocolError:
            continue
        return order if isinstance(order, Order) else None
    return None
