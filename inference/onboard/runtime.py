"""The loop that makes robots move: 20 times a second, messages in, decisions, safety, hardware, messages out.

One thread owns all robots, the driver and the policy. A message is handled when it comes, not at the next tick, so an
order or a stop waits for nothing. A fault in one robot stops that robot and is logged; the others go on.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.contract import Decision, Observation, Policy
from inference.onboard.config import Config, spoken
from inference.onboard.drivers import Driver, for_config
from inference.onboard.executor import Drive, Executor
from inference.onboard.factsheet import default_envelope, factsheet_of, type_of
from inference.onboard.journal import Journals
from inference.onboard.lease import LeaseGuard, LeaseVerifier
from inference.onboard.link import Inbound, Link, Outgoing, Station
from inference.onboard.way import in_frame
from robots.core.layout import Layout, layout_from_json
from robots.core.safety import Proposal, row_at
from robots.core.vda5050.robot_side import RobotSide

log = logging.getLogger(__name__)

TICK = 0.05
"""s of the robots' time between two control steps; shorter on the clock when the simulation runs faster."""
DECIDE_EVERY, SHOW_EVERY, KEEP_EVERY = 2, 4, 20
"""Ticks between two decisions of the policy, two plans shown (3.0), and two writes of pose and battery."""
FIRST_DECISION = 0.3
"""s the policy has for its first decision before its silence counts as missing confidence."""
LONGEST_LAG = 5
"""Ticks the loop may be behind before it gives up catching up."""


@dataclass(slots=True)
class Robot:
    """One robot of this worker and what the loop remembers about it."""

    executor: Executor
    embodiment: str
    lease_topic: str
    decision: Decision | None = None
    decided_at: float = 0.0
    commanded: bool = False
    picture: int = 0
    picture_at: float = 0.0
    waits_since: float | None = None


class Runtime:
    def __init__(
        self,
        config: Config,
        journals: Journals,
        policy: Policy,
        *,
        driver: Driver | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        layout = layout_from_json(config.floor["layout"])
        self.config, self.policy = config, policy
        self.driver = driver or for_config(config, layout)
        self.monotonic, self.wall = monotonic, wall
        self.inbox: queue.SimpleQueue[Inbound] = queue.SimpleQueue()
        verifier = LeaseVerifier(config.lease_key)
        rows = {row["serial"]: row for row in config.floor["robots"]}
        self.robots = {
            serial: _robot(config, rows[serial], layout, self.driver, journals, verifier, policy)
            for serial in config.serials
        }
        stations = [_station(robot, self.wall()) for robot in self.robots.values()]
        self.link = Link(config.broker, stations, self.inbox)
        self.ticks = 0
        self.decision_ms: deque[float] = deque(maxlen=2000)
        self.tick_ms: deque[float] = deque(maxlen=2000)
        self._beat_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="onboard-runtime", daemon=True)

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.config.beat.parent.mkdir(parents=True, exist_ok=True)
        self.link.start()
        self._thread.start()

    def stop(self) -> None:
        """Stand still, write down where, say OFFLINE for every robot, disconnect."""
        self._stopping.set()
        self._thread.join(5.0)
        farewells: list[Outgoing] = []
        for serial, robot in self.robots.items():
            self.driver.command(serial, 0.0, 0.0)
            robot.executor.keep()
            robot.executor.save()
            robot.executor.side.disconnecting(self.wall())
            farewells += _outgoing(robot)
        self.link.stop(farewells)

    def _run(self) -> None:
        period = TICK / self.config.speed
        due = self.monotonic()
        while not self._stopping.is_set():
            now = self.monotonic()
            if now < due:
                self._listen(due - now)
                continue
            due = now if now - due > LONGEST_LAG * period else due + period
            try:
                self.tick(now)
            except Exception:
                log.exception("a control tick failed; every robot stops")
                for serial in self.robots:
                    self.driver.command(serial, 0.0, 0.0)
            self.tick_ms.append((self.monotonic() - now) * 1e3)

    def _listen(self, seconds: float) -> None:
        """Handle one message as soon as it is there, and what has come with it."""
        try:
            inbound = self.inbox.get(timeout=seconds)
        except queue.Empty:
            return
        until = self.monotonic() + TICK / 2
        touched = {inbound.serial: None}
        self.handle(inbound)
        while self.monotonic() < until and not self.inbox.empty():
            inbound = self.inbox.get()
            touched[inbound.serial] = None
            self.handle(inbound)
        self.send(list(touched))

    # --- messages ---------------------------------------------------------------------------------------------------

    def handle(self, inbound: Inbound) -> None:
        robot = self.robots[inbound.serial]
        self._safely(inbound.serial, self._handle, robot, inbound)

    def _handle(self, robot: Robot, inbound: Inbound) -> None:
        executor, now = robot.executor, self.monotonic()
        if inbound.kind == "up":
            executor.side.connected(self.wall())
        elif inbound.kind == "message" and inbound.topic == robot.lease_topic:
            accepted = executor.guard.offer(inbound.payload, retained=inbound.retained, received_at=inbound.at)
            if accepted and self.driver.instant:
                self._complete(robot, now)
        elif inbound.kind == "message" and not inbound.retained:
            executor.act(executor.side.receive(inbound.topic, inbound.payload, self.wall()), now)
            if self.driver.instant:
                self._complete(robot, now)

    def _complete(self, robot: Robot, now: float) -> None:
        """Instant robots: drive and work until nothing more may be done."""
        executor = robot.executor
        for _ in range(1000):
            executor.jump(now)
            finished = self.driver.done()
            if not finished:
                break
            for serial, work in finished:
                other = self.robots[serial].executor
                other.act(other.sense(False), now)
                other.actions.done(work)
                other.act((), now)
        executor.heartbeat(self.wall(), now)

    def send(self, serials: Sequence[str]) -> None:
        out: list[Outgoing] = []
        for serial in serials:
            out += _outgoing(self.robots[serial])
        self.link.send(out)
        for serial in serials:
            if self.robots[serial].executor.switched_off:
                self.robots[serial].executor.switched_off = False
                self.link.leave(serial)

    # --- a tick -----------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """One control step of TICK s at monotonic time `now`."""
        self.ticks += 1
        drives: dict[str, Drive] = {}
        for serial, robot in self.robots.items():
            drive = self._safely(serial, self._prepare, robot, now)
            if drive is not None:
                drives[serial] = drive
        if self.ticks % DECIDE_EVERY == 0:
            self._decide(drives, now)
        ranges = self.driver.ranges(list(drives))
        for serial, robot in self.robots.items():
            if (drive := drives.get(serial)) is None:
                robot.decision, robot.commanded, robot.waits_since = None, False, None
                self.driver.command(serial, 0.0, 0.0)
            else:
                self._safely(serial, self._command, robot, drive, ranges[serial], now)
        self.driver.step(TICK)
        for serial, work in self.driver.done():
            self._safely(serial, self._work_done, self.robots[serial], work, now)
        wall = self.wall()
        for serial, robot in self.robots.items():
            if self.ticks % KEEP_EVERY == 0:
                self._safely(serial, robot.executor.keep)
            if self.ticks % SHOW_EVERY == 0:
                self._safely(serial, robot.executor.show, wall)
            self._safely(serial, robot.executor.heartbeat, wall, now)
        self.send(list(self.robots))
        if now - self._beat_at > 0.5:
            self._beat_at = now
            self.config.beat.touch()

    def _prepare(self, robot: Robot, now: float) -> Drive | None:
        """Senses and progress; gives the drive that is wanted and permitted now."""
        executor = robot.executor
        executor.act(executor.sense(robot.commanded), now)
        if self.driver.instant:
            self._complete(robot, now)
            return None
        executor.act(executor.passed(), now)
        return executor.drive()

    def _work_done(self, robot: Robot, work: Any, now: float) -> None:
        robot.executor.act(robot.executor.sense(robot.commanded), now)  # the loads before the word that they are there
        robot.executor.actions.done(work)
        robot.executor.act((), now)

    def _command(self, robot: Robot, drive: Drive, ranges: Any, now: float) -> None:
        executor, decision = robot.executor, robot.decision
        if decision is None:
            robot.waits_since = now if robot.waits_since is None else robot.waits_since
            if self._wants(drive, executor, now) and now - robot.waits_since < FIRST_DECISION:
                robot.commanded = False
                self.driver.command(executor.serial, 0.0, 0.0)
                return
            proposal = Proposal(0.0, 0.0, None, 0.0)
        else:
            age = now - robot.decided_at
            robot.waits_since = None
            v, omega = row_at(decision.chunk, decision.dt, age * self.config.speed)
            proposal = Proposal(v, omega, decision.confidence, age)
        verdict = executor.judge(drive, proposal, ranges, now)
        robot.commanded = verdict.v != 0.0 or verdict.omega != 0.0
        if robot.commanded:
            executor.act(executor.enter(), now)
        self.driver.command(executor.serial, verdict.v, verdict.omega)

    # --- the policy -------------------------------------------------------------------------------------------------

    def _decide(self, drives: dict[str, Drive], now: float) -> None:
        """One batch for all robots that want to move or have to look. A robot that may not move is not asked."""
        moving = []
        for serial, drive in drives.items():
            if self._wants(drive, self.robots[serial].executor, now):
                moving.append(serial)
            else:
                self.robots[serial].decision = None
        looking = [s for s, r in self.robots.items() if r.executor.actions.look is not None and s not in moving]
        if not moving and not looking:
            return
        started = self.monotonic()
        ways = [drives[s].way.rest(drives[s].along, len(drives[s].way.points) - 1) for s in moving]
        observations = []
        if moving:
            frames = self.driver.frames(moving, ways)
            observations = [self._driving(self.robots[s], drives[s], frames[i], now) for i, s in enumerate(moving)]
        observations += [self._looking(self.robots[s], now) for s in looking]
        try:
            decisions = self.policy.act(observations)
        except Exception:
            log.exception("the policy failed; its last decisions run out and the robots stop")
            return
        self.decision_ms.append((self.monotonic() - started) * 1e3)
        for serial, decision in zip([*moving, *looking], decisions, strict=True):
            robot = self.robots[serial]
            if robot.executor.actions.look is not None and serial in looking:
                robot.executor.actions.decided(decision, now)
                robot.executor.act((), now)
            else:
                robot.decision, robot.decided_at = decision, now

    @staticmethod
    def _wants(drive: Drive, executor: Executor, now: float) -> bool:
        """Whether the robot would move if the model proposed it."""
        return drive.may_drive and executor.guard.fresh(now) and not executor.guard.held

    def _driving(self, robot: Robot, drive: Drive, frame: Any, now: float) -> Observation:
        b = robot.executor.body
        ahead = min(0.45 + 0.45 * b.v, drive.remaining)
        x, y = in_frame(b.x, b.y, b.theta, drive.way.at(drive.along + ahead))
        turn = math.remainder(drive.theta - b.theta, math.tau) if drive.theta is not None else 0.0
        picture = zlib.crc32(frame)
        if picture != robot.picture or not robot.commanded:
            robot.picture, robot.picture_at = picture, now
        limit = min(drive.speed_limit, robot.executor.limits.max_speed)
        senses = (
            b.v, b.omega, drive.remaining, limit, drive.corridor.distance(b.x, b.y), math.atan2(y, x),
            float(len(b.loads)), now - robot.picture_at,
        )  # fmt: skip
        return _observation(robot, frame, senses, (x, y, turn), "move", now)

    def _looking(self, robot: Robot, now: float) -> Observation:
        look = robot.executor.actions.look
        assert look is not None
        b, kind = robot.executor.body, look.action.action_type
        if kind in ("scan", "inspect"):
            frame = self.driver.station_frame(robot.executor.serial, look.work.station)
        else:
            frame = self.driver.frames([robot.executor.serial], [[(b.x, b.y)]])[0]
        senses = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, float(len(b.loads)), 0.0)
        return _observation(robot, frame, senses, (0.0, 0.0, 0.0), kind, now)

    # --- faults -----------------------------------------------------------------------------------------------------

    def _safely(self, serial: str, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except Exception:
            log.exception("%s: stopped by a fault in its worker", serial)
            self.robots[serial].commanded = False
            self.driver.command(serial, 0.0, 0.0)
            return None


def _robot(
    config: Config,
    row: dict[str, Any],
    layout: Layout,
    driver: Driver,
    journals: Journals,
    verifier: LeaseVerifier,
    policy: Policy,
) -> Robot:
    kind, serial = type_of(str(row.get("type", "cart"))), str(row["serial"])
    settings = spoken(row)
    sheet = factsheet_of(kind, f"{policy.name} {policy.version}", settings.version)
    side = RobotSide(serial, str(row.get("manufacturer", "yardmaster")), sheet, settings)
    guard = LeaseGuard(serial, config.site, verifier)
    executor = Executor(
        side, journals.of(serial), driver, guard, layout, default_envelope(kind), config.state_hz, radius=kind.radius
    )
    executor.restore(row.get("node"))
    return Robot(executor, kind.name, f"yardmaster/v1/{config.site}/lease")


def _station(robot: Robot, wall: float) -> Station:
    side = robot.executor.side
    topic, payload, qos, retain = side.will(wall)
    subscriptions = (*side.subscriptions(), (robot.lease_topic, 0))
    return Station(side.serial, subscriptions, Outgoing(side.serial, topic, payload, qos, retain))


def _outgoing(robot: Robot) -> list[Outgoing]:
    side = robot.executor.side
    return [Outgoing(side.serial, *message) for message in side.data_to_send()]


def _observation(
    robot: Robot, frame: Any, senses: tuple[float, ...], target: tuple[float, float, float], skill: str, now: float
) -> Observation:
    order = robot.executor.side.route.order
    program = robot.executor.actions.program(order.order_id.partition(".")[0]) if order and skill != "move" else None
    return Observation(
        frames=frame[None],
        proprioception=np.array(senses, dtype=np.float32),
        target=target,
        skill=skill,
        text=program.instruction if program else "",
        embodiment=robot.embodiment,
        t_monotonic=now,
    )
