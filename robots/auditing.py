"""Whether a site's fleet can lock up on a layout version: the traffic audit, kept with the version and shown to people.

Asked for the robots in service and the footprints of the types at the site, so it is renewed when a layout is imported
or published, and when a robot is registered, taken out of service or put back. An audit is arithmetic on the road map
alone; the same question is answered from memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Q

from fleet.accounts.models import Site

from .core.footprint import VehicleType
from .core.layout import Layout
from .core.routing import RoadMap
from .core.traffic.audit import Audit, Auditor
from .floor.ground import road_of, types_at, types_of
from .live import page_changed
from .models import LayoutVersion, Robot, RobotType
from .snapshots import layout_of

DRAFTS_RENEWED: Final = 5
ANSWERS_KEPT: Final = 64
AUDITORS_KEPT: Final = 4

_lock = threading.Lock()
_auditors: OrderedDict[tuple[str, tuple[VehicleType, ...]], Auditor] = OrderedDict()
_answers: OrderedDict[tuple[str, tuple[VehicleType, ...], int], dict[str, Any]] = OrderedDict()


def fleet_of(site: Site) -> int:
    """Robots in service at the site. One query."""
    return int(Robot.objects.filter(site=site, in_service=True).count())


def audit_version(version: LayoutVersion) -> dict[str, Any]:
    """The verdict on this version for the fleet of its site as it is now; nothing is written. Two queries.

    `fleet` robots in service, `verdict` safe | pockets | refused, `safe_robots` of them that can never lock up,
    `largest` the largest fleet that would pass, `unaided` the largest that needs no pocket; `pockets` and `traps` as
    node ids, `findings` in words, `advice` the lane whose opening helps most or null.
    """
    return answer(version.hash, layout_of(version), types_at(version.site), fleet_of(version.site))


def answer(name: str, layout: Layout, types: Sequence[VehicleType], fleet: int) -> dict[str, Any]:
    """The audit of the layout that is called `name` (its hash) for `fleet` robots of these types, as JSON."""
    kinds = tuple(types)
    with _lock:
        if (name, kinds, fleet) in _answers:
            _answers.move_to_end((name, kinds, fleet))
            return dict(_answers[name, kinds, fleet])
    auditor = _auditor(name, layout, kinds)
    found = _json(auditor.road, auditor.verdict(fleet, advise=True), fleet)
    with _lock:
        _answers[name, kinds, fleet] = found
        while len(_answers) > ANSWERS_KEPT:
            _answers.popitem(last=False)
    return dict(found)


def _auditor(name: str, layout: Layout, kinds: tuple[VehicleType, ...]) -> Auditor:
    with _lock:
        if (name, kinds) in _auditors:
            _auditors.move_to_end((name, kinds))
            return _auditors[name, kinds]
    auditor = Auditor(road_of(layout, kinds))
    with _lock:
        _auditors[name, kinds] = auditor
        while len(_auditors) > AUDITORS_KEPT:
            _auditors.popitem(last=False)
    return auditor


def _json(road: RoadMap, verdict: Audit, fleet: int) -> dict[str, Any]:
    advice = verdict.advice
    return {
        "fleet": fleet,
        "verdict": verdict.verdict,
        "safe_robots": verdict.robots,
        "largest": verdict.largest,
        "unaided": verdict.unaided,
        "pockets": [_ids(road, pocket) for pocket in verdict.pockets],
        "traps": _ids(road, verdict.traps),
        "findings": list(verdict.findings),
        "advice": None if advice is None else {
            "text": advice.text, "from": advice.start, "to": advice.end, "one_way": advice.one_way,
            "gain": advice.gain, "freed": advice.freed,
        },
    }  # fmt: skip


def _ids(road: RoadMap, nodes: frozenset[int]) -> list[str]:
    return sorted(road.names[node] for node in nodes)


def known(version: LayoutVersion) -> Mapping[str, Any]:
    """The verdict kept with the version; asked now for one that was imported before there were any."""
    return version.audit or audit_version(version)


def refresh(site: Site) -> None:
    """Renew what is kept with the version in force and the newest drafts; writes only what has changed."""
    rows = LayoutVersion.objects.filter(site=site).select_related("site").defer("document")
    drafts = list(rows.filter(published_at__isnull=True)[:DRAFTS_RENEWED])
    force = rows.filter(published_at__isnull=False).first()
    versions = [force, *drafts] if force else drafts
    if not versions:
        return
    types, fleet = types_at(site), fleet_of(site)
    changed = False
    for version in versions:
        found = answer(version.hash, layout_of(version), types, fleet)
        if found != version.audit:
            LayoutVersion.objects.filter(pk=version.pk).update(audit=found)
            changed = True
    if changed:
        page_changed(site.pk, "layout", "attention")


def outgrown(site: Site) -> LayoutVersion | None:
    """The version in force, where the fleet could lock up on it and nobody accepted that. One query, usually."""
    rows = LayoutVersion.objects.filter(site=site, published_at__isnull=False).select_related("site")
    version = rows.defer("document").first()
    if version is None:
        return None
    verdict = known(version)
    accepted = version.accepted_limit is not None and version.accepted_limit <= verdict["safe_robots"]
    return version if verdict["verdict"] == "refused" and not accepted else None


def warning_before(site: Site, kind: RobotType) -> str:
    """What one more robot, of this type, would mean on the layout in force: "" where the fleet stays safe.

    For whoever is about to admit it: a type changes the road map of everybody at the site.
    """
    rows = LayoutVersion.objects.filter(site=site, published_at__isnull=False)
    version = rows.defer("document").first()
    if version is None:
        return ""
    layout, now = layout_of(version), types_at(site)
    then = types_of(RobotType.objects.filter(Q(robot__site=site) | Q(pk=kind.pk)).distinct())
    fleet = fleet_of(site) + 1
    before, after = (_auditor(version.hash, layout, kinds).verdict(fleet, advise=False) for kinds in (now, then))
    if after.verdict == "refused":
        return (
            f"With it {fleet} robots are in service, but with one of this size on layout version {version.number} only "
            f"{after.robots} can never lock up."
        )
    if now and after.largest < before.largest:
        return (
            f"With one of this size layout version {version.number} has room for {after.largest} robots that can never "
            f"lock up, without it for {before.largest}: places become dead ends for everybody, and it starts only when "
            "they are clear."
        )
    return ""


def warning(site: Site) -> str:
    """What to tell whoever has just changed the fleet: "" as long as the layout in force is safe for it."""
    version = outgrown(site)
    if version is None:
        return ""
    verdict = known(version)
    return (
        f"{verdict['fleet']} robots are in service, but on layout version {version.number} only "
        f"{verdict['safe_robots']} can never lock up. See Settings, Layouts."
    )
