"""One dispatch cycle of one site: named phases over what was read, in one transaction, then the effects.

Reports are taken into account, people's requests applied, attempts advanced, queued missions allocated, idle robots
parked, programs sent, ways granted, and everything written with the outgoing messages. `now` is an argument.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from fleet.accounts.models import Site
from robots.floor import Floor
from robots.legs import Leg
from robots.live import page_changed
from robots.models import Robot

from . import apply, intents, lease, programs, reading
from .apply import SYSTEM
from .core import dispatch, idle
from .core import lifecycle as life
from .core.allocation import Candidate, Wanted, allocate
from .core.desk import free
from .core.dispatch import NO_CHARGER
from .core.facts import Drive, RobotFact
from .eta import estimate
from .models import Mission

log = logging.getLogger(__name__)

BLOCKED = ("waiting_for_robot", "waiting_for_place", "no_way", "held")
BLOCKED_AFTER_S = 5.0
GIVE_WAY_AFTER_S = 15.0
CHARGING = "is charging"
PRIORITY_BONUS_S = 60.0


class SiteDispatcher:
    """The leader of one site. Holds `Floor` in memory; everything else is read anew each cycle."""

    def __init__(self, site: Site, holder: str, epoch: int) -> None:
        self.site, self.holder, self.epoch = site, holder, epoch
        self.floor = Floor(site, epoch)
        self.reader = reading.Reader(site)
        self.idle_since: dict[str, float] = {}
        self.suspects: dict[str, float] = {}
        self.trouble: dict[str, str] = {}
        self.changed: set[str] = set()
        self.old_layout = ""

    def load(self) -> None:
        """Forget what is in memory and read the rows: after a start, or when a cycle was not committed."""
        self.reader = reading.Reader(self.site)
        self.floor.load()

    def cycle(self, now: datetime) -> None:
        """Everything that follows from what the robots and people have said since the last cycle."""
        self.changed = set()
        with transaction.atomic():
            lease.renew(self.site, self.holder, self.epoch, now)
            picture = self.reader.read(now)
            self.old_layout = self._relayout(picture, now)
            facts = self._reports(picture, now)
            desk = apply.Desk(self, picture, facts, now)
            self._requests(desk)
            self._advance(desk)
            self._allocate(desk)
            self._advance(desk)
            self._idle(desk)
            programs.keep_sending(desk)
            self.floor.grant(now.timestamp(), picture.robots)
            moved = self.floor.save(now)
            self._waiting(desk)
            desk.save()
            names = sorted(
                {*self.changed, *(f"robot:{picture.robots[s].public_id}" for s in moved if s in picture.robots)}
            )
            if names:
                page_changed(self.site.pk, *names)

    # --- phases ---

    def _relayout(self, picture: reading.Picture, now: datetime) -> str:
        """A layout published since comes into force once no mission is under way: why it has to wait, or ""."""
        if self.reader.layout == self.floor.version.hash:
            return ""
        under_way = [m.label for m in picture.missions if m.pk in picture.attempts]
        why = f"{', '.join(under_way)} under way" if under_way else self.floor.change_layout(now.timestamp())
        if why:
            return f"a new layout is published and waits: {why}"
        log.info("site %s drives on layout %d now", self.site.slug, self.floor.version.number)
        return ""

    def _reports(self, picture: reading.Picture, now: datetime) -> dict[int, RobotFact]:
        """What robots said: progress frees what is behind them; who cannot drive is planned around."""
        facts: dict[int, RobotFact] = {}
        clock = now.timestamp()
        cancelling = {a.robot_id for a in picture.attempts.values() if a.memory.get("phase") == "cancel"}
        for serial, robot in picture.robots.items():
            state = picture.states.get(serial)
            if state is None or state.state_at is None:
                continue
            if not self.floor.known(serial):
                ready = robot.in_service and reading.reachable(state, now) and state.localized and state.last_node_id
                if not ready or not self.floor.admit(robot, state.last_node_id, clock):
                    continue
            self.floor.stands(serial, state.x, state.y)
            self.trouble[serial] = self.floor.progress(serial, state.order_id, state.last_node_sequence_id, clock)
            fact = reading.robot_fact(
                robot, state, self.floor, serial in picture.held, self.idle_since.get(serial), now
            )
            self.floor.hold(serial, self._immovable(fact, robot.pk in cancelling))
            facts[robot.pk] = self._idle_clock(fact, picture, clock)
        return facts

    def _immovable(self, fact: RobotFact, cancelling: bool) -> str:
        if cancelling:
            return "is being told to stop"
        if not fact.reachable:
            return "has no contact; it keeps what it holds"
        if not fact.automatic:
            return "is not under fleet control"
        if fact.held:
            return "is held by a software stop"
        if fact.paused:
            return "is paused"
        if fact.fault:
            return fact.fault
        if self.trouble.get(fact.serial):
            return self.trouble[fact.serial]
        return CHARGING if fact.charging and not fact.moving and fact.serial not in self.floor.legs else ""

    def _idle_clock(self, fact: RobotFact, picture: reading.Picture, clock: float) -> RobotFact:
        busy = any(a.robot_id == fact.id for a in picture.attempts.values()) or not free(fact)
        if busy or fact.serial in self.floor.legs:
            self.idle_since.pop(fact.serial, None)
            return replace(fact, idle_since=None)
        return replace(fact, idle_since=self.idle_since.setdefault(fact.serial, clock))

    def _requests(self, desk: apply.Desk) -> None:
        for intent in desk.picture.intents:
            mission = desk.missions.get(intent.mission_id) or intent.mission
            try:
                outcome = intents.HANDLERS[intent.kind](desk, mission, intent)
            except (ValueError, KeyError, TypeError) as fault:
                # read again and again, one bad request would stop the whole site
                log.exception("%s: %s cannot be carried out", mission.label, intent.kind)
                outcome = f"not carried out: {fault}"
            intent.applied_at, intent.outcome = desk.now, outcome[:300]
            intent.save(update_fields=["applied_at", "outcome"])

    def _advance(self, desk: apply.Desk) -> None:
        for mission_id, attempt in list(desk.picture.attempts.items()):
            mission, robot = desk.missions.get(mission_id), desk.facts.get(attempt.robot_id)
            if mission is None or mission.state == life.PAUSED:
                continue
            if robot is None or not robot.reachable:
                name = desk.robot(attempt.robot_id).name
                desk.wait(mission, f"no contact with {name}: what it does is unknown until it or a person says")
                continue
            fact = reading.mission_fact(mission, attempt)
            memory, decisions = dispatch.advance(fact, robot, desk.now.timestamp(), desk.nearest)
            desk.remember(attempt, memory)
            try:
                desk.carry_out(mission, decisions, actor=SYSTEM.name)
            except (ValueError, KeyError) as fault:
                # one mission that cannot go on must not hold up the others
                log.exception("%s cannot go on", mission.label)
                desk.stuck(mission, f"{robot.name} could not be sent on: {fault}")

    def _allocate(self, desk: apply.Desk) -> None:
        queued = [
            m for m in desk.missions.values() if m.state == life.QUEUED and (m.not_before or desk.now) <= desk.now
        ]
        if self.old_layout:
            for mission in queued:
                desk.note_wait(mission, self.old_layout, {})
        if not queued or self.old_layout:
            return
        busy = {attempt.robot_id for attempt in desk.picture.attempts.values()}
        robots = [self._candidate(desk, fact, busy) for fact in desk.facts.values()]
        robots += [self._absent(robot) for robot in desk.picture.robots.values() if robot.pk not in desk.facts]
        for choice in allocate(self._all_wanted(desk, queued), robots, desk.distance):
            mission = desk.missions[choice.mission]
            allocation = {"text": choice.text, "candidates": [asdict(p) for p in choice.parts[:12]]}
            if choice.robot is None:
                desk.note_wait(mission, choice.text, allocation)
            else:
                desk.start(mission, choice.robot, allocation)

    def _all_wanted(self, desk: apply.Desk, queued: list[Mission]) -> list[Wanted]:
        """One mission whose rows cannot be read must not hold up the others: it stays queued and says so."""
        wanted = []
        for mission in queued:
            try:
                wanted.append(self._wanted(desk, mission))
            except (ValueError, KeyError, TypeError) as fault:
                log.exception("%s cannot be allocated", mission.label)
                desk.note_wait(mission, f"its steps cannot be read: {fault}", {})
        return wanted

    def _candidate(self, desk: apply.Desk, fact: RobotFact, busy: set[int]) -> Candidate:
        robot = desk.robot(fact.id)
        suspect = self.suspects.get(fact.serial, 0.0) > desk.now.timestamp()
        reasons = (
            (not robot.in_service, "out of service"),
            (not fact.reachable, "no contact"),
            (not fact.automatic, "not under fleet control"),
            (bool(fact.fault), fact.fault),
            (fact.held, "held by a software stop"),
            (fact.paused, "paused"),
            (fact.id in busy, "busy with another mission"),
            (suspect, "did not take its last program"),
            (bool(self.trouble.get(fact.serial)), self.trouble.get(fact.serial, "")),
        )
        return Candidate(
            robot=fact.id,
            name=fact.name,
            node=fact.node,
            battery=fact.battery,
            charging=fact.charging,
            skills=frozenset(robot.type.skills) | {"move", "home", "wait", "report", "patrol"},
            capacity=robot.type.capacity,
            payload=robot.type.max_payload,
            blocked=next((text for applies, text in reasons if applies), ""),
            loaded=fact.loaded,
        )

    def _absent(self, robot: Robot) -> Candidate:
        """A robot that is not in traffic: never heard, or standing where another is registered."""
        why = self.floor.refused.get(robot.serial, "not on the floor: it has not reported a place of the layout")
        blocked = why if robot.in_service else "out of service"
        return Candidate(robot.pk, robot.name, "", None, False, frozenset(), 0, 0.0, blocked)

    def _wanted(self, desk: apply.Desk, mission: Mission) -> Wanted:
        steps = list(mission.steps.all())
        quantity = max([int(s.payload.get("qty") or 1) for s in steps if s.op == "pick"], default=0)
        load = max([float(s.payload.get("mass") or 0.0) for s in steps if s.op == "pick"], default=0.0)
        first = next(
            (s.payload.get("node") or (s.payload.get("nodes") or [None])[0] for s in steps if s.op != "wait"), None
        )
        return Wanted(
            mission=mission.pk,
            priority=mission.priority,
            deadline=mission.deadline.timestamp() if mission.deadline else None,
            age=(desk.now - mission.created_at).total_seconds(),
            first_node=first,
            ops=frozenset(s.op for s in steps),
            quantity=quantity,
            load=load,
            pinned=mission.pinned_robot_id,
            unloads=next((s.op for s in steps if s.op in ("pick", "drop")), "") == "drop",
        )

    def _idle(self, desk: apply.Desk) -> None:
        busy = {attempt.robot_id for attempt in desk.picture.attempts.values()}
        unassigned = [f for f in desk.facts.values() if f.id not in busy and desk.robot(f.id).in_service]
        clock = desk.now.timestamp()
        for fact in unassigned:
            self._settle(desk, fact)
        wanting = sum(m.state == life.WAITING and m.reason == NO_CHARGER for m in desk.missions.values())
        crowd = idle.Crowd(desk.nearest, self.floor.resting, self.floor.wanted, wanting)
        for move in idle.idle_moves(unassigned if not self.old_layout else [], clock, crowd):
            self.drive(desk, move, None)

    def _settle(self, desk: apply.Desk, fact: RobotFact) -> None:
        """A robot without a mission whose leg is over, can never be, or has been blocked for long rests again."""
        serial, clock = fact.serial, desk.now.timestamp()
        order = self.floor.rows[serial].order_id
        still = not fact.remaining and not fact.driving
        if order and fact.moving and still and order in ({fact.broken} | fact.rejected):
            self.trouble[serial] = self.floor.abandon(serial, fact.at, order) or self.trouble[serial]
            return
        leg = self.floor.legs.get(serial)
        if leg is None or fact.moving:
            return
        why = self.floor.traffic.explain(serial)
        blocked = why.kind in BLOCKED and clock - why.since >= GIVE_WAY_AFTER_S
        if blocked or (fact.order_id == order and still and not fact.acting and fact.at == leg.goal):
            self.floor.drop(serial, clock)

    def _waiting(self, desk: apply.Desk) -> None:
        """A mission whose robot is blocked for a while says by whom; one that moves again says so too."""
        for mission_id, attempt in desk.picture.attempts.items():
            mission, fact = desk.missions.get(mission_id), desk.facts.get(attempt.robot_id)
            if (
                mission is None
                or fact is None
                or not fact.reachable
                or mission.state not in (life.ASSIGNED, life.RUNNING, life.WAITING)
            ):
                continue
            if reading.memory_of(attempt.memory).phase != "drive":
                continue
            why = self.floor.traffic.explain(fact.serial)
            blocked = why.kind in BLOCKED
            if blocked and desk.now.timestamp() - why.since >= BLOCKED_AFTER_S:
                desk.wait(mission, f"{fact.name} {why.text}")
            elif not blocked and mission.state == life.WAITING:
                desk.set_state(mission, life.RUNNING, "", "state", SYSTEM.name)

    # --- carrying out ---

    def drive(self, desk: apply.Desk, move: Drive, mission: Mission | None) -> None:
        """A leg for a robot: traffic gets its goal, the robot its order as soon as a piece is granted."""
        robot = desk.robot(move.robot)
        slow = mission is not None and mission.plan.get("speed") == "slow"
        leg = Leg(
            order=move.order,
            goal=move.goal,
            actions=tuple(asdict(a) for a in move.actions),
            first=tuple(asdict(a) for a in move.first),
            speed=robot.type.max_speed / 2 if slow else None,
            horizon=mission is not None,
        )
        avoid = self._avoided(mission) if mission else ()
        bonus = PRIORITY_BONUS_S * mission.priority if mission else 0.0
        if self.floor.held(robot.serial) == CHARGING:
            self.floor.hold(robot.serial, "")
        self.floor.drive(robot.serial, leg, desk.now.timestamp(), avoid=avoid, bonus=bonus)
        self.idle_since.pop(robot.serial, None)
        if mission:
            mission.eta = estimate(mission, self.floor, robot, desk.now)

    def _avoided(self, mission: Mission) -> set[str]:
        return {node for place in mission.plan.get("avoid") or () for node in self.floor.layout.nodes_of_place(place)}
