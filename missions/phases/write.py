"""The end of a cycle: everything that changed is written at once, with the messages that leave with the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robots.live import page_changed

from .. import programs

if TYPE_CHECKING:
    from ..apply import Desk


def programs_again(desk: Desk) -> None:
    """Programs that nobody acknowledged are sent again, then taken off their robot."""
    programs.keep_sending(desk)


def write_floor(desk: Desk) -> None:
    robots = desk.picture.robots
    moved = desk.floor.save(desk.now)
    desk.dispatcher.changed.update(f"robot:{robots[serial].public_id}" for serial in moved if serial in robots)


def write_missions(desk: Desk) -> None:
    desk.save()
    if desk.dispatcher.changed:
        page_changed(desk.site.pk, *sorted(desk.dispatcher.changed))
