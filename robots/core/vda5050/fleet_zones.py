"""Zone sets on their way to one robot (3.0 6.4.2): sent until a state lists them, never twice under one id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import checks
from .codec import INTERNAL, decode_body, encode_body
from .error_types import Fault, fault_of, text_of
from .errors import LocalProtocolError
from .events import FleetEvent, ZoneSetConfirmed, ZoneSetRefused
from .fleet_instants import TRIES, Resend
from .messages import GrantType, Responses, ZoneSet
from .reports import Error, Factsheet, State
from .topics import Topic, valid_id


@dataclass(slots=True)
class Offered:
    zone_set: ZoneSet
    resend: Resend = field(default_factory=Resend)


class ZoneDesk:
    def __init__(self) -> None:
        self.offered: dict[str, Offered] = {}

    def offer(self, zone_set: ZoneSet, state: State | None, sheet: Factsheet | None) -> Offered | None:
        """Note a set that is to be sent; None when it is under way already.

        Raises LocalProtocolError when the robot has one of that id (a set is immutable: D131), does not support one of
        its zone types (D121), or an id has characters that 6.1.2 does not permit.
        """
        known = self.offered.get(zone_set.zone_set_id)
        if known is not None and known.zone_set == zone_set:
            return None
        names = [zone_set.zone_set_id, zone_set.map_id, *(zone.zone_id for zone in zone_set.zones)]
        bad_id = next((name for name in names if not valid_id(name)), None)
        if bad_id is not None:
            raise LocalProtocolError(f"id {bad_id!r} may only have letters, digits and _ - . : (at most 256)")
        there = state is not None and any(z.zone_set_id == zone_set.zone_set_id for z in state.zone_sets)
        if known is not None or there:
            text = "a zone set never changes under its id; send the change under a new one"
            raise LocalProtocolError(f"the robot has zone set {zone_set.zone_set_id} already; {text}")
        refusal = checks.zone_set_refusal(zone_set, sheet) if sheet is not None else None
        if refusal is not None:
            raise LocalProtocolError(f"the robot's factsheet rules this zone set out: {refusal}")
        found = self.offered[zone_set.zone_set_id] = Offered(zone_set)
        return found

    def observe(self, state: State, appeared: Sequence[Error]) -> list[FleetEvent]:
        """Listed: it arrived. DUPLICATE_ZONE_SET of a set that is not listed: it was refused.

        A set that is sent again after it arrived is a duplicate as well, but then the state lists it.
        """
        events: list[FleetEvent] = []
        for listed in state.zone_sets:
            if self.offered.pop(listed.zone_set_id, None) is not None:
                events.append(ZoneSetConfirmed(listed.zone_set_id))
        for error in appeared:
            if fault_of(error.error_type) is not Fault.DUPLICATE_ZONE_SET:
                continue
            named = error.reference("zoneSetId") or (next(iter(self.offered)) if len(self.offered) == 1 else "")
            if self.offered.pop(named, None) is not None:
                events.append(ZoneSetRefused(named, text_of(error)))
        return events

    def due(self, now: float) -> tuple[list[Offered], list[FleetEvent]]:
        again: list[Offered] = []
        events: list[FleetEvent] = []
        for name, offered in list(self.offered.items()):
            if not offered.resend.due(now):
                continue
            if offered.resend.tries >= TRIES:
                del self.offered[name]
                events.append(ZoneSetRefused(name, f"sent {TRIES} times, and no state ever listed it"))
                continue
            again.append(offered)
        return again, events

    def snapshot(self) -> list[dict[str, Any]]:
        return [encode_body(offered.zone_set, INTERNAL) for offered in self.offered.values()]

    def restore(self, saved: Sequence[Mapping[str, Any]]) -> None:
        found = [decode_body(Topic.ZONE_SET, body, INTERNAL) for body in saved]
        self.offered = {z.zone_set_id: Offered(z) for z in found if isinstance(z, ZoneSet)}


def check_responses(message: Responses) -> None:
    """3.0 7.5. Raises LocalProtocolError for an empty list, or a lease with anything but a grant (D141)."""
    if not message.responses:
        raise LocalProtocolError("responses needs at least one response")
    for response in message.responses:
        if not response.request_id:
            raise LocalProtocolError("a response needs the requestId it answers")
        if response.lease_expiry is not None and response.grant_type is not GrantType.GRANTED:
            raise LocalProtocolError(f"a lease goes with GRANTED only, not with {response.grant_type}")
