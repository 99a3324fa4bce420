"""What a flow test does with a running stack: say, wait, look, break. Waiting is polling with a deadline."""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import psutil
import psycopg
import pytest

from tests.flows.radio import Radio
from tests.stack import Stack

T = TypeVar("T")
ENDED = ("completed", "cancelled", "failed")


def until(condition: Callable[[], T], seconds: float, what: str | Callable[[], object] = "", every: float = 0.1) -> T:
    """The first true value of `condition`; the test fails with `what` when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            told = what() if callable(what) else what
            pytest.fail(f"not within {seconds:g} s: {told}")
        time.sleep(every)


class Yard:
    """One running stack with its integrator's key, its supervisor's session and a listener on MQTT."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.radio = Radio(stack.env["MQTT_URL"])
        self.person = Person(stack.url, *(stack.state / "login.txt").read_text().split())

    def close(self) -> None:
        self.radio.close()

    def restart(self) -> None:
        """`up` stopped and started again on the same state folder. What the radio heard so far stays known."""
        finished, loads = self.radio.finished, self.radio.most_loads
        self.close()
        self.stack.stop()
        self.stack.__enter__()
        self.__init__(self.stack)  # type: ignore[misc]
        self.radio.finished |= finished
        self.radio.most_loads = {**loads, **self.radio.most_loads}

    # --- missions -----------------------------------------------------------------------------------------------------

    def read(self, text: str) -> dict[str, Any]:
        """What is understood."""
        found: dict[str, Any] = self.stack.call("POST", "/api/v1/missions:interpret", {"site": "demo", "text": text})
        return found

    def send(self, text: str) -> str:
        """Interpreted and dispatched; the id of the mission."""
        seen = self.read(text)
        assert seen["decision"] == "plan" and seen["dispatchable"], seen
        wanted = {"interpretation_id": seen["interpretation_id"], "hash": seen["hash"]}
        return str(self.stack.call("POST", "/api/v1/missions", wanted)["id"])

    def mission(self, mission: str) -> dict[str, Any]:
        found: dict[str, Any] = self.stack.call("GET", f"/api/v1/missions/{mission}")
        return found

    def ask(self, mission: str, kind: str, **body: Any) -> None:
        self.stack.call("POST", f"/api/v1/missions/{mission}:{kind}", body)

    def until_mission(self, mission: str, *states: str, seconds: float = 60.0) -> dict[str, Any]:
        """The mission once it is in one of `states`; fails early when it ended otherwise."""
        last: dict[str, Any] = {}

        def there() -> bool:
            with contextlib.suppress(OSError, RuntimeError):  # the web process may be away for a moment
                last.update(self.mission(mission))
            if last.get("state") in ENDED and last["state"] not in states:
                pytest.fail(f"the mission ended as {last['state']}, not {' or '.join(states)}: {self.story(mission)}")
            return last.get("state") in states

        until(there, seconds, lambda: f"{last.get('state')} instead of {states}: {self.story(mission)}")
        return last

    def events(self, mission: str) -> list[tuple[str, str, str, str, str]]:
        """(kind, from, to, actor, reason), oldest first."""
        return self.rows(
            "select e.kind, e.from_state, e.to_state, e.actor, e.reason from missions_missionevent e "
            "join missions_mission m on m.id = e.mission_id where m.public_id = %s order by e.id",
            mission,
        )

    def story(self, mission: str) -> str:
        """Everything that helps to see why a mission stands where it stands."""
        with contextlib.suppress(Exception):
            shown = self.mission(mission)
            rows = self.rows(
                "select a.number, a.state, a.error, a.memory, r.serial from missions_attempt a "
                "join missions_mission m on m.id = a.mission_id join robots_robot r on r.id = a.robot_id "
                "where m.public_id = %s order by a.number",
                mission,
            )
            robots = {s: self.robots()[s]["summary"] for s in self.robots()}
            return "\n".join(map(str, [shown, *self.events(mission), *rows, robots, self.stack.said()[-1500:]]))
        return "(nothing more can be asked: web or database is away)"

    def executed_once(self, mission: str) -> None:
        """Every step is done, and no pick, drop, scan or inspect of it was finished twice, over all attempts."""
        rows = self.rows(
            "select a.public_id from missions_attempt a join missions_mission m on m.id = a.mission_id "
            "where m.public_id = %s",
            mission,
        )
        shown = self.mission(mission)
        assert {step["state"] for step in shown["steps"]} == {"done"}, self.story(mission)
        finished: dict[int, set[str]] = {}
        for action in self.radio.finished:
            match action.split("."):  # <attempt>.<step>.<leg>.<kind>; others are instant actions
                case [attempt, step, _, "pick" | "drop" | "scan" | "inspect"] if (attempt,) in rows:
                    finished.setdefault(int(step), set()).add(action)
        assert all(len(actions) == 1 for actions in finished.values()), (finished, self.story(mission))

    # --- robots and stops ---------------------------------------------------------------------------------------------

    def robots(self) -> dict[str, dict[str, Any]]:
        """By serial."""
        return {row["serial"]: row for row in self.stack.call("GET", "/api/v1/robots?site=demo")["data"]}

    def stops(self) -> dict[str, Any]:
        found: dict[str, Any] = self.stack.call("GET", "/api/v1/sites/demo/stop")
        return found

    def stop_site(self, reason: str = "") -> dict[str, Any]:
        body = {"state": "stopped", "reason": reason}
        found: dict[str, Any] = self.stack.call("PUT", "/api/v1/sites/demo/stop", body)
        return found

    def resume_all(self) -> None:
        """A person clears every stop that stands, once the robots answer again."""

        def cleared() -> bool:
            with contextlib.suppress(OSError, RuntimeError):
                for stop in self.stops()["stops"]:
                    body = {"stop_id": stop["id"], "robots": [r["serial"] for r in stop["robots"]], "reason": "looked"}
                    self.person.call("POST", "/api/v1/sites/demo/stop:resume", body)
                return not self.stops()["stops"]
            return False

        until(cleared, 30, lambda: f"the stops stand: {self.stops()}", every=0.5)

    def all_stand(self, over: float = 0.6) -> bool:
        """Whether no robot has moved during the last `over` seconds, by what the robots themselves report."""
        return not self.radio.moved(since=time.monotonic() - over)

    # --- the processes ------------------------------------------------------------------------------------------------

    def top(self, name: str) -> psutil.Process:
        """The process that `up` started under that name (not its children)."""
        found = self.stack.processes().get(name, [])
        tops = [process for process in found if process.ppid() == self.stack.child.pid]
        assert tops, f"{name} is not running: {self.stack.said()[-1500:]}"
        return tops[0]

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until `up` has started it again."""
        process = self.top(name)
        process.kill()
        until(lambda: self.replaced(name, process.pid), 30, f"{name} started again: {self.stack.said()[-1500:]}")

    def replaced(self, name: str, before: int) -> bool:
        found = self.stack.processes().get(name, [])
        return any(process.pid != before and process.ppid() == self.stack.child.pid for process in found)

    @contextlib.contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """All processes of these names stopped by the kernel (SIGSTOP), and going on afterwards."""
        held = [process for name in names for process in self.stack.processes().get(name, [])]
        assert held, names
        try:
            for process in held:
                os.kill(process.pid, signal.SIGSTOP)
            yield
        finally:
            for process in held:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)

    # --- the database -------------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.stack.env["DATABASE_URL"], autocommit=True, connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()

    def calm(self) -> None:
        """No open mission, no standing stop, every robot answers: what each test starts from."""
        open_states = ["queued", "assigned", "running", "waiting", "paused", "failing"]

        def over() -> bool:
            with contextlib.suppress(OSError, RuntimeError):
                path = f"/api/v1/missions?site=demo&state={','.join(open_states)}"
                left = [row["id"] for row in self.stack.call("GET", path)["data"]]
                for mission in left:
                    with contextlib.suppress(RuntimeError):  # it may have ended meanwhile
                        self.ask(mission, "cancel", reason="the next test begins")
                return not left and all(robot["commandable"] for robot in self.robots().values())
            return False

        self.resume_all()
        until(over, 90, lambda: f"the site is not calm: {self.robots()} {self.stack.said()[-1500:]}", every=0.5)


class Person:
    """A person's browser session without a browser: signs in through the form, sends the CSRF token."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.url, self.name, self.password = url, name, password
        self.jar = http.cookiejar.CookieJar()
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar))
        self.opener = urllib.request.build_opener(*handlers)
        self.signed_in = False

    def sign_in(self) -> None:
        page = self.opener.open(self.url + "/login/", timeout=10).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, page[:500]
        form = {"csrfmiddlewaretoken": token[1], "username": self.name, "password": self.password, "next": "/"}
        answer = self.opener.open(self.url + "/login/", urllib.parse.urlencode(form).encode(), timeout=10)
        assert not answer.url.endswith("/login/"), "the name and the password were refused"
        self.signed_in = True

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """JSON in and out. RuntimeError when the answer is not a success."""
        if not self.signed_in:
            self.sign_in()
        token = next(cookie.value for cookie in self.jar if "csrf" in cookie.name)
        headers = {
            "X-CSRFToken": token or "",
            "Content-Type": "application/json",
            "Idempotency-Key": os.urandom(12).hex(),
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self.opener.open(request, timeout=20) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:800]
            raise RuntimeError(f"{method} {path}: {error.code} {said}") from error
