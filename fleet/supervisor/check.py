"""`manage.py up --check`: three missions in plain words through the REST API, as an integrator would, to their end."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any

from fleet.supervisor.console import Console
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.state import State
from fleet.supervisor.supervisor import Stopped, Supervisor

MISSIONS = (
    "take two totes from receiving to pack 1, then go and charge",
    "bring a tote from receiving to pack 2",
    "go to staging 1",
)
SECONDS = 300.0
PAUSE = 1.0
# Where a mission that does not end has got to, by its last state: the hop that should have moved it on.
HOP_OF_STATE = {
    "queued": "dispatch",
    "assigned": "onboard",
    "running": "link",
    "paused": "mission",
    "waiting": "mission",
}


@dataclass
class Api:
    """A minimal client: the key from `<state>/check.key`, JSON in and out. `turn` keeps the supervisor watching."""

    base: str
    key: str
    supervisor: Supervisor
    slowest: dict[str, float] = field(default_factory=dict)

    def call(
        self, hop: str, method: str, path: str, body: dict[str, Any] | None = None, patience: int = 5
    ) -> dict[str, Any]:
        """Raises ServiceError naming `hop` when the answer is not a success."""
        self.supervisor.turn(0.0)
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        if method == "POST":
            headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base.rstrip("/") + path, data, headers, method=method)
        context = ssl._create_unverified_context() if self.base.startswith("https") else None  # our own certificate
        # Without the proxies of the environment: this goes to our own machine.
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)]
        opener = urllib.request.build_opener(*handlers)
        began = time.monotonic()
        try:
            with opener.open(request, timeout=20) as reply:
                found = json.loads(reply.read())
        except urllib.error.HTTPError as error:
            if error.code == 429 and patience > 0:
                self.rest(float(error.headers.get("Retry-After") or 1))
                return self.call(hop, method, path, body, patience - 1)
            raise ServiceError(
                hop, f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:600]}"
            ) from error
        except (OSError, ValueError) as error:
            raise ServiceError("web", f"{method} {path}: {error}") from error
        self.slowest[hop] = max(self.slowest.get(hop, 0.0), time.monotonic() - began)
        return found if isinstance(found, dict) else {"results": found}

    def rest(self, seconds: float) -> None:
        """Let the supervisor work for a while."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.supervisor.turn(min(left, 0.2))


def run(url: str, state: State, console: Console, supervisor: Supervisor, *, started_in: float) -> int:
    """Print one line of JSON: {"ok": true, figures} or {"ok": false, "hop", "reason", figures}. The exit status."""
    began = time.monotonic()
    figures: dict[str, Any] = {"ready_s": round(started_in, 2)}
    try:
        figures |= _three_missions(Api(url, _key(state), supervisor), state)
    except ServiceError as error:
        console.say(json.dumps({"ok": False, "hop": error.hop, "reason": error.text, **figures}))
        return 1
    except Stopped:
        console.say(json.dumps({"ok": False, "hop": "person", "reason": "stopped before it was done", **figures}))
        return 1
    restarts = {name: kept.restarts for name, kept in supervisor.kept.items() if kept.restarts}
    figures |= {"check_s": round(time.monotonic() - began, 2), "restarts": restarts}
    console.say(
        json.dumps(
            {
                "ok": not restarts,
                **({"hop": next(iter(restarts)), "reason": "restarted"} if restarts else {}),
                **figures,
            }
        )
    )
    return 1 if restarts else 0


def _key(state: State) -> str:
    try:
        return (state.root / "check.key").read_text().strip()
    except OSError as error:
        raise ServiceError("seed", f"there is no key for the check: {error}") from error


def _three_missions(api: Api, state: State) -> dict[str, Any]:
    missions: dict[str, dict[str, Any]] = {}
    for text in MISSIONS:
        draft = api.call("planner", "POST", "/api/v1/missions:interpret", {"site": "demo", "text": text})
        if draft.get("decision") != "plan" or not draft.get("hash"):
            raise ServiceError("planner", f"{text!r} was not understood: {json.dumps(draft)[:600]}")
        wanted = {"interpretation_id": draft["interpretation_id"], "hash": draft["hash"]}
        # These texts are ours and say what they mean: a planner that is only fairly sure of them will do.
        wanted["accepted"] = [part["index"] for part in draft.get("to_accept") or ()]
        created = api.call("dispatch", "POST", "/api/v1/missions", wanted)
        missions[str(created["id"])] = {"text": text, "state": created.get("state"), "began": time.monotonic()}
    deadline = time.monotonic() + SECONDS
    while open_ones := {key: found for key, found in missions.items() if "took" not in found}:
        for key, found in open_ones.items():
            _look(api, key, found)
        if time.monotonic() > deadline:
            raise _late(list(open_ones.values()))
        api.rest(PAUSE)
    times = sorted(found["took"] for found in missions.values())
    return {
        "missions": len(missions),
        "completed_s": [round(value, 1) for value in times],
        "interpret_ms": round(api.slowest["planner"] * 1000),
        "create_ms": round(api.slowest["dispatch"] * 1000),
    }


def _look(api: Api, key: str, found: dict[str, Any]) -> None:
    shown = api.call("web", "GET", f"/api/v1/missions/{key}")
    found["state"] = shown.get("state")
    steps = [step for step in shown.get("steps") or [] if isinstance(step, dict)]
    found["at"] = {
        "robot": shown.get("robot"),
        "reason": shown.get("reason") or "",
        "steps": [f"{step.get('kind') or step.get('action')} {step.get('state')}" for step in steps],
    }
    if found["state"] == "completed":
        found["took"] = time.monotonic() - found["began"]
    elif found["state"] in ("failed", "cancelled", "failing"):
        raise ServiceError("mission", f"{found['text']!r} ended as {found['state']}: {json.dumps(shown)[:600]}")


def _late(open_ones: list[dict[str, Any]]) -> ServiceError:
    """Named after the earliest hop at which a mission stands; the text tells where each of them stands."""
    hops = [HOP_OF_STATE.get(str(found["state"]), "mission") for found in open_ones]
    order = list(dict.fromkeys([*HOP_OF_STATE.values(), "mission"]))
    told = [f"{found['text']!r} is still {found['state']} {json.dumps(found['at'])}" for found in open_ones]
    return ServiceError(min(hops, key=order.index), f"after {SECONDS:.0f} s {'; '.join(told)}")
