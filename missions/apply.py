"""The working table of one dispatch cycle: decisions become changes of rows, each with its event, actor and reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects

from fleet.accounts.rights import Actor
from fleet.ledger.services import record
from robots.models import Robot

from . import programs, repeats
from .core import lifecycle as life
from .core.charging import Levels
from .core.facts import (
    Abandon,
    Decision,
    Drive,
    EndAttempt,
    Instant,
    Memory,
    Note,
    RobotFact,
    SendProgram,
    SetMission,
    SetStep,
)
from .core.gauge import COARSE
from .driving import drive
from .models import Attempt, Mission, MissionEvent
from .reported import reachable

if TYPE_CHECKING:
    from robots.floor.whereabouts import Sight

    from .dispatcher import SiteDispatcher
    from .reading import Picture

STEP_STARTED = ("active",)
STEP_ENDED = ("done", "skipped", "failed", "cancelled")
UNSET = object()
LEDGER_KINDS = ("assigned", "completed", "failed", "cancelled", "needs_decision")
SYSTEM = Actor("system", "dispatch", "dispatch")


class Desk:
    """Mission rows are changed in memory and written once, by `save`, in the cycle's transaction."""

    def __init__(self, dispatcher: SiteDispatcher, picture: Picture, now: datetime) -> None:
        self.dispatcher, self.picture, self.now = dispatcher, picture, now
        self.site, self.floor, self.clock = dispatcher.site, dispatcher.floor, now.timestamp()
        self.missions: dict[int, Mission] = {m.pk: m for m in picture.missions}
        self.facts: dict[int, RobotFact] = {}
        self.unheard: dict[int, str] = {}
        self.strangers: dict[str, Sight] = {}
        self.trouble: dict[str, str] = {}
        self.late: dict[str, str] = {}
        self.started: list[int] = []
        attempts = picture.attempts.values()
        self.cancelling = {a.robot_id for a in attempts if a.memory.get("phase") == "cancel"}
        self._robots = {r.pk: r for r in picture.robots.values()}
        self._before = {m.pk: _columns(m) for m in picture.missions}
        self._memories = {a.pk: dict(a.memory) for a in attempts}
        self._attempts: dict[int, Attempt] = {a.pk: a for a in attempts}
        self._steps: list[Any] = []
        self._events: list[MissionEvent] = []
        self._entries: list[dict[str, Any]] = []

    @property
    def busy(self) -> set[int]:
        """Robots that have a mission."""
        return {attempt.robot_id for attempt in self.picture.attempts.values()}

    # --- asked by the pure parts ---

    def robot(self, pk: int) -> Robot:
        return self._robots[pk]

    def name(self, serial: str) -> str:
        robot = self.picture.robots.get(serial)
        return robot.name if robot else serial

    def levels(self, robot: Robot) -> Levels:
        """When it charges: as its factsheet says, unless its gauge knows only good and bad."""
        gauge = self.dispatcher.gauges.get(robot.serial)
        return COARSE if gauge is not None and gauge.coarse else self.dispatcher.reader.levels(robot)

    def distance(self, robot: int, start: str, goal: str) -> float | None:
        """Metres of driving; None when no way leads there."""
        return self.floor.places.metres(start, goal)

    def nearest(self, robot: RobotFact, kind: str, without: frozenset[str] = frozenset()) -> str | None:
        """The nearest node of a charger or parking place that no other robot stands on or is bound for."""
        places, taken = self.floor.places, self.floor.places.taken(except_for=robot.serial)
        if kind.startswith("at:"):
            return places.nearest(robot.node, kind, taken) or places.least_wanted(kind)
        return places.nearest(robot.node, kind, taken | without)

    # --- changes ---

    def carry_out(self, mission: Mission, decisions: Iterable[Decision], *, actor: str) -> None:
        for decision in decisions:
            match decision:
                case Drive():
                    drive(self, decision, mission)
                case Instant():
                    self.floor.instant(self.robot(decision.robot), decision.type, decision.action, decision.parameters)
                case SetStep():
                    self._set_step(mission, decision)
                case SetMission():
                    self.set_state(mission, decision.state, decision.reason, decision.kind, actor)
                case EndAttempt():
                    self._end_attempt(mission, decision)
                case SendProgram():
                    programs.send(self, self.picture.attempts[mission.pk], decision.reason)
                case Note():
                    self.event(mission, decision.kind, decision.text, actor, decision.data)
                case Abandon():
                    self._abandon(decision)

    def set_state(self, mission: Mission, state: str, reason: str, kind: str, actor: str) -> None:
        """Move a mission by the lifecycle's table, keeping the change as an event; only the reason may differ too."""
        if state == mission.state:
            mission.reason = reason[:300]
            return
        moved = life.move(mission.state, state, actor=actor, reason=reason)
        self.event(mission, kind, reason, actor, None, moved.source, moved.target)
        mission.state, mission.reason = state, reason[:300]
        if state == life.RUNNING and mission.started_at is None:
            mission.started_at = self.now
        if state in life.FINAL:
            mission.finished_at, mission.eta = self.now, None
            if state == life.COMPLETED:
                repeats.next_round(self, mission)
        if kind in LEDGER_KINDS:
            robot = self._robots.get(mission.robot_id or 0)
            self._entries.append(
                {
                    "action": f"mission.{kind}",
                    "target": ("mission", mission.public_id),
                    "before": {"state": moved.source},
                    "after": {"state": state, "robot": robot.serial if robot else None},
                    "reason": reason,
                }
            )

    def wait(self, mission: Mission, reason: str) -> None:
        """The mission waits, and says for what; nothing is written when it said so already."""
        if mission.state in (life.ASSIGNED, life.RUNNING):
            self.set_state(mission, life.WAITING, reason, "waiting", SYSTEM.name)
        elif mission.state == life.WAITING:
            mission.reason = reason[:300]

    def note_wait(self, mission: Mission, reason: str, allocation: Mapping[str, Any]) -> None:
        if mission.reason != reason[:300]:
            mission.reason, mission.allocation = reason[:300], dict(allocation)

    def event(
        self,
        mission: Mission,
        kind: str,
        reason: str,
        actor: str,
        data: Any = None,
        source: str = "",
        target: str = "",
    ) -> None:
        self._events.append(
            MissionEvent(
                mission=mission,
                at=self.now,
                kind=kind,
                from_state=source,
                to_state=target,
                actor=actor,
                reason=reason[:300],
                data=data,
            )
        )
        self.dispatcher.changed.update({"missions", "attention", f"mission:{mission.public_id}"})

    def remember(self, attempt: Attempt, memory: Memory) -> None:
        attempt.memory = asdict(memory)
        attempt.memory["actions"] = list(memory.actions)

    def start(self, mission: Mission, robot_pk: int, allocation: Mapping[str, Any]) -> None:
        """A new attempt on this robot: from here on its id keys the program, the orders and their actions."""
        robot = self.robot(robot_pk)
        attempt = Attempt(mission=mission, number=mission.attempts.count() + 1, robot=robot, started_at=self.now)
        mission.robot, mission.allocation = robot, dict(allocation)
        self.floor.drop(robot.serial, self.now.timestamp())  # on its way to park or charge: it need not get there
        if robot.type.onboard:
            programs.send(self, attempt, "")
        else:
            attempt.save()
        self.picture.attempts[mission.pk] = attempt
        self._attempts[attempt.pk] = attempt
        self._memories[attempt.pk] = {}
        self.started.append(mission.pk)
        self.set_state(mission, life.ASSIGNED, "", "assigned", SYSTEM.name)

    def requeue(self, mission: Mission, actor: str, reason: str) -> None:
        """A person retries a failed mission: unfinished steps are pending again, dispatch allocates anew."""
        prefetch_related_objects([mission], "steps")  # the same cycle may assign it, and must see these very steps
        for step in mission.steps.all():
            if step.state not in ("done", "skipped"):
                step.state, step.result, step.started_at, step.finished_at = "pending", None, None, None
                self._steps.append(step)
        mission.finished_at = None
        self.missions[mission.pk] = mission
        self._before.setdefault(mission.pk, {})
        self.set_state(mission, life.QUEUED, reason, "retried", actor)

    def end_unstarted(self, mission: Mission, state: str, reason: str, actor: str) -> None:
        for step in mission.steps.all():
            if step.state not in STEP_ENDED:
                step.state = "cancelled"
                self._steps.append(step)
        self.set_state(mission, state, reason, state, actor)

    def stuck(self, mission: Mission, reason: str) -> None:
        """A fault of ours with this mission: its robot keeps what it holds and a person decides."""
        attempt = self.picture.attempts.get(mission.pk)
        if attempt is not None and life.FAILING in life.MOVES[mission.state] | {mission.state}:
            memory = {**attempt.memory, "phase": "stuck", "order": "", "actions": [], "text": reason[:300]}
            attempt.memory = memory
            self.set_state(mission, life.FAILING, reason, "needs_decision", SYSTEM.name)

    def _set_step(self, mission: Mission, decision: SetStep) -> None:
        step = next(s for s in mission.steps.all() if s.index == decision.index)
        step.state = decision.state
        step.result = dict(decision.result) if decision.result else None
        if decision.state in STEP_STARTED:
            step.started_at = step.started_at or self.now
        if decision.state in STEP_ENDED:
            step.finished_at = self.now
        self._steps.append(step)
        self.event(mission, f"step_{decision.state}", step.line, SYSTEM.name, step.result)

    def _end_attempt(self, mission: Mission, decision: EndAttempt) -> None:
        attempt = self.picture.attempts.pop(mission.pk)
        attempt.state, attempt.finished_at, attempt.error = decision.state, self.now, decision.error[:300]
        attempt.save()  # now: the same cycle may start the next attempt, and only one may be active
        del self._attempts[attempt.pk]
        robot = self.robot(attempt.robot_id)
        self.floor.drop(robot.serial, self.now.timestamp())
        self.dispatcher.idle_since[robot.serial] = self.now.timestamp()

    def _abandon(self, decision: Abandon) -> None:
        robot = self.robot(decision.robot)
        wrong = self.floor.abandon(robot.serial, decision.at, decision.order)
        if wrong:
            self.trouble[robot.serial] = wrong

    def tell(self, serial: str, kind: str, text: str) -> None:
        """Something on the floor that a person has to look at; it stands for as long as every cycle tells it."""
        self.floor.alarms.tell(serial, kind, text, self.clock)

    def enter(self, **entry: Any) -> None:
        """An entry of the ledger, written last."""
        self._entries.append(entry)

    def soon_heard(self, robot: int) -> bool:
        """This leader waits for its first report, which may come at any moment."""
        serial = self.unheard.get(robot)
        return serial is not None and reachable(self.picture.states[serial], self.now)

    def forget(self, serial: str) -> None:
        """The robot was taken out of traffic: for the rest of the cycle nothing is known of it."""
        robot = self.picture.robots.get(serial)
        if robot is not None:
            self.facts.pop(robot.pk, None)

    # --- rows ---

    def save(self) -> None:
        for mission in self.missions.values():
            before = self._before.get(mission.pk, {})
            if changed := [name for name, value in _columns(mission).items() if before.get(name, UNSET) != value]:
                mission.version += 1
                mission.save(update_fields=[*changed, "version"])
                self.dispatcher.changed.update({"missions", f"mission:{mission.public_id}"})
        for attempt in self._attempts.values():
            if attempt.memory != self._memories.get(attempt.pk):
                attempt.save(update_fields=["memory"])
        for step in {s.pk: s for s in self._steps}.values():
            step.save()
        MissionEvent.objects.bulk_create(self._events)
        for entry in self._entries:  # last: the ledger's lock lasts until the commit
            record(actor=SYSTEM, site=self.site.slug, **entry)


def _columns(mission: Mission) -> dict[str, Any]:
    names = (
        "state",
        "reason",
        "priority",
        "robot_id",
        "pinned_robot_id",
        "eta",
        "started_at",
        "finished_at",
        "allocation",
    )
    return {name: getattr(mission, name) for name in names}
