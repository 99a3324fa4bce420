"""What the driver of a robot says about its maps and zones, and what it asks for (3.0 6.3, 6.4; maps also 2.1 6.7)."""

from __future__ import annotations

from .error_types import Fault, RejectReason
from .errors import LocalProtocolError
from .events import RobotEvent, StopAction, Where
from .messages import Action, ActionScope, Trajectory, Zone, ZoneAction, ZoneSet
from .reports import ActionStatus, Factsheet, MapInfo, OperatingMode, RequestKind
from .robot_driving import RobotDriving
from .robot_instants import MOST
from .robot_settings import RobotSettings


class RobotZoning(RobotDriving):
    def __init__(self, factsheet: Factsheet, settings: RobotSettings) -> None:
        super().__init__(factsheet, settings)
        self._zone_actions = 0

    def set_maps(self, maps: tuple[MapInfo, ...]) -> None:
        """What the robot has, also when a person changed it on the robot (2.1 6.7.2, 3.0 6.3.2)."""
        if maps != self.shelf.maps:
            self.shelf.maps, self.dirty = maps, True
            self.shelf.changes += 1

    def store_zone_set(self, zone_set: ZoneSet) -> bool:
        """A zone set that arrived or was downloaded: kept DISABLED, or refused with an error (3.0 6.4.2)."""
        bad = self.shelf.store(zone_set, self.factsheet)
        self.dirty = True
        if bad is None:
            self.clear_error(str(Fault.DUPLICATE_ZONE_SET))
            return True
        references = (("zoneSetId", zone_set.zone_set_id),)
        if bad[0] is not None:
            self.fault(bad[0], bad[1], references)
        else:
            self.refuse(RejectReason.UNSUPPORTED_PARAMETER, bad[1], references)
        return False

    def request_zone(
        self,
        zone_set_id: str,
        zone_id: str,
        kind: RequestKind = RequestKind.ACCESS,
        trajectory: Trajectory | None = None,
    ) -> str:
        """Ask for entry (RELEASE) or for a way (COORDINATED_REPLANNING); returns the request id (3.0 6.4.3).

        Raises LocalProtocolError for a zone that is not in an enabled zone set, or when nothing may be asked now.
        """
        self._may_ask()
        request_id = self.requests.ask_zone(zone_set_id, self.shelf.zone(zone_set_id, zone_id), kind, trajectory)
        self.dirty = True
        return request_id

    def request_corridor(self, sequence_id: int) -> str:
        """Ask to leave the path on an edge of the base (3.0 6.6.10); returns the request id."""
        self._may_ask()
        edge = self.route.edge(sequence_id)
        if edge is None:
            raise LocalProtocolError(f"edge {sequence_id} is not ahead of the robot")
        self.dirty = True
        return self.requests.ask_corridor(edge)

    def _may_ask(self) -> None:
        if not self.settings.three:
            raise LocalProtocolError("VDA 5050 2.x has no requests")
        if self.mode is OperatingMode.INTERVENED or not self.mode.takes_orders:
            raise LocalProtocolError(f"nothing is asked for in operating mode {self.mode}")

    def begin_request(self, request_id: str) -> None:
        """The robot enters the zone or leaves its path. Raises LocalProtocolError without a grant."""
        self.requests.begin(request_id)

    def drop_request(self, request_id: str) -> None:
        """The zone was left, the corridor is no longer needed, or the robot goes another way."""
        if self.requests.drop(request_id):
            self.dirty = True
            self._tell_losses()

    def zone_entered(self, zone: Zone) -> list[RobotEvent]:
        """The robot's contour is in an ACTION zone: its entry actions begin, those for the stay behind them."""
        return self._zone_begins(zone, (*zone.entry_actions, *zone.during_actions))

    def zone_left(self, zone: Zone) -> list[RobotEvent]:
        """Actions of the stay end, those of the exit begin."""
        stops: list[RobotEvent] = []
        for entry in self.book.in_zone(zone.zone_id):
            if entry.status is ActionStatus.WAITING:
                entry.status, entry.result = ActionStatus.FAILED, "the zone was left before the action could start"
            else:
                stops.append(StopAction(entry.action.action_id))
        return stops + self._zone_begins(zone, zone.exit_actions)

    def _zone_begins(self, zone: Zone, actions: tuple[ZoneAction, ...]) -> list[RobotEvent]:
        for asked in actions:
            self._zone_actions += 1
            action_id = f"zone-{self._zone_actions}"
            blocking = asked.blocking_type
            made = Action(asked.action_type, action_id, blocking, asked.parameters, asked.descriptor, asked.retriable)
            self.book.add(made, Where(ActionScope.ZONE, zone.zone_id), triggered=True)
        self.dirty |= bool(actions)
        self.book.drop_old(ActionScope.ZONE, MOST)
        return self._settle()
