"""A robot that this link begins to serve: what the database remembers of it, as memory."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from .core.vda5050.codec import decode_body
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.fleet_side import FleetSide
from .core.vda5050.reports import Factsheet
from .core.vda5050.topics import Topic
from .link_history import Last
from .link_robot import LinkRobot
from .stop_roster import Card

log = logging.getLogger(__name__)


def new_robot(
    card: Card,
    *,
    site_pk: int,
    live_index: int,
    row: Mapping[str, Any] | None,
    factsheet: tuple[str, str, Mapping[str, Any]] | None = None,
    last: Last | None = None,
    epoch: int = 0,
) -> LinkRobot:
    """A robot that this link begins to serve, with what the database remembers of it.

    `factsheet`: (version, hash, document) of the newest one. `last`: its newest state in the history, so that none is
    read twice.
    """
    side = FleetSide(card.serial, card.manufacturer, card.quirks)
    robot = LinkRobot(card, site_pk, live_index, side, epoch)
    if row is not None:
        robot.known = True
        robot.fields |= {name: value for name, value in row.items() if name not in ("robot_id", "version")}
        for column, seen in (
            ("state_at", "state_seen"),
            ("visualization_at", "visualization_seen"),
            ("sent_at", "sent_at"),
        ):
            if row[column] is not None:
                setattr(robot, seen, row[column].timestamp())
    if factsheet is not None:  # before the rest: what it allows decides how things are said
        version, robot.sheet, document = factsheet
        _know(side, version, document)
    saved = (row["link"] if row is not None else None) or {}
    robot.order = saved.get("order") or {}
    before = saved.get("side")
    if last is not None:
        before = before or side.snapshot()
        before["latest"] = {**before["latest"], str(Topic.STATE): list(last)}
    if before:
        side.restore(before)
    return robot


def _know(side: FleetSide, version: str, document: Mapping[str, Any]) -> None:
    try:
        sheet = decode_body(Topic.FACTSHEET, document, version)
    except LocalProtocolError as error:  # stored by an earlier version of ours, which read it otherwise
        log.warning("the stored factsheet of %s is not used: %s", side.serial, error)
        return
    if isinstance(sheet, Factsheet):
        side.know(sheet)
