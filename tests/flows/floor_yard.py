"""A stack whose floor simulated robots share with scripted ones of another maker, for everything about traffic."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from robots.core.demo_site import demo_layout
from tests.flows.crew import LENGTH_M, WIDTH_M, Crew, Login, ScriptedRobot
from tests.flows.yard import Person, Yard, until
from tests.stack import REPO, Stack

SIMULATED = 2
MAKER = "acme"
STARTS = {
    "R-11": "N050-031",
    "R-12": "N072-031",
    "R-13": "N094-031",
    "R-14": "N116-031",
    "R-15": "N182-031",
    "R-16": "N248-031",
}
"""Parking places in the south where no simulated robot begins."""
SET_UP = f"""
from django.core.management import call_command
from fleet.accounts.models import Site
from fleet.accounts.services import create_key, create_user, set_role
call_command("robot", "type", "scripted", "--max-speed", "1.5", "--length", "{LENGTH_M}", "--width", "{WIDTH_M}",
             "--max-payload", "100", "--capacity", "12")
for serial in {list(STARTS)!r}:
    call_command("robot", "add", serial, "--manufacturer", "{MAKER}", "--type", "scripted", "--site", "demo")
site = Site.objects.get(slug="demo")
for name in ("door", "other-door"):
    key = create_key(site=site, name=name, scopes=("doors:write",), actor="flows")[1]
    print("key", name, key)
second = create_user(username="second", password="a-second-person-4711", actor="flows", full_name="Second Person")
set_role(user=second, site=site, role="supervisor", actor="flows")
"""
SECOND = ("second", "a-second-person-4711")


class FloorYard(Yard):
    """`crew` the scripted robots, `second` another supervisor, `keys` secrets of door controllers by name."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self.layout = demo_layout()
        said = self.manage("shell", "-c", SET_UP)
        self.keys = dict(re.findall(r"^key (\S+) (\S+)$", said, re.M))
        self.second = Person(stack.url, *SECOND)
        broker = urlsplit(stack.env["YARDMASTER_MQTT_ROBOT_URL"])
        passwords = re.findall(r"^ +password +(\S+)$", said, re.M)
        robots = []
        for (serial, node), password in zip(STARTS.items(), passwords, strict=True):
            login = Login(serial, MAKER, broker.hostname or "", broker.port or 1883, password)
            robots.append(ScriptedRobot(login, self.layout))
            robots[-1].put(node)
        self.crew = Crew(robots)
        for robot in robots:
            robot.connect()
        until(lambda: self.robots().keys() >= STARTS.keys() and self._all_admitted(), 60, lambda: self.told())

    def close(self) -> None:
        self.crew.close()
        super().close()

    def _all_admitted(self) -> bool:
        return all(self.base(serial) for serial in STARTS)

    def manage(self, *arguments: str) -> str:
        """What a management command of the product prints, run beside the stack."""
        env = {**os.environ, **self.stack.env}
        line = [sys.executable, str(REPO / "manage.py"), *arguments]
        done = subprocess.run(line, env=env, cwd=REPO, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    # --- robots -------------------------------------------------------------------------------------------------------

    def calm(self) -> None:
        """Besides what a yard does: every scripted robot is well again, nothing is closed, taken or blocked."""
        for robot in self.crew.robots.values():
            self.crew.do(robot.heal)
        self._reopen()
        super().calm()
        until(lambda: not self.alarms(), 40, lambda: f"alarms stand: {self.alarms()} {self.told()}", every=0.3)
        self._off_the_lanes()
        self.crew.forget_distances()

    def _off_the_lanes(self) -> None:
        """Robots that an earlier test left on a lane would be pushed about by the next: they are carried to park."""
        parking = [s.nodes[0] for s in self.layout.stations if s.kind in ("parking", "charger")]
        for serial in self.crew.robots:
            if self.base(serial)[-1:] == [self.row(serial)["last_node"]] and self.base(serial)[-1] in parking:
                continue
            taken = {node for row in self.robots().values() for node in (*row["released_path"], row["last_node"])}
            self.place(serial, next(n for n in (*STARTS.values(), *parking) if n not in taken))

    def _reopen(self) -> None:
        floor = self.floor()
        for zone in floor["zones"]:
            if zone["state"] != "open" and not zone["by_layout"]:
                self.ask_floor("open_zone", zone["id"])
        for block in floor["blocks"]:
            self.ask_floor("clear", block["name"])
        for door in floor["doors"]:
            if door["owner"]:
                self.person.call("POST", f"/api/v1/doors/{door['id']}:give_back", {"site": "demo", "reason": "calm"})

    def place(self, serial: str, node: str) -> None:
        """Carried there by hand and switched back to automatic; in traffic again once this returns."""
        robot = self.crew[serial]
        self.crew.do(robot.manual)
        self.crew.do(lambda: robot.put(node))
        until(lambda: self.row(serial)["operating_mode"] == "MANUAL", 10, f"{serial} says that it is in manual")
        self.crew.do(lambda: robot.manual(on=False))
        until(lambda: self.base(serial)[:1] == [node], 15, lambda: f"{serial} at {node}: {self.told()}")

    def go(self, serial: str, place: str) -> str:
        """A mission for this very robot."""
        return self.send(f"{serial} go to {place}")

    def row(self, serial: str) -> dict[str, Any]:
        return self.robots()[serial]

    def base(self, serial: str) -> list[str]:
        """Nodes released to it that are not freed yet, as dispatch has written them down."""
        rows = self.rows(
            "select t.base from robots_robottraffic t join robots_robot r on r.id = t.robot_id where r.serial = %s",
            serial,
        )
        return [visit["node"] for visit in rows[0][0]] if rows else []

    def bases(self) -> dict[str, list[str]]:
        """Every robot's base in one look: between two looks a node may be freed by one and granted to the next."""
        rows = self.rows(
            "select r.serial, t.base from robots_robottraffic t join robots_robot r on r.id = t.robot_id order by 1"
        )
        return {serial: [visit["node"] for visit in base] for serial, base in rows}

    def holds(self, serial: str) -> set[str]:
        rows = self.rows(
            "select h.resource from robots_resourcehold h join robots_robot r on r.id = h.robot_id where r.serial = %s",
            serial,
        )
        return {resource for (resource,) in rows}

    def holders(self) -> dict[str, list[str]]:
        """Serials by resource, in one look."""
        found: dict[str, list[str]] = {}
        for resource, serial in self.rows(
            "select h.resource, r.serial from robots_resourcehold h join robots_robot r on r.id = h.robot_id"
        ):
            found.setdefault(resource, []).append(serial)
        return found

    def wait_of(self, serial: str) -> dict[str, Any]:
        """Why it stands, as REST tells it."""
        found: dict[str, Any] = self.row(serial)["waiting"] or {}
        return {"kind": "", "text": "", "known": False, "holder": None, **found}

    # --- the floor ----------------------------------------------------------------------------------------------------

    def floor(self) -> dict[str, Any]:
        found: dict[str, Any] = self.stack.call("GET", "/api/v1/floor?site=demo")
        return found

    def zone(self, zone: str) -> dict[str, Any]:
        return next(z for z in self.floor()["zones"] if z["id"] == zone)

    def door(self, door: str = "fire-door") -> dict[str, Any]:
        return next(d for d in self.floor()["doors"] if d["id"] == door)

    def ask_floor(self, kind: str, target: str, person: Person | None = None, **data: Any) -> str:
        """Asked by a supervisor; the id of the request."""
        body = {"site": "demo", "kind": kind, "target": target, "reason": "a flow test", **data}
        return str((person or self.person).call("POST", "/api/v1/floor_requests", body)["id"])

    def request(self, request: str) -> dict[str, Any]:
        found: dict[str, Any] = self.stack.call("GET", f"/api/v1/floor_requests/{request}")
        return found

    def applied(self, request: str) -> str:
        """What became of it, once dispatch has applied it."""
        return str(until(lambda: self.request(request)["outcome"], 10, lambda: self.request(request)))

    def by_key(self, name: str, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        """As the door controller of this name: status and body."""
        headers = {
            "Authorization": f"Bearer {self.keys[name]}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        request = urllib.request.Request(self.stack.url + path, json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def alarms(self, kind: str = "", serial: str = "") -> list[str]:
        """What a person has to look at, as dispatch tells it."""
        rows = self.rows("select snapshot->'alarms' from robots_sitetraffic")
        found = [alarm for (alarms,) in rows for alarm in alarms or ()]
        return [a["text"] for a in found if kind in ("", a["kind"]) and serial in ("", a["robot"])]

    def leader(self) -> tuple[int, int]:
        """Process id and epoch of the dispatch process that leads the site; (0, 0) between two leaders."""
        rows = self.rows("select holder, epoch from missions_dispatchlease where expires_at > now()")
        return (int(rows[0][0].rsplit(":", 1)[1]), rows[0][1]) if rows else (0, 0)

    def told(self) -> str:
        """Everything that helps to see why the floor stands as it stands."""
        shown = {
            s: (r["summary"], r["released_path"], (r["waiting"] or {}).get("text")) for s, r in self.robots().items()
        }
        truth = {s: (r.over, r.base, r.side.mode, r.online) for s, r in self.crew.robots.items()}
        log = (self.stack.state / "logs" / "dispatch.log").read_text(errors="replace")[-600:]
        return "\n".join(map(str, [shown, truth, self.alarms(), self.crew.fault, log]))

    # --- what must hold at every moment -------------------------------------------------------------------------------

    def on_own_ground(self) -> None:
        """Every scripted robot is on ground that is recorded as its own (or has been freed behind it meanwhile)."""
        before = {s: (r.over, r.side.route.last_sequence_id) for s, r in self.crew.robots.items()}
        holders = self.holders()
        for serial, robot in self.crew.robots.items():
            over, _ = before[serial]
            if (robot.over, robot.side.route.last_sequence_id) == before[serial]:
                owners = {node: holders.get(f"node:{node}") for node in over}
                assert all(owner == [serial] for owner in owners.values()), (serial, owners, self.told())

    def while_true(self, over: Callable[[], Any], seconds: float, what: str, every: float = 0.1) -> None:
        """Until `over`, with every robot on its own ground all the time."""

        def look() -> Any:
            self.on_own_ground()
            return over()

        until(look, seconds, lambda: f"{what}: {self.told()}", every=every)
