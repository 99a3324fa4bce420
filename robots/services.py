"""What people and programs change about robots and layouts: one verb, one function, one transaction, one entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from fleet.accounts.models import Site, User
from fleet.accounts.rights import Actor
from fleet.ledger import services as ledger
from fleet.ledger.models import Entry
from fleet.outbox.services import notify

from . import auditing
from .commanding import command as command
from .core.layout import Layout, LayoutError, layout_from_json, layout_hash, layout_to_json, validate_layout
from .core.lif import LifError, from_lif, to_lif
from .core.vda5050.topics import valid_id, valid_level
from .errors import LayoutNotSafe, LayoutRefused, RobotRefused
from .live import page_changed
from .models import LayoutVersion, Robot, RobotState, RobotType
from .snapshots import layout_in_force, layout_of
from .stop_ledger import DISPATCH_CHANNEL
from .types import add_type as add_type


def import_layout(
    *, site: Site, document: Mapping[str, Any], actor: Actor | str, user: User | None = None, note: str = ""
) -> tuple[LayoutVersion, list[str]]:
    """Add a version from our JSON or from LIF 1.0; returns it and the warnings. Not published.

    The same layout again gives the version that is there. Raises LayoutRefused, naming every fault.
    """
    layout, warnings = read_layout(document)
    found = LayoutVersion.objects.filter(site=site, hash=layout_hash(layout)).first()
    if found is not None:
        return found, warnings
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        last = LayoutVersion.objects.filter(site=site).aggregate(last=Max("number"))["last"] or 0
        version = LayoutVersion.objects.create(
            site=site,
            number=last + 1,
            document=layout_to_json(layout),
            hash=layout_hash(layout),
            note=note[:200],
            created_by=user,
        )
        version.audit = auditing.audit_version(version)
        version.save(update_fields=["audit"])
        after = {"number": version.number, "hash": version.hash, "warnings": warnings[:50], **_verdict(version.audit)}
        ledger.record(
            action="layout.imported", actor=actor, site=site, target=("layout", version.public_id), after=after
        )
    return version, warnings


def read_layout(document: Mapping[str, Any]) -> tuple[Layout, list[str]]:
    """The layout of a document in our JSON or LIF 1.0, with warnings. Raises LayoutRefused."""
    warnings: list[str] = []
    try:
        if "layouts" in document or "metaInformation" in document:
            layout, warnings = from_lif(document)
        else:
            layout = layout_from_json(document)
    except (LayoutError, LifError) as error:
        raise LayoutRefused("The layout cannot be read.", problems=[str(error)]) from error
    if problems := validate_layout(layout):
        raise LayoutRefused("The layout cannot be driven.", problems=problems)
    return layout, warnings


def publish_layout(*, version: LayoutVersion, actor: Actor | str, accept_limit: int | None = None) -> LayoutVersion:
    """Put a version in force. An older one comes back as a new one, so that the newest number is always in force.

    Where the audit does not pass for the robots in service, `accept_limit` must name the number for which it does: so
    many, and no more, drive at once then. Raises LayoutNotSafe if it is missing, another number, or not needed.
    """
    with transaction.atomic():
        site = Site.objects.select_for_update(no_key=True).get(pk=version.site_id)
        verdict = auditing.audit_version(version)
        _check_limit(verdict, accept_limit)
        newest = LayoutVersion.objects.filter(site=site).first()
        if version.published_at is not None and newest is not None and newest.pk != version.pk:
            version = LayoutVersion.objects.create(
                site=site,
                number=newest.number + 1,
                document=version.document,
                hash=version.hash,
                note=f"Version {version.number} again",
            )
        before = LayoutVersion.objects.filter(site=site, published_at__isnull=False).first()
        version.published_at = timezone.now()
        version.audit = verdict
        version.accepted_limit = accept_limit if verdict["verdict"] == "refused" else None
        version.save(update_fields=["published_at", "audit", "accepted_limit"])
        notify(DISPATCH_CHANNEL, str(site.pk))
        page_changed(site.pk, "layout", "attention")
        after = {"number": version.number, "hash": version.hash, **_verdict(verdict)}
        if version.accepted_limit is not None:
            after["accepted_limit"] = version.accepted_limit
        ledger.record(
            action="layout.published",
            actor=actor,
            site=site,
            target=("layout", version.public_id),
            before={"number": before.number} if before else None,
            after=after,
        )
    return version


def _verdict(audit: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of an audit."""
    return {"audit": {key: audit[key] for key in ("verdict", "fleet", "safe_robots")}}


def _check_limit(verdict: Mapping[str, Any], accept_limit: int | None) -> None:
    safe, fleet = verdict["safe_robots"], verdict["fleet"]
    if verdict["verdict"] != "refused":
        if accept_limit not in (None, safe):
            raise LayoutNotSafe(
                f"This layout is safe for all {fleet} robots in service; there is no limit of {accept_limit} to accept."
            )
        return
    if accept_limit == safe and safe > 0:
        return
    problems = list(verdict["findings"])
    if verdict["advice"]:
        problems.append(verdict["advice"]["text"])
    named = "" if accept_limit is None else f", not {accept_limit}"
    raise LayoutNotSafe(
        f"On this layout {fleet} robots can lock up, {safe} cannot. Accept the limit of {safe} at once"
        f"{named}, or change the layout first.",
        problems=problems,
    )


def export_lif(version: LayoutVersion) -> dict[str, Any]:
    """The version as a LIF 1.0 document (zones, racks and walls have no place in LIF)."""
    types = RobotType.objects.order_by("slug").values_list("slug", flat=True)
    created = (version.published_at or version.created_at).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return to_lif(layout_of(version), vehicle_types=tuple(types) or ("any",), created=created)


def register_robot(
    *,
    site: Site,
    kind: RobotType,
    serial: str,
    manufacturer: str,
    name: str,
    actor: Actor | str,
    aliases: Sequence[str] = (),
    home: str = "",
) -> Robot:
    """Admit a robot. Raises RobotRefused for an id that no VDA 5050 topic takes, or a serial or name that is taken.

    A fleet that outgrows its layout is no reason to refuse: see `auditing.warning`.
    """
    if not valid_id(serial) or not valid_level(manufacturer):
        raise RobotRefused("A serial number has letters, digits and _ . : - only; a manufacturer no / $ + #.")
    try:
        with transaction.atomic():
            Site.objects.select_for_update(no_key=True).get(pk=site.pk)
            last = Robot.objects.filter(site=site).aggregate(last=Max("live_index"))["last"]
            robot = Robot.objects.create(
                site=site,
                type=kind,
                serial=serial,
                manufacturer=manufacturer,
                name=name,
                aliases=list(aliases),
                home=home,
                live_index=0 if last is None else last + 1,
            )
            if namesake := Robot.objects.filter(site=site, name__iexact=name).exclude(pk=robot.pk).first():
                raise RobotRefused(f"{namesake.serial} is called {namesake.name} already; give it another name.")
            after = {"serial": serial, "manufacturer": manufacturer, "type": kind.slug, "name": name}
            auditing.refresh(site)
            page_changed(site.pk, "robots")
            ledger.record(
                action="robot.registered", actor=actor, site=site, target=("robot", robot.public_id), after=after
            )
    except IntegrityError as error:
        raise RobotRefused(f"{serial} is registered already; a serial number is given once, at any site.") from error
    return robot


def set_in_service(*, robot: Robot, in_service: bool, actor: Actor | str, reason: str = "") -> Robot:
    """Take a robot out of service or back. It finishes what it does; nothing new is given to it.

    Raises RobotRefused for one that was admitted out of service, until it is known where it stands.
    """
    with transaction.atomic():
        robot = Robot.objects.select_for_update(no_key=True).select_related("site").get(pk=robot.pk)
        if robot.in_service == in_service:
            return robot
        if in_service and _newly_admitted(robot) and (why := _without_place(robot)):
            raise RobotRefused(why)
        robot.in_service = in_service
        robot.save(update_fields=["in_service"])
        auditing.refresh(robot.site)
        notify(DISPATCH_CHANNEL, str(robot.site_id))
        page_changed(robot.site_id, "robots", f"robot:{robot.public_id}")
        ledger.record(
            action="robot.in_service" if in_service else "robot.out_of_service",
            actor=actor,
            site=robot.site,
            target=("robot", robot.public_id),
            before={"in_service": not in_service},
            after={"in_service": in_service},
            reason=reason,
        )
    return robot


def _newly_admitted(robot: Robot) -> bool:
    """Whether it was admitted out of service, because its place was not known, and has been so since."""
    acts = ("robot.admitted", "robot.in_service", "robot.out_of_service")
    rows = Entry.objects.filter(target_kind="robot", target_id=robot.public_id, action__in=acts, result="done")
    last = rows.order_by("-seq").first()
    return last is not None and last.action == "robot.admitted"


def _without_place(robot: Robot) -> str:
    """Why its place on the floor is not known and what to do about it, or ""."""
    state = RobotState.objects.filter(robot=robot).first()
    if state is None or state.state_at is None:
        return (
            f"{robot.name} has not said anything since it was admitted: enter its login, switch it on and wait until "
            "its page shows its position, then put it in service."
        )
    if not state.localized:
        return (
            f"{robot.name} does not know where it is: bring it onto a node of the layout and set its position at the "
            "robot or with the command for it, then put it in service."
        )
    known = layout_in_force(robot.site)
    if known is not None and state.map_id and known[1].map_id and state.map_id != known[1].map_id:
        return (
            f"{robot.name} is on the map {state.map_id}, the layout in force is of {known[1].map_id}: switch its map "
            "or publish the layout of that floor, then put it in service."
        )
    return ""
