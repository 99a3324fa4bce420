"""Who joins, and what was refused at the broker: each decided by a person, written down, told to whom it concerns.

A robot that appears is not trusted. Its login lets it say that it is there, and nothing else; somebody who may
configure the site looks at what it says of itself, gives it a type, and from then on it may be sent orders. Passwords
are derived from one secret of the installation, so none is kept: what is shown is shown because somebody asked, and the
ledger says who. Keys of programs admit nobody: a person has to have looked at the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.ledger import services as ledger
from fleet.supervisor.broker_rules import FLEET, check_user, robot_password
from fleet.supervisor.errors import ServiceError

from . import joining, services
from .broker import certificates, roster
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.topics import valid_id, valid_level
from .errors import JoinConflict, JoinRefused
from .live import page_changed
from .models import BrokerRefusal, JoinRequest, Robot, RobotType
from .snapshots import layout_in_force

OPEN_REFUSALS_EACH = 20
"""Rows kept for one login until somebody looks; beyond it they are counted together."""
MANY = "(many topics)"
MOST_SHOWN = 200
MOST_COUNTED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Login:
    """What to enter in the robot. `known`: the broker knows it already; False from the next start on, None by files."""

    broker: str
    user: str
    password: str
    topics: str
    version: str
    known: bool | None


# --- joining ----------------------------------------------------------------------------------------------------------


def admit(
    *,
    request: JoinRequest,
    site: Site,
    kind: RobotType,
    name: str,
    actor: Actor,
    consent: str,
    now: datetime,
    login: str = "",
    certificate: str = "",
    aliases: Sequence[str] = (),
    home: str = "",
) -> Robot:
    """Make it a robot of the site. `consent` is the `Look.consent` that the person was shown.

    JoinRefused names everything that stands against it; JoinConflict: decided already, or what it says has changed
    since it was shown, or its place is another robot's. Without a known position on the layout it is out of service.
    """
    if actor.kind != "person":
        raise JoinRefused("A program cannot admit a robot: a person has to have looked at it.")
    login = login.strip() or roster.possible_login(request.serial)
    fingerprint = _fingerprint(certificate)
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        request = JoinRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if not joining.open_requests().filter(pk=request.pk).exists():
            raise JoinConflict(f"{request.serial} does not wait any more: it is {request.state}.")
        look = joining.look(request, kind, site, now)
        if look.blocking:
            texts = [finding.text for finding in look.blocking]
            stands = any(finding.code == "position" for finding in look.blocking)
            raise (JoinConflict if stands else JoinRefused)(" ".join(texts), problems=texts)
        if consent != look.consent:
            raise JoinConflict("What it says of itself has changed since it was shown. Look again.")
        _check_login(login)
        _check_home(home, site)
        robot = services.register_robot(
            site=site, kind=kind, serial=request.serial, manufacturer=request.manufacturer,
            name=name.strip() or request.serial, aliases=list(aliases), home=home, actor=actor,
        )  # fmt: skip
        robot.login = login if login != robot.serial else ""
        robot.certificate, robot.in_service = fingerprint, look.localized
        robot.save(update_fields=["login", "certificate", "in_service"])
        _decide(request, "admitted", actor, now, robot=robot)
        after = {
            "serial": robot.serial, "type": kind.slug, "login": login, "certificate": fingerprint,
            "in_service": robot.in_service, "seen": [finding.text for finding in look.findings],
        }  # fmt: skip
        ledger.record(action="robot.admitted", actor=actor, site=site, target=("robot", robot.public_id), after=after)
        transaction.on_commit(partial(roster.let_in, robot), robust=True)
    return robot


def refuse(*, request: JoinRequest, actor: Actor, site: Site, reason: str, now: datetime) -> JoinRequest:
    """Send it away: it is not shown as waiting any more, and its login for joining ends. A reason is required."""
    if not reason.strip():
        raise JoinRefused("Say why the robot is refused.")
    with transaction.atomic():
        request = JoinRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if not joining.open_requests().filter(pk=request.pk).exists():
            raise JoinConflict(f"{request.serial} does not wait any more: it is {request.state}.")
        _decide(request, "refused", actor, now, reason=reason.strip()[:300])
        _record_decision("robot.join_refused", request, actor, site, reason)
        transaction.on_commit(partial(roster.shut_out, request.serial, request.manufacturer), robust=True)
    return request


def reconsider(*, request: JoinRequest, actor: Actor, site: Site, now: datetime) -> JoinRequest:
    """Let a refused robot wait again; by its serial number it may ask to join, where that can be its login."""
    with transaction.atomic():
        request = JoinRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if request.state != "refused":
            raise JoinConflict(f"{request.serial} is {request.state}, not refused.")
        _decide(request, "waiting", actor, now)
        _record_decision("robot.join_reconsidered", request, actor, site, "")
        if _may_be_invited(request.serial):
            transaction.on_commit(partial(roster.let_knock, request.serial, request.manufacturer), robust=True)
    return request


def invite(*, serial: str, manufacturer: str, actor: Actor | str, site: Site | None = None) -> Login:
    """A login with which a robot may ask to join, under this serial number only; it stays its login once admitted.

    Raises JoinRefused for what cannot be a serial number, a maker or a login, and for a robot that is registered.
    """
    if not valid_id(serial):
        raise JoinRefused("A serial number has letters, digits and _ . : - only.")
    if manufacturer and not valid_level(manufacturer):
        raise JoinRefused("A manufacturer has no / $ + # in it.")
    if Robot.objects.filter(serial=serial).exists():
        raise JoinRefused(f"{serial} is registered already.")
    login = roster.possible_login(serial)
    if login != serial:
        raise JoinRefused(f"{serial!r} cannot be a user name at the broker: register it by hand, with another login.")
    _check_login(login)
    with transaction.atomic():
        after = {"serial": serial, "manufacturer": manufacturer}
        ledger.record(action="robot.invited", actor=actor, site=site or "", target=("login", login), after=after)
    known = roster.let_knock(serial, manufacturer)
    prefix = f"…/{manufacturer or '…'}/{serial}/…"
    return Login(_address(), login, robot_password(roster.secret(), login), prefix, "", known)


def credentials(*, robot: Robot, actor: Actor | str) -> Login:
    """What to enter in the robot (fetched with type and site). The ledger keeps who asked.

    Raises JoinRefused when its maker or serial number cannot be part of a topic.
    """
    try:
        access = roster.access_of(robot)
    except LocalProtocolError as error:
        raise JoinRefused(str(error)) from error
    ledger.record(action="robot.credentials_shown", actor=actor, site=robot.site, target=("robot", robot.public_id))
    password = "" if robot.certificate else roster.password_of(robot)
    known = roster.let_in(robot)
    return Login(_address(), access.login, password, f"{access.prefixes[0]}/…", robot.type.protocol, known)


def _decide(
    request: JoinRequest, state: str, actor: Actor, now: datetime, *, robot: Robot | None = None, reason: str = ""
) -> None:
    request.state, request.robot, request.reason = state, robot, reason
    request.decided_at, request.decided_by = now, actor.name
    request.save(update_fields=["state", "robot", "reason", "decided_at", "decided_by"])
    for site_id in Site.objects.values_list("pk", flat=True):
        page_changed(site_id, "robots", "attention")


def _record_decision(action: str, request: JoinRequest, actor: Actor, site: Site, reason: str) -> None:
    after = {"serial": request.serial, "manufacturer": request.manufacturer}
    target = ("join_request", request.public_id)
    ledger.record(action=action, actor=actor, site=site, target=target, after=after, reason=reason)


def _fingerprint(given: str) -> str:
    try:
        return certificates.fingerprint(given) if given.strip() else ""
    except ValueError as error:
        raise JoinRefused(str(error)) from error


def _check_login(login: str) -> None:
    try:
        check_user(login)
    except ServiceError as error:
        raise JoinRefused(str(error)) from error
    other = Robot.objects.filter(Q(login=login) | Q(login="", serial=login)).first()
    if other is not None:
        raise JoinRefused(f"{other.name} logs in as {login} already: give this robot another login.")


def _may_be_invited(serial: str) -> bool:
    """Whether the serial number is free to be a login with which to ask; an invitation has no other."""
    try:
        _check_login(serial)
    except JoinRefused:
        return False
    return not Robot.objects.filter(serial=serial).exists()


def _check_home(home: str, site: Site) -> None:
    found = layout_in_force(site)
    if home and (found is None or home not in {node.id for node in found[1].nodes}):
        raise JoinRefused(f"The layout in force has no node {home}.")


def _address() -> str:
    """Where robots reach the broker, without anybody's login."""
    parts = urlsplit(settings.MQTT_ROBOT_URL or settings.MQTT_URL)
    port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    return f"{parts.scheme}://{parts.hostname}:{port}"


# --- what the broker refused ------------------------------------------------------------------------------------------


def record_refusal(
    kind: str, user: str, topic: str, at: datetime | None = None, robot: Robot | None = None, count: int = 1
) -> BrokerRefusal:
    """Somebody did at the broker what he may not. Counted while nobody has looked; the first goes into the ledger.

    `kind` publish, subscribe, login or identity. `at`: when, else now. `robot`: who did it, where the caller knows;
    else by the login. Whatever stands in the texts: they come from whoever can reach the broker.
    """
    at = at or timezone.now()
    kind, user, topic = _kept(kind, 16), _kept(user, 128), _kept(topic, 300)
    robot = robot or _robot_of(user)
    with transaction.atomic():
        row, new = _counted(kind, user, topic, at, robot, min(max(1, count), MOST_COUNTED))
        sites = concerned(row)
        for site in sites:
            page_changed(site.pk, "attention")
        if new:
            ledger.record(
                action=f"broker.{kind}_refused",
                actor=f"robot:{robot.serial}" if robot else f"broker:{user}",
                site=sites[0] if len(sites) == 1 else "",
                target=("broker_refusal", row.public_id),
                after={"user": user, "topic": row.topic},
                result="refused",
                at=at,
            )
    return row


def seen(*, refusal: BrokerRefusal, actor: Actor, site: Site, now: datetime) -> BrokerRefusal:
    """A person has looked at it; when it happens again it is raised again."""
    with transaction.atomic():
        refusal = BrokerRefusal.objects.select_for_update(no_key=True).get(pk=refusal.pk)
        if refusal.seen_at is None:
            refusal.seen_at, refusal.seen_by = now, actor.name
            refusal.save(update_fields=["seen_at", "seen_by"])
            for each in concerned(refusal):
                page_changed(each.pk, "attention")
            ledger.record(
                action="broker.refusal_seen",
                actor=actor,
                site=site,
                target=("broker_refusal", refusal.public_id),
                after={"user": refusal.user, "topic": refusal.topic, "count": refusal.count},
            )
    return refusal


def concerned(refusal: BrokerRefusal) -> list[Site]:
    """The sites of whoever did it and of whom it was done to; all of them when that is nobody we know."""
    found = {robot.site for robot in (refusal.robot, victim_of(refusal)) if robot is not None}
    return sorted(found, key=lambda site: site.slug) or list(Site.objects.order_by("slug"))


def victim_of(refusal: BrokerRefusal) -> Robot | None:
    """The robot whose topic it was, if it was another's."""
    serial = _serial_in(refusal)
    return Robot.objects.filter(serial=serial).select_related("site").first() if serial else None


def _serial_in(refusal: BrokerRefusal) -> str:
    """The serial number in its topic, unless it is its own; "" for none."""
    levels = refusal.topic.split("/")
    own = refusal.robot is not None and len(levels) > 1 and levels[-2] == refusal.robot.serial
    return "" if len(levels) < 4 or own else levels[-2]


def unseen(site: Site) -> list[tuple[BrokerRefusal, Robot | None]]:
    """What nobody has looked at yet and concerns the site, newest first, with whom it was done to. Two queries."""
    rows = list(BrokerRefusal.objects.filter(seen_at__isnull=True).select_related("robot", "robot__site")[:MOST_SHOWN])
    serials = {serial for row in rows if (serial := _serial_in(row))}
    victims = {robot.serial: robot for robot in Robot.objects.filter(serial__in=serials).select_related("site")}
    found = [(row, victims.get(_serial_in(row))) for row in rows]
    return [(row, victim) for row, victim in found if _concerns(site, row.robot, victim)]


def _concerns(site: Site, *robots: Robot | None) -> bool:
    sites = {robot.site_id for robot in robots if robot is not None}
    return not sites or site.pk in sites


def _counted(
    kind: str, user: str, topic: str, at: datetime, robot: Robot | None, count: int
) -> tuple[BrokerRefusal, bool]:
    """The open row, counted up or new, and whether it is new."""
    rows = BrokerRefusal.objects.filter(kind=kind, user=user, seen_at__isnull=True)
    if not rows.filter(topic=topic).exists() and rows.count() >= OPEN_REFUSALS_EACH:
        topic = MANY
    for _ in range(2):  # two links may hear of it at once: whoever loses the insert counts up
        if rows.filter(topic=topic).update(count=Least(F("count") + count, MOST_COUNTED), last_at=at):
            return rows.select_related("robot", "robot__site").get(topic=topic), False
        try:
            with transaction.atomic():
                values: dict[str, Any] = {"robot": robot, "first_at": at, "last_at": at, "count": count}
                return BrokerRefusal.objects.create(kind=kind, user=user, topic=topic, **values), True
        except IntegrityError:
            continue
    return rows.select_related("robot", "robot__site").get(topic=topic), False


def _kept(text: str, length: int) -> str:
    """As a database can keep it: no NUL, no half surrogate."""
    return text[:length].replace("\x00", "�").encode("utf-8", "replace").decode()


def _robot_of(user: str) -> Robot | None:
    if not user or user == FLEET:
        return None
    return Robot.objects.filter(Q(login=user) | Q(login="", serial=user)).select_related("site").first()
