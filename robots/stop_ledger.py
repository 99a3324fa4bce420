"""What the stop path tells the database afterwards: latches, confirmations, the command log, the ledger.

Runs on the stop path's own thread and may be repeated after a crash: each act is recorded once, judged by the rows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from fleet.accounts.models import Site
from fleet.ledger import services as ledger
from fleet.outbox.services import notify

from .core.stops import action_id
from .live import page_changed
from .models import Command, Robot, StopLatch
from .stop_journal import Act

DISPATCH_CHANNEL = "yardmaster_dispatch"


def tell(acts: list[Act], confirmed: dict[str, dict[str, float]]) -> None:
    """One transaction for all. Raises django.db.Error; the caller tries again."""
    with transaction.atomic():
        sites: set[int] = set()
        for latch_id, times in confirmed.items():
            _confirm(latch_id, times, sites)
        records = [record for act in acts if (record := _apply(act, sites)) is not None]
        for site in sites:
            notify(DISPATCH_CHANNEL, str(site))
            page_changed(site, "stop", "attention")
        for record in records:  # last: the ledger's lock is held until the commit
            ledger.record(**record)


def _apply(act: Act, sites: set[int]) -> dict[str, Any] | None:
    if act["t"] == "opened":
        return _opened(act["latch"], sites)
    latch = StopLatch.objects.select_for_update(no_key=True).filter(public_id=act["id"]).select_related("site").first()
    if latch is None:
        return None
    sites.add(latch.site_id)
    if act["t"] == "extended":
        new = [serial for serial in act["serials"] if serial not in latch.serials]
        latch.serials, latch.held = [*latch.serials, *new], [*latch.held, *new]
        latch.save(update_fields=["serials", "held"])
        return None
    return _released(latch, act)


def _opened(data: dict[str, Any], sites: set[int]) -> dict[str, Any] | None:
    site = Site.objects.filter(slug=data["site"]).first()
    if site is None or StopLatch.objects.filter(public_id=data["id"]).exists():
        return None
    at = _time(data["at"])
    StopLatch.objects.create(
        public_id=data["id"],
        site=site,
        scope=data["scope"],
        zone=data["zone"],
        serials=data["serials"],
        held=data["held"],
        requested_at=at,
        requested_by=_name(data["by"]),
        reason=data["reason"][:300],
    )
    if data["scope"] == "robot":
        for serial in data["serials"]:
            _command("hold", site, serial, action_id(data["id"], serial), _name(data["by"]), data["reason"], at)
    sites.add(site.pk)
    after = {"scope": data["scope"], "zone": data["zone"], "robots": data["serials"]}
    return _record("stop.requested", data["by"], site, data["id"], at, data["reason"]) | {"after": after}


def _released(latch: StopLatch, act: Act) -> dict[str, Any] | None:
    gone = [serial for serial in act["serials"] if serial in latch.held]
    if not gone:
        return None
    at = _time(act["at"])
    latch.held = [serial for serial in latch.held if serial not in gone]
    if not latch.held:
        latch.released_at, latch.released_by, latch.release_reason = at, _name(act["by"]), act["reason"][:300]
    latch.save(update_fields=["held", "released_at", "released_by", "release_reason"])
    if latch.scope == "robot":
        for serial in gone:
            ident = f"{act['resume']}.{serial}.0"
            _command("resume", latch.site, serial, ident, _name(act["by"]), act["reason"], at)
    after = {"scope": latch.scope, "robots": gone, "still_held": latch.held}
    return _record("stop.resumed", act["by"], latch.site, latch.public_id, at, act["reason"]) | {"after": after}


def _confirm(latch_id: str, times: dict[str, float], sites: set[int]) -> None:
    latch = StopLatch.objects.select_for_update(no_key=True).filter(public_id=latch_id).first()
    if latch is None:
        return
    confirmed = {serial: _time(at).isoformat() for serial, at in times.items()}
    if confirmed != latch.confirmed:
        latch.confirmed = confirmed
        latch.save(update_fields=["confirmed"])
        sites.add(latch.site_id)


def _command(kind: str, site: Site, serial: str, ident: str, actor: str, reason: str, at: datetime) -> None:
    """A row of the command log for what the stop path has sent itself; link follows it from there."""
    robot = Robot.objects.filter(site=site, serial=serial).first()
    if robot is not None:
        said = {"actor": actor, "reason": reason[:300]}
        defaults = {"robot": robot, "kind": kind, "state": "sent", "sent_at": at, **said}
        Command.objects.get_or_create(action_id=ident[:64], defaults=defaults)


def _record(action: str, by: str, site: Site, ident: str, at: datetime, reason: str) -> dict[str, Any]:
    kind, _, rest = by.partition(":")
    actor_id, _, name = rest.partition(":")
    actor = _Who(kind, actor_id, name or actor_id)
    return {"action": action, "actor": actor, "site": site, "target": ("stop", ident), "reason": reason, "at": at}


class _Who:
    def __init__(self, kind: str, ident: str, name: str) -> None:
        self.kind, self.id, self.name = kind, ident, name


def _name(by: str) -> str:
    """`person:7:anna` -> `anna`; the journal keeps kind and id beside the name."""
    return by.split(":", 2)[-1][:150]


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
