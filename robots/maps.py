"""The map server: files for robots, who is to have which, and links with which robots fetch them (VDA 5050 6.7, 6.3).

A robot has no session. Its link carries a token of ours (HMAC with the server's secret) that names the file and the
robot and ends after an hour; every time a download is asked for it gets a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from fleet.accounts.models import Site, User
from fleet.accounts.rights import Actor
from fleet.ledger import services as ledger
from fleet.outbox.services import notify

from .core.vda5050.map_sync import HostedMap, Step
from .core.vda5050.topics import valid_id
from .errors import MapRefused
from .live import page_changed
from .models import MapFile, Robot, RobotType
from .stop_ledger import DISPATCH_CHANNEL

MAX_BYTES = 16 * 1024 * 1024
LINK_LIVES_S = 3600
READ_AGAIN_S = 2.0
SALT = "robots.maps"
MAP_ACTIONS = ("downloadMap", "enableMap", "deleteMap")


# --- what people do -------------------------------------------------------------------------------------------------


def add_file(
    *, site: Site, map_id: str, map_version: str, content: bytes, actor: Actor, type: RobotType | None = None,
    user: User | None = None, reason: str = "",
) -> MapFile:  # fmt: skip
    """Host a file. Raises MapRefused: ids that VDA 5050 does not take, no content, too much, or there already."""
    for word, value in (("map id", map_id), ("version", map_version)):
        if not 1 <= len(value) <= 60 or not valid_id(value):
            raise MapRefused(f"The {word} {value!r} will not do: 1 to 60 letters, digits and _ - . :")
    if not content:
        raise MapRefused("The file is empty.")
    if len(content) > MAX_BYTES:
        raise MapRefused(
            f"The file has {len(content) / 1_048_576:.1f} MiB; at most {MAX_BYTES // 1_048_576} are taken."
        )
    digest = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            made = MapFile.objects.create(
                site=site, type=type, map_id=map_id, map_version=map_version, content=content, size=len(content),
                sha256=digest, created_by=user,
            )  # fmt: skip
            after = {"map": map_id, "version": map_version, "sha256": digest, "type": type.slug if type else None}
            _enter("map.added", made, actor, reason, after)
    except IntegrityError:
        raise MapRefused(
            f"Version {map_version} of the map {map_id} is here already and is never changed: "
            "give the new file a version of its own."
        ) from None
    return made


def offer(*, file: MapFile, actor: Actor, reason: str = "") -> MapFile:
    """Robots that can load maps load it from now on, and go on driving on what they have enabled."""
    _usable(file)
    return _change(file, actor, reason, "map.offered", offered=True)


def enable(*, file: MapFile, actor: Actor, reason: str = "") -> MapFile:
    """The version to drive on. Robots load it, enable it as soon as they stand, and get no new order before."""
    _usable(file)
    with transaction.atomic():
        before = MapFile.objects.filter(site=file.site, map_id=file.map_id, type=file.type, enabled=True)
        before.exclude(pk=file.pk).update(enabled=False)
        return _change(file, actor, reason, "map.enabled", offered=True, enabled=True)


def withdraw(*, file: MapFile, actor: Actor, reason: str = "") -> MapFile:
    """Robots delete it and get it no more. Raises MapRefused for the version that is driven on."""
    if file.enabled:
        raise MapRefused(f"Version {file.map_version} is the one robots drive on: enable another one first.")
    return _change(
        file, actor, reason, "map.withdrawn", offered=False, withdrawn_at=file.withdrawn_at or timezone.now()
    )


def free_choice(*, file: MapFile, actor: Actor, reason: str = "") -> MapFile:
    """No version of this map has to be enabled any more: robots drive on whichever they have."""
    return _change(file, actor, reason, "map.disabled", enabled=False)


def _usable(file: MapFile) -> None:
    if file.withdrawn_at is not None:
        raise MapRefused(f"Version {file.map_version} was withdrawn. Add the file again as another version.")


def _change(file: MapFile, actor: Actor, reason: str, action: str, **values: Any) -> MapFile:
    if all(getattr(file, name) == value for name, value in values.items()):
        return file
    with transaction.atomic():
        MapFile.objects.filter(pk=file.pk).update(**values)
        for name, value in values.items():
            setattr(file, name, value)
        _enter(action, file, actor, reason, {"map": file.map_id, "version": file.map_version})
    return file


def _enter(action: str, file: MapFile, actor: Actor, reason: str, after: Mapping[str, Any]) -> None:
    ledger.record(
        action=action, actor=actor, site=file.site, target=("map", file.public_id), after=dict(after), reason=reason
    )
    notify(DISPATCH_CHANNEL, str(file.site_id))
    page_changed(file.site_id, "maps")


# --- links ----------------------------------------------------------------------------------------------------------


def link_for(file: MapFile, serial: str) -> str:
    """Where this robot gets the file for an hour."""
    token = signing.dumps([file.public_id, serial], salt=SALT)
    base = settings.YARDMASTER["public_url"].rstrip("/")
    return f"{base}/maps/{file.site.slug}/{file.map_id}/{file.map_version}?token={token}"


def file_of(site: str, map_id: str, map_version: str, token: str) -> MapFile | None:
    """The file that the address and its token name; None when they do not agree or the token has ended."""
    try:
        public_id, _ = signing.loads(token, salt=SALT, max_age=LINK_LIVES_S)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    named = {"site__slug": site, "map_id": map_id, "map_version": map_version}
    return MapFile.objects.filter(public_id=public_id, withdrawn_at=None, **named).first()


# --- what dispatch asks ---------------------------------------------------------------------------------------------


class HostedMaps:
    """The files of a site without their content, read again every few seconds; and what followed in the last cycle.

    By serial: `wrong` says why a robot gets no new order, `steps` what it does about its maps next.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.files: list[MapFile] = []
        self.wrong: dict[str, str] = {}
        self.steps: dict[str, Step] = {}
        self._read_at = float("-inf")

    def refresh(self, now: float) -> None:
        if now - self._read_at < READ_AGAIN_S:
            return
        used = Q(enabled=True) | Q(offered=True) | Q(withdrawn_at__isnull=False)
        rows = MapFile.objects.filter(used, site=self.site).select_related("site").defer("content")
        self.files, self._read_at = list(rows), now

    def hosted(self, robot: Robot) -> list[HostedMap]:
        """What concerns robots of its type; a file of its own type goes before one for any."""
        return [_hosted(file) for file in _of_type(self.files, robot.type_id).values()]

    def file(self, robot: Robot, step: Step) -> MapFile | None:
        return _of_type(self.files, robot.type_id).get((step.map_id, step.map_version))


def _of_type(files: Sequence[MapFile], type_id: int) -> dict[tuple[str, str], MapFile]:
    own = [file for file in files if file.type_id == type_id]
    decided = {file.map_id for file in own if file.enabled}
    found = {
        (file.map_id, file.map_version): file
        for file in files
        if file.type_id is None and not (file.enabled and file.map_id in decided)
    }
    return found | {(file.map_id, file.map_version): file for file in own}


def _hosted(file: MapFile) -> HostedMap:
    return HostedMap(file.map_id, file.map_version, file.offered, file.enabled, file.withdrawn_at is not None)


def map_actions(sheet: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Map actions that a factsheet (as received, 2.x or 3.0) declares -> the parameters declared for each."""
    features = sheet.get("protocolFeatures")
    rows = (features.get("mobileRobotActions") or features.get("agvActions")) if isinstance(features, Mapping) else None
    found: dict[str, frozenset[str]] = {}
    for row in rows or ():
        if isinstance(row, Mapping) and row.get("actionType") in MAP_ACTIONS:
            parameters = row.get("actionParameters") or ()
            found[row["actionType"]] = frozenset(str(p.get("key")) for p in parameters if isinstance(p, Mapping))
    return found
