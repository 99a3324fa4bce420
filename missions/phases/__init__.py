"""The phases of a dispatch cycle, in order. Each is a plain function over the desk of that cycle, and one file's worth.

What robots and people said goes first, then what follows for missions, then ways are granted, and last everything is
written with the outgoing messages. A phase reads what the ones before it left on the desk; none looks at a clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .advance import advance_missions, begin_missions
from .asked import floor_requests, mission_requests
from .assign import assign_missions
from .faults import faults
from .grants import zone_requests, zone_sets
from .idle import park_and_charge, settle_idle
from .maps import maps
from .release import explain_waits, liveness, release_ways
from .reports import admissions, relayout, reports
from .sheets import factsheets, first_states
from .write import programs_again, write_floor, write_missions

if TYPE_CHECKING:
    from ..apply import Desk

PHASES: tuple[Callable[[Desk], None], ...] = (
    relayout,  # a layout published since comes into force once nobody drives
    reports,  # what robots traversed is freed behind them
    admissions,  # robots that appeared are taken into traffic, or said to stand in others' way
    first_states,  # who has come and said nothing yet is asked where it is
    factsheets,  # who has just come is asked what it is and can do
    floor_requests,  # zones, doors, blocked places; holdings freed by two people
    maps,  # who has which map; who has the wrong one drives nowhere
    faults,  # who cannot drive is planned around; who strayed or is late is told
    zone_sets,  # the zones as robots that find their own way are told of them
    zone_requests,  # what such robots ask to enter
    mission_requests,  # what people want of missions
    advance_missions,  # attempts as far as the robots' reports allow
    assign_missions,  # which robot for which mission
    begin_missions,  # the first leg of what was just given
    settle_idle,  # robots without a mission whose leg is over
    park_and_charge,  # and where they go
    programs_again,  # programs that nobody acknowledged
    release_ways,  # plan, release, orders
    liveness,  # whether robots that cannot move may bring the rest to a halt
    write_floor,  # holdings and bases, with the messages that follow
    explain_waits,  # missions say what their robots wait for
    write_missions,  # and the ledger last: its lock lasts until the commit
)
