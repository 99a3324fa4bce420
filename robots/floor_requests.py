"""What people and door controllers ask of the floor: written here, carried out by the dispatch leader.

Two kinds free what was granted without evidence from the robot (`free_ahead`, `retire`). They need two persons: the
second confirms within ten minutes, and dispatch leaves them alone until then. Everything asked, confirmed and
withdrawn stands in the audit ledger with who and why.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor, can
from fleet.ledger import services as ledger
from fleet.outbox.services import notify

from .core.layout import NO_ENTRY_KINDS, Layout
from .core.status import ACTING_STATES
from .errors import FloorConflict, FloorRefused, FloorUnknown
from .floor_state import FloorView, floor_view
from .live import page_changed
from .models import FloorRequest, Robot, RobotState, RobotTraffic
from .snapshots import layout_in_force
from .stop_ledger import DISPATCH_CHANNEL

CONFIRM_WITHIN = timedelta(minutes=10)
APPLY_WITHIN = timedelta(minutes=1)
"""After the second person's word; a floor that dispatch did not lead for longer has to be looked at again."""
DOOR_KINDS = ("take_door", "give_back_door")
LEASE_S = (5, 3600)
BLOCK_S = (60, 12 * 3600)
MAX_REASON = 300


def right_for(kind: str) -> str:
    """The right that asking for `kind` needs: doors have controllers, everything else is a person's."""
    return "doors" if kind in DOOR_KINDS else "floor"


def who(actor: Actor) -> str:
    """How a request names its actor: kind, id and name, so that a key is never taken for a person of its name."""
    return f"{actor.kind}:{actor.id}:{actor.name}"[:150]


def name_of(actor: str) -> str:
    """The name in what `who` wrote."""
    return actor.split(":", 2)[-1]


def same_person(one: str, other: str) -> bool:
    """Whether two actors, as `who` wrote them, are one: by kind and id, since a name may change in between."""
    a, b = (actor.casefold().split(":", 2)[:2] for actor in (one, other))
    return [part.strip() for part in a] == [part.strip() for part in b]


def waiting(site: Site, now: datetime) -> QuerySet[FloorRequest]:
    """Requests that may still be carried out: not applied, not withdrawn, and not past their time to be confirmed."""
    fresh = Q(expires_at__isnull=True) | Q(confirmed_at__isnull=False) | Q(expires_at__gt=now)
    return FloorRequest.objects.filter(fresh, site=site, applied_at=None, withdrawn_at=None)


def open_requests(site: Site, now: datetime) -> list[FloorRequest]:
    """As `waiting`, oldest first."""
    return list(waiting(site, now).order_by("id"))


def state_of(request: FloorRequest, now: datetime) -> str:
    """One of: withdrawn, applied, waiting_for_second_person, expired, asked."""
    if request.withdrawn_at is not None:
        return "withdrawn"
    if request.applied_at is not None:
        return "applied"
    if request.kind not in FloorRequest.TWO_PERSONS or request.confirmed_at is not None:
        return "asked"
    over = request.expires_at is not None and request.expires_at <= now
    return "expired" if over else "waiting_for_second_person"


def ask(
    *, site: Site, kind: str, target: str, actor: Actor, now: datetime, data: dict[str, Any] | None = None,
    reason: str = "",
) -> FloorRequest:  # fmt: skip
    """Write a request down. `data`: {seconds} for take_door (its lease) and block, {at: node} for free_ahead.

    Raises FloorUnknown, FloorRefused or FloorConflict; the caller has checked the right (`right_for`).
    """
    reason = reason.strip()[:MAX_REASON]
    if kind not in FloorRequest.KINDS:
        raise FloorRefused(f"{kind} is nothing that can be asked of the floor.")
    if kind not in DOOR_KINDS and (actor.kind != "person" or not reason):
        raise FloorRefused("Only a signed-in person asks this." if actor.kind != "person" else "Say why.")
    if not can(actor, right_for(kind), site):
        raise FloorRefused("You have no role here that may ask this.")
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        _not_asked_yet(site, kind, target, actor, now)
        kept = _checked(site, kind, target, actor, data or {}, now)
        made = FloorRequest.objects.create(
            site=site, kind=kind, target=target, data=kept, actor=who(actor), reason=reason,
            expires_at=now + CONFIRM_WITHIN if kind in FloorRequest.TWO_PERSONS else None,
        )  # fmt: skip
        _tell(made)
        after = {"kind": kind, "target": target, "data": kept}
        ledger.record(
            action="floor.asked", actor=actor, site=site, target=("floor_request", made.public_id), after=after,
            reason=reason,
        )  # fmt: skip
    return made


def confirm(*, request: FloorRequest, actor: Actor, now: datetime, reason: str = "") -> FloorRequest:
    """The second person's word; `reason` is what they saw.

    Raises FloorConflict: the same person, too late, or settled already; FloorRefused: no right, no word of what was
    seen, or the robot itself says otherwise.
    """
    if actor.kind != "person" or not can(actor, "floor", request.site):
        raise FloorRefused("Only a signed-in person with the role for it confirms this.")
    with transaction.atomic():
        rows = FloorRequest.objects.select_for_update(of=("self",), no_key=True).select_related("site")
        found = rows.get(pk=request.pk)
        state = state_of(found, now)
        if found.kind not in FloorRequest.TWO_PERSONS:
            raise FloorConflict("This needs no second person.")
        if same_person(found.actor, who(actor)):
            raise FloorConflict("You asked for this yourself: a second, different person has to confirm it.")
        if state == "expired":
            raise FloorConflict("Nobody confirmed it within ten minutes. Look again and ask anew.")
        if state != "waiting_for_second_person":
            raise FloorConflict(_SETTLED[state])
        stands(found.site, found.target, now, found.kind)
        if not reason.strip():
            raise FloorRefused("Say what you saw.")
        found.confirmed_by, found.confirmed_at = who(actor), now
        found.save(update_fields=["confirmed_by", "confirmed_at"])
        _tell(found)
        after = {"kind": found.kind, "target": found.target, "data": found.data, "asked_by": found.actor}
        ledger.record(
            action="floor.confirmed", actor=actor, site=found.site, target=("floor_request", found.public_id),
            after=after, reason=reason.strip()[:MAX_REASON],
        )  # fmt: skip
    return found


def withdraw(*, request: FloorRequest, actor: Actor, now: datetime, reason: str = "") -> FloorRequest:
    """Take back what is not carried out yet. Raises FloorConflict when it is settled, FloorRefused for no right."""
    if not can(actor, right_for(request.kind), request.site):
        raise FloorRefused("You have no role here that may withdraw this.")
    with transaction.atomic():
        rows = FloorRequest.objects.select_for_update(of=("self",), no_key=True).select_related("site")
        found = rows.get(pk=request.pk)
        if found.actor != who(actor) and not can(actor, "floor", found.site):
            raise FloorRefused("Only who asked for it, or a supervisor, withdraws this.")
        state = state_of(found, now)
        if state in ("applied", "withdrawn"):
            raise FloorConflict(_SETTLED[state])
        found.withdrawn_at = now
        found.save(update_fields=["withdrawn_at"])
        _tell(found)
        ledger.record(
            action="floor.withdrawn", actor=actor, site=found.site, target=("floor_request", found.public_id),
            after={"kind": found.kind, "target": found.target}, reason=reason.strip()[:MAX_REASON],
        )  # fmt: skip
    return found


_SETTLED = {
    "asked": "It is confirmed already; dispatch carries it out.",
    "applied": "It is carried out already.",
    "withdrawn": "It was withdrawn.",
}


def _tell(request: FloorRequest) -> None:
    notify(DISPATCH_CHANNEL, str(request.site_id))
    names = ["floor", "attention"]
    if request.kind in FloorRequest.TWO_PERSONS:
        robot = Robot.objects.filter(site=request.site, serial=request.target).values_list("public_id", flat=True)
        names += [f"robot:{public_id}" for public_id in robot]
    page_changed(request.site_id, *names)


def _not_asked_yet(site: Site, kind: str, target: str, actor: Actor, now: datetime) -> None:
    """One request at a time for one thing; a lease may be asked for again by who holds it, that is how it goes on."""
    kinds = FloorRequest.TWO_PERSONS if kind in FloorRequest.TWO_PERSONS else (kind,)
    for other in waiting(site, now).filter(kind__in=kinds, target=target):
        if kind not in DOOR_KINDS or other.actor != who(actor):
            raise FloorConflict(f"{name_of(other.actor)} has asked for this already; it is not carried out yet.")


def _checked(site: Site, kind: str, target: str, actor: Actor, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What is kept of `data`. Raises when the target is unknown or the request means nothing as things stand."""
    if kind in FloorRequest.TWO_PERSONS:
        return _of_robot(site, kind, target, data, now)
    found = layout_in_force(site)
    if found is None:
        raise FloorRefused("This site has no published layout yet.")
    layout, state = found[1], floor_view(site, now)
    if kind in ("close_zone", "open_zone"):
        return _of_zone(kind, target, layout, state)
    if kind in DOOR_KINDS:
        return _of_door(kind, target, actor, data, state, now)
    if not any(target in (part.id for part in parts) for parts in (layout.nodes, layout.edges)):
        raise FloorUnknown(f"The layout has no node and no lane {target}.")
    if kind == "clear":
        if state.known and all(block.name != target for block in state.blocks):
            raise FloorRefused(f"{target} is not blocked.")
        return {}
    return {"until": now.timestamp() + _seconds(data, BLOCK_S)}


def _of_zone(kind: str, target: str, layout: Layout, state: FloorView) -> dict[str, Any]:
    zone = next((zone for zone in layout.zones if zone.id == target), None)
    if zone is None:
        raise FloorUnknown(f"The layout has no zone {target}.")
    if zone.kind in NO_ENTRY_KINDS:
        raise FloorRefused(f"{zone.name} is closed to robots by the layout; only a new layout changes that.")
    shut = next((seen.state for seen in state.zones if seen.id == target), "open") != "open"
    if state.known and shut == (kind == "close_zone"):
        raise FloorRefused(f"{zone.name} is closed already." if shut else f"{zone.name} is open already.")
    return {}


def _of_door(
    kind: str, target: str, actor: Actor, data: dict[str, Any], state: FloorView, now: datetime
) -> dict[str, Any]:
    door = next((door for door in state.doors if door.id == target), None)
    if door is None:
        raise FloorUnknown(f"The layout has no door {target}.")
    if kind == "take_door":
        if door.owner and door.owner != who(actor):
            raise FloorConflict(f"{door.name} is taken by {name_of(door.owner)}, who has to give it back first.")
        return {"owner": who(actor), "until": now.timestamp() + _seconds(data, LEASE_S)}
    if state.known and not door.owner:
        raise FloorRefused(f"Nobody has taken {door.name}.")
    if door.owner and door.owner != who(actor) and not can(actor, "floor", state.site):
        raise FloorConflict(f"{door.name} is taken by {name_of(door.owner)}; you cannot give it back.")
    return {"owner": door.owner or who(actor)}


def _of_robot(site: Site, kind: str, target: str, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    traffic = RobotTraffic.objects.select_related("robot").filter(robot__site=site, robot__serial=target).first()
    if traffic is None:
        if not Robot.objects.filter(site=site, serial=target).exists():
            raise FloorUnknown(f"There is no robot {target} at this site.")
        raise FloorRefused(f"{target} is not in traffic: it holds nothing that could be released.")
    stands(site, target, now, kind)
    if kind == "retire":
        return {}
    at, base = str(data.get("at", "")), [str(visit.get("node", "")) for visit in traffic.base]
    if at not in base:
        nodes = ", ".join(base) or "it has none"
        raise FloorUnknown(f"Say at which node of its released way {target} stands: {nodes}.")
    return {"at": at}


def stands(site: Site, serial: str, now: datetime, kind: str) -> None:
    """Raises FloorRefused while the robot itself says otherwise than the two people who saw it.

    One that moves is to be held first. One that reports at all is not retired: its next report would admit it again.
    """
    state = RobotState.objects.select_related("robot").filter(robot__site=site, robot__serial=serial).first()
    if state is None or state.state_at is None or state.connection != "online":
        return
    if (now - state.state_at).total_seconds() > settings.YARDMASTER["stale_state_s"]:
        return
    name = state.robot.name
    if state.driving or any(action.get("status") in ACTING_STATES for action in state.action_states):
        raise FloorRefused(f"{name} says that it moves or works: hold it first, then look again.")
    if kind == "retire":
        raise FloorRefused(f"{name} is online and reports from the floor; switch it off or take it away first")


def _seconds(data: dict[str, Any], limits: tuple[int, int]) -> float:
    given = data.get("seconds")
    least, most = limits
    if isinstance(given, bool) or not isinstance(given, int | float) or not least <= given <= most:
        raise FloorRefused(f"Say for how many seconds: {least} to {most}.")
    return float(given)
