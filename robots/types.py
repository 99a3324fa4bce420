"""Types of robots: added and changed by people, with a ledger entry each, and how their VDA 5050 differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor, can
from fleet.ledger import services as ledger
from fleet.outbox.models import Message
from fleet.outbox.services import notify

from . import auditing
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.quirk_row import EDITABLE, INTERFACES, columns_of, level_of, quirks_from
from .core.vda5050.quirks import VERSIONS, Completion, Quirks, short
from .core.vda5050.reports import ActionStatus
from .core.vda5050.topics import TopicScheme
from .core.vda5050.words import check_words
from .errors import TypeRefused
from .live import page_changed
from .models import Robot, RobotType
from .stop_ledger import DISPATCH_CHANNEL

PINNED = frozenset({"protocol", "interface", "major", "numeric_ids", "deviation_padding", "omit"})
"""What an order under way is written with: its ids, its topics, the stitching node that is resent unchanged (D41)."""
TOPICS = frozenset({"protocol", "interface", "major"})
MAX_LIST = 40
MAX_TEXT = 100
FINAL = (str(ActionStatus.FINISHED), str(ActionStatus.FAILED))


def quirks_of(kind: RobotType) -> Quirks:
    """How the type's VDA 5050 differs from the text. Raises LocalProtocolError for a row that was spoilt by hand."""
    return quirks_from(kind)


def add_type(*, slug: str, actor: Actor | str, **values: Any) -> RobotType:
    """A type of robot, by the columns of `RobotType`. Raises TypeRefused, naming every value that will not do.

    Where `interface` is not given it is the one of the version's own examples: `uagv`, for 3.0 `vda5050`.
    """
    protocol = whole_version(str(values.get("protocol") or "2.1.0"))
    values |= {"protocol": protocol, "interface": values.get("interface") or INTERFACES.get(protocol[0], "uagv")}
    kind = RobotType(slug=slug, **values)
    if found := _faults(kind) | _faults_of_type(kind):
        raise TypeRefused("The type cannot be added.", fields=found)
    with transaction.atomic():
        kind.save()
        plain = {name: getattr(kind, name) for name in ("name", "embodiment", "skills", "onboard")}
        ledger.record(
            action="robot_type.added", actor=actor, target=("robot_type", slug), after=plain | columns_of(kind)
        )
    return kind


def change_quirks(kind: RobotType, actor: Actor | str, *, reason: str = "", **values: Any) -> RobotType:
    """Change columns of `quirk_row.EDITABLE`; link and dispatch obey within 2 s. Nothing changed: nothing is written.

    Raises TypeRefused (fields: what is wrong with each value; or the robots that are under way), PermissionDenied for
    somebody who may not configure every site that has robots of the type.
    """
    if unknown := sorted(values.keys() - set(EDITABLE)):
        raise ValueError(f"{unknown[0]!r} is no quirk; they are {', '.join(EDITABLE)}")
    if "protocol" in values:
        values["protocol"] = whole_version(str(values["protocol"]))
    with transaction.atomic():
        kind = RobotType.objects.select_for_update(no_key=True).get(pk=kind.pk)
        sites = list(Site.objects.filter(robots__type=kind).distinct().order_by("slug"))
        demand_sites(actor, sites)
        before = columns_of(kind)
        for name, value in values.items():
            setattr(kind, name, value)
        if found := _faults(kind):
            raise TypeRefused("Nothing was changed.", fields=found)
        after = columns_of(kind)
        changed = [name for name in EDITABLE if before[name] != after[name]]
        if not changed:
            return kind
        _refuse_under_way(kind, changed)
        kind.save(update_fields=changed)
        if TOPICS & set(changed):
            _tell_broker(kind)
        if "deviation_padding" in changed:
            for site in sites:
                auditing.refresh(site)
        ids = Robot.objects.filter(type=kind).values_list("site_id", "public_id")
        for site_id in {site_id for site_id, _ in ids}:
            notify(DISPATCH_CHANNEL, str(site_id))
            page_changed(site_id, "robots", *(f"robot:{public_id}" for pk, public_id in ids if pk == site_id))
        ledger.record(
            action="robot_type.quirks_changed",
            actor=actor,
            target=("robot_type", kind.slug),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            reason=reason[:300],
        )
    return kind


def demand_sites(actor: Actor | str, sites: list[Site]) -> None:
    """A type is shared: who changes it must be allowed to configure each site that has robots of it."""
    if not isinstance(actor, Actor):
        return
    closed = [site.name for site in sites if not can(actor, "configure", site)]
    if closed:
        raise PermissionDenied(f"Robots of this type are also at {', '.join(closed)}, which you may not configure.")


def under_way(kind: RobotType) -> list[Robot]:
    """Robots of the type that have an order to do, or one on its way to them."""
    rows = list(Robot.objects.filter(type=kind).select_related("state").order_by("name"))
    on_its_way = set(
        Message.objects.filter(kind="mqtt", sent_at__isnull=True, payload__type="order")
        .filter(payload__robot__in=[robot.pk for robot in rows])
        .values_list("payload__robot", flat=True)
    )
    return [robot for robot in rows if robot.pk in on_its_way or _busy(getattr(robot, "state", None))]


def whole_version(text: str) -> str:
    """ "2.1" as "2.1.0"; what is no version stays as it is, to be refused by name."""
    return f"{text.strip()}.0" if text.strip() in VERSIONS else text.strip()


def _tell_broker(kind: RobotType) -> None:
    """What its robots may write and read there follows from their topics."""
    from .broker import roster  # which asks this module how a type speaks

    for robot in Robot.objects.filter(type=kind).select_related("type"):
        transaction.on_commit(partial(roster.let_in, robot), robust=True)


def _busy(state: Any) -> bool:
    if state is None:
        return False
    return bool(state.node_states) or any(row.get("status") not in FINAL for row in state.action_states)


def _refuse_under_way(kind: RobotType, changed: list[str]) -> None:
    pinned = [name for name in changed if name in PINNED]
    busy = [robot.name for robot in under_way(kind)] if pinned else []
    if busy:
        have = "has" if len(busy) == 1 else "have"
        text = f"{', '.join(busy)} still {have} an order that was written with the old one."
        raise TypeRefused("Nothing was changed: robots of this type are under way.", fields=dict.fromkeys(pinned, text))


def _faults(kind: RobotType) -> dict[str, str]:
    """What is wrong with each quirk, one by one; then whether they fit together."""
    found = {name: text for name, check in _CHECKS.items() if (text := _fault(check, getattr(kind, name)))}
    if not found:
        try:
            quirks_from(kind)
        except LocalProtocolError as error:
            found["protocol"] = str(error)
    return found


def _faults_of_type(kind: RobotType) -> dict[str, str]:
    try:
        kind.full_clean()
    except ValidationError as error:
        return {name: " ".join(texts) for name, texts in error.message_dict.items()}
    return {}


def _fault(check: Callable[[Any], object], value: Any) -> str:
    try:
        check(value)
    except (LocalProtocolError, ValueError) as error:
        return str(error)
    return ""


def _is_text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"This must be a text of at most {most} characters.")
    return value


def _is_texts(value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MAX_LIST:
        raise ValueError(f"This must be a list of at most {MAX_LIST} texts.")
    if any(not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT for text in value):
        raise ValueError(f"Each entry must be a text of 1 to {MAX_TEXT} characters.")
    return list(value)


def _is_qos(value: Any) -> Mapping[str, int]:
    if not isinstance(value, dict):
        raise ValueError('This must name topics and their QoS, such as {"order": 1}.')
    return value


def _is_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("This must be yes or no.")
    return value


def _is_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("This must be a number of metres.")
    return float(value)


def _is_version(value: Any) -> None:
    if short(_is_text(value, 8)) not in VERSIONS or value != whole_version(short(value)):
        known = ", ".join(whole_version(text) for text in VERSIONS)
        raise ValueError(f"VDA 5050 {value} is not spoken here; known are {known}.")


def _is_completion(value: Any) -> None:
    if value not in Completion._value2member_map_:
        raise ValueError(f"{value!r} does not say when an order is done; known are {', '.join(Completion)}.")


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "protocol": _is_version,
    "interface": lambda value: TopicScheme(interface=_is_text(value, 80)),
    "major": lambda value: TopicScheme(major=_is_text(value, 20) or level_of("2.1.0")),
    "accepts": lambda value: Quirks(accepts=tuple(_is_texts(value))),
    "qos": lambda value: Quirks(qos=_is_qos(value)),
    "completion": _is_completion,
    "ignored_rejections": _is_texts,
    "numeric_ids": _is_bool,
    "deviation_padding": lambda value: Quirks(deviation_padding=_is_number(value)),
    "omit": lambda value: Quirks(omit=frozenset(_is_texts(value))),
    "trust_factsheet": _is_bool,
    "words": check_words,
}
