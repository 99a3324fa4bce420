"""`manage.py bench dispatch`: from the posted consent to the VDA 5050 order on the wire, and missions per second.

One at a time at 12 idle robots, the same at `--robots` with 1 Hz state, then many at once: every mission must end
completed, on one attempt.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import psycopg

from tests.stack import Stack, machine, quantile

PLACES = ("pack-1", "pack-2", "dock-1", "dock-2", "rack-a1", "rack-b2", "rack-c1", "rack-d3", "staging-1", "cold-a")
IDLE_ROBOTS = 12


class Wire:
    """Listens to every order on the broker; `first` waits for the next new mission order and gives its time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.arrived = threading.Event()
        self.at = 0.0
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="bench")
        self.client.username_pw_set(parts.username, parts.password)
        self.client.on_message = self._heard
        self.client.connect(parts.hostname or "127.0.0.1", parts.port or 1883)
        self.client.subscribe([("uagv/v2/+/+/order", 0), ("vda5050/v3/+/+/order", 0)])
        self.client.loop_start()

    def _heard(self, client: mqtt.Client, data: Any, message: mqtt.MQTTMessage) -> None:
        now = time.perf_counter()
        body = json.loads(message.payload)
        if body["orderUpdateId"] == 0 and body["orderId"].startswith("att_") and not self.arrived.is_set():
            self.at = now
            self.arrived.set()

    def close(self) -> None:
        self.client.loop_stop()
        self.client.disconnect()


def preview(stack: Stack, place: str) -> dict[str, str]:
    plan = {"steps": [{"op": "move", "at": place}]}
    seen = stack.call("POST", "/api/v1/missions:interpret", {"site": "demo", "plan": plan})
    return {"interpretation_id": seen["interpretation_id"], "hash": seen["hash"]}


def wait_for(stack: Stack, id: str, seconds: float = 60.0) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = str(stack.call("GET", f"/api/v1/missions/{id}")["state"])
        if state in ("completed", "failed", "cancelled", "failing"):
            return state
        time.sleep(0.1)
    return "late"


def one_at_a_time(stack: Stack, count: int) -> dict[str, float]:
    """Milliseconds from the moment the POST is sent to the order's arrival at a subscriber."""
    wire, times, places = Wire(stack.env["MQTT_URL"]), [], cycle(PLACES)
    for number in range(count + 3):
        wanted = preview(stack, next(places))
        wire.arrived.clear()
        began = time.perf_counter()
        mission = stack.call("POST", "/api/v1/missions", wanted)
        if not wire.arrived.wait(10):
            raise RuntimeError(f"no order for {mission['label']} within 10 s: {mission}")
        if number >= 3:  # the first ones warm up connections and tables
            times.append((wire.at - began) * 1000)
        wait_for(stack, mission["id"])
    wire.close()
    return {"p50": quantile(times, 0.5), "p95": quantile(times, 0.95)}


def many_at_once(stack: Stack, count: int) -> dict[str, Any]:
    """Missions per second from the first POST to the last completion, what was lost, what ran twice."""
    places = cycle(PLACES)
    wanted = [preview(stack, next(places)) for _ in range(min(count, 200))]
    cpu, began = stack.cpu_s(), time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        ids = [m["id"] for m in pool.map(lambda body: stack.call("POST", "/api/v1/missions", body), wanted)]
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as database:
        open_query = "select count(*) from missions_mission where public_id = any(%s) and finished_at is null"
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and database.execute(open_query, [ids]).fetchone() != (0,):
            time.sleep(0.1)
        spent, seconds = stack.cpu_s() - cpu, time.monotonic() - began
        states = dict(
            database.execute(
                "select state, count(*) from missions_mission where public_id = any(%s) group by state", [ids]
            ).fetchall()
        )
        twice = database.execute(
            "select count(*) from (select mission_id from missions_attempt a join missions_mission m"
            " on m.id = a.mission_id where m.public_id = any(%s) and a.state = 'done'"
            " group by mission_id having count(*) > 1) t",
            [ids],
        ).fetchone()
    done = states.get("completed", 0)
    return {
        "missions": len(ids),
        "missions_per_s": round(done / seconds, 1),
        "lost": len(ids) - done,
        "states": states,
        "executed_twice": twice[0] if twice else None,
        "cpu_ms_per_mission": round(1000 * spent / max(1, done), 1),
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench dispatch")
    parser.add_argument("--robots", type=int, default=50)
    parser.add_argument("--state-hz", type=float, default=1.0, help="how often a robot sends its state")
    parser.add_argument("--samples", type=int, default=40)
    parser.add_argument("--missions", type=int, default=200)
    parser.add_argument("--json", action="store_true", help="accepted for uniformity; the last line is always JSON")
    options = parser.parse_args(argv)
    figures: dict[str, Any] = {"machine": machine(), "robots": options.robots, "state_hz": options.state_hz}
    with Stack(IDLE_ROBOTS, instant=True) as stack:
        figures["post_to_order_ms"] = {"idle": one_at_a_time(stack, options.samples)}
    with Stack(options.robots, instant=True, state_hz=options.state_hz) as stack:
        figures["post_to_order_ms"]["loaded"] = one_at_a_time(stack, options.samples)
        figures |= many_at_once(stack, options.missions)
    print(json.dumps(figures))
    return 0 if not figures["lost"] and not figures["executed_twice"] else 1
