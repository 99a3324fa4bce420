"""One robot's actions: from StartAction to a final state, written down before the hardware moves and before it is told.

An action that names an `attempt` belongs to a mission program and runs only when that program is stored here and its
step asks for this very thing; without `attempt` it is a standard VDA 5050 action.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from inference.contract import Decision, MissionProgram, ProgramStep, program_from_json
from inference.onboard.drivers import Driver, Work, WorkDone
from inference.onboard.journal import Journal
from inference.onboard.maps import Maps
from robots.core.vda5050.actions import PROTOCOL_ACTIONS
from robots.core.vda5050.events import RetryAction, RobotEvent, StartAction
from robots.core.vda5050.messages import Action
from robots.core.vda5050.reports import ActionStatus, Error, ErrorLevel, Reference
from robots.core.vda5050.robot_side import RobotSide

LOOKING = frozenset({"pick", "drop", "scan", "inspect"})
"""Actions for which the model has to look first and be sure enough."""
PATIENCE = 3.0
"""s the model may take to become sure before the action fails."""
OWN_ERRORS = (
    "programMissing", "programMismatch", "interrupted", "confidenceLow", "pickMissed", "pickNoRoom", "dropMissed",
    "chargingRefused", "initPositionRefused", "mapDownloadFailed",
)  # fmt: skip


@dataclass(slots=True)
class Look:
    """An action that waits for the model. `since`: monotonic s."""

    action: Action
    work: Work
    since: float
    least: float


class ActionRunner:
    """`least_confidence` comes from the envelope in force; see `Executor.limits`."""

    def __init__(self, serial: str, side: RobotSide, journal: Journal, driver: Driver) -> None:
        self.serial, self.side, self.journal, self.driver = serial, side, journal, driver
        self.events: list[RobotEvent] = []
        """What followed from our reports; the executor takes it."""
        self.look: Look | None = None
        self.maps = Maps(journal.path.parent / "maps")
        self._working: dict[str, Action] = {}
        self._found: dict[str, str] = {}
        self._triggers: list[str] = []
        self._programs: dict[str, MissionProgram] = {}

    def program(self, attempt: str) -> MissionProgram | None:
        if attempt not in self._programs:
            stored = self.journal.program(attempt)
            if stored is None:
                return None
            if len(self._programs) > 32:
                self._programs.clear()
            self._programs[attempt] = program_from_json(stored)
        return self._programs[attempt]

    def start(self, event: StartAction, now: float, least_confidence: float) -> None:
        """The side's snapshot that has this action as started must be on disk already."""
        action = event.action
        step, refusal = self._step_of(action)
        if refusal is not None:
            self.finish(action.action_id, *refusal)
            return
        if not self.journal.begin_action(action.action_id):
            self._begun_before(action)
            return
        work = _work(action, step)
        if action.action_type in ("startCharging", "stopCharging"):
            ok = self.driver.charge(self.serial, action.action_type == "startCharging")
            self.finish(
                action.action_id, "" if ok else "chargingRefused", "" if ok else "the robot has to stand for that"
            )
        elif action.action_type == "initializePosition":
            self._init_position(action)
        elif action.action_type == "downloadMap":
            self.events += self.side.action_state(action.action_id, ActionStatus.RUNNING)
            self.maps.begin(action)
        elif action.action_type in ("enableMap", "deleteMap"):
            if action.action_type == "deleteMap":
                self.maps.delete(action)
            self.finish(action.action_id)
        elif action.action_type == "waitForTrigger":
            self.events += self.side.action_state(action.action_id, ActionStatus.RUNNING)
            self._triggers.append(action.action_id)
        elif action.action_type == "trigger":
            self.finish(action.action_id)
            for waiting in self._triggers:
                self.finish(waiting)
            self._triggers = []
        else:
            self.events += self.side.action_state(action.action_id, ActionStatus.RUNNING)
            self._working[action.action_id] = action
            if action.action_type in LOOKING and not self.driver.instant:
                self.look = Look(action, work, now, least_confidence)
            else:
                self.driver.begin(self.serial, work)

    def again(self, event: RetryAction, now: float, least_confidence: float) -> None:
        """Fleet control asked for a retry (3.0 6.6.9): this id may begin once more."""
        self.journal.forget_action(event.action.action_id)
        for error in OWN_ERRORS:
            self.side.clear_error(error)
        self.start(StartAction(event.action, event.where), now, least_confidence)

    def triggered(self, action_id: str) -> None:
        """The protocol side has released this wait and told so (3.0 trigger)."""
        self.journal.end_action(action_id, str(ActionStatus.FINISHED), None, None)
        if action_id in self._triggers:
            self._triggers.remove(action_id)

    def decided(self, decision: Decision, now: float) -> None:
        """The model's answer to `look`: sure enough starts the hardware, unsure for too long fails the action."""
        look = self.look
        if look is None:
            return
        sure = decision.confidence
        if sure is not None and look.least <= sure <= 1.0:
            self.look = None
            if decision.result is not None:
                self._found[look.action.action_id] = decision.result
            self.driver.begin(self.serial, look.work)
        elif now - look.since > PATIENCE:
            self.look = None
            self._working.pop(look.action.action_id, None)
            self.finish(look.action.action_id, "confidenceLow", "the robot model was not sure of what it saw")

    def poll(self) -> None:
        """Downloads that ended."""
        for action_id, error in self.maps.done():
            self.finish(action_id, "mapDownloadFailed" if error else "", error)

    def done(self, work: WorkDone) -> None:
        """The hardware finished."""
        action = self._working.pop(work.action_id, None)
        if action is None:
            return
        result = None
        if action.action_type in ("scan", "inspect"):
            found = {"result": self._found.pop(work.action_id, "ok")}
            result = json.dumps(found | ({} if work.count is None else {"count": work.count}), separators=(",", ":"))
        self.finish(work.action_id, work.error if not work.ok else "", work.text, result)

    def stop(self, action_ids: Sequence[str]) -> None:
        """Cancelled or abandoned: a grip that has begun is brought to its end, anything else ends now."""
        for action_id in action_ids:
            action = self._working.get(action_id)
            if self.look is not None and self.look.action.action_id == action_id:
                self.look = None
            elif action is not None and action.action_type in ("pick", "drop"):
                continue
            self._working.pop(action_id, None)
            if action_id in self._triggers:
                self._triggers.remove(action_id)
            self.driver.abort(self.serial, action_id)
            self.finish(action_id, "", "it was cancelled", cancelled=True)

    def finish(
        self, action_id: str, error: str = "", text: str = "", result: str | None = None, *, cancelled: bool = False
    ) -> None:
        """Write the end down, then let the VDA 5050 side tell it. An `error` code becomes an error of the state."""
        status = ActionStatus.FAILED if error or cancelled else ActionStatus.FINISHED
        result = text if status is ActionStatus.FAILED else result
        self.journal.end_action(action_id, str(status), result, error or None)
        self._tell(action_id, status, result, error, text, for_good=cancelled)

    def take_up(self) -> None:
        """After a restart: an end that is in the journal is told again; without one the action was interrupted."""
        for entry in self.side.interrupted():
            action = entry.action
            if action.action_type in PROTOCOL_ACTIONS:
                continue
            record = self.journal.action(action.action_id)
            if record is not None and record.outcome is not None:
                error, text = record.error or "", record.result or ""
                self._tell(action.action_id, ActionStatus(record.outcome), record.result, error, text)
            else:
                self.finish(
                    action.action_id, "interrupted", f"{action.action_type} was cut off by a restart; look and decide"
                )
        for record in self.journal.unfinished():
            self.journal.end_action(record.id, str(ActionStatus.FAILED), "cut off by a restart", "interrupted")

    def _begun_before(self, action: Action) -> None:
        """Its id is in the journal: never a second time."""
        record = self.journal.action(action.action_id)
        if record is not None and record.outcome is not None:
            error, text = record.error or "", record.result or ""
            self._tell(action.action_id, ActionStatus(record.outcome), record.result, error, text)
        else:
            self.finish(action.action_id, "interrupted", f"{action.action_type} began before and its end is not known")

    def _tell(
        self,
        action_id: str,
        status: ActionStatus,
        result: str | None,
        error: str,
        text: str,
        *,
        for_good: bool = False,
    ) -> None:
        if action_id not in self.side.book.entries:  # an order that ended since took its actions along
            return
        self.events += self.side.action_state(action_id, status, result, for_good=for_good)
        if error:
            order = self.side.route.order
            references = (Reference("actionId", action_id), Reference("orderId", order.order_id if order else ""))
            self.side.add_error(Error(error, ErrorLevel.WARNING, references, text))

    def _step_of(self, action: Action) -> tuple[ProgramStep | None, tuple[str, str] | None]:
        """The program's step, and (error code, text) when the action must not run."""
        attempt = action.parameter("attempt")
        if attempt is None:
            return None, None
        program = self.program(str(attempt))
        if program is None:
            return None, (
                "programMissing",
                f"the program of attempt {attempt} has not arrived; send it, then the order",
            )
        index = action.parameter("step")
        step = next((s for s in program.steps if s.index == index), None)
        if step is None:
            return None, ("programMismatch", f"the program of attempt {attempt} has no step {index!r}")
        if step.op in LOOKING and step.op != action.action_type:
            text = f"step {index} of attempt {attempt} is {step.op!r}, the order asks for {action.action_type!r}"
            return None, ("programMismatch", text)
        return step, None

    def _init_position(self, action: Action) -> None:
        if self.side.executing:
            self.finish(action.action_id, "initPositionRefused", "an order is being executed; cancel it first")
            return
        x, y, theta = (float(action.parameter(key)) for key in ("x", "y", "theta"))
        self.driver.place(self.serial, x, y, theta)
        self.side.set_last_node(str(action.parameter("lastNodeId")))
        self.finish(action.action_id)


def _work(action: Action, step: ProgramStep | None) -> Work:
    """What the hardware is told: the order's parameters, completed by the program's step."""
    quantity = action.parameter("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        quantity = step.qty if step is not None else None
    station = action.parameter("stationName") or (step.station if step else None)
    load = action.parameter("loadType") or action.parameter("loadId") or (step.item if step else None)
    return Work(
        action.action_id,
        action.action_type,
        str(station) if station else None,
        str(load) if load else None,
        quantity,
    )
