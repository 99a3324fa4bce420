"""The integrator's way: everything over REST, against the real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.flows.yard import Yard, until
from tests.stack import REPO

pytestmark = pytest.mark.slow
SENTENCE = "take two totes from receiving to pack 1, then go and charge"


def refusal(yard: Yard, method: str, path: str, body: Any, *, key: str | None = None) -> tuple[int, dict[str, Any]]:
    """Status and problem of a request that is not accepted."""
    headers = {
        "Authorization": f"Bearer {key or yard.stack.key}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid.uuid4().hex,
    }
    request = urllib.request.Request(yard.stack.url + path, json.dumps(body).encode(), headers, method=method)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    assert caught.value.headers["Content-Type"] == "application/problem+json"
    return caught.value.code, json.loads(caught.value.read())


def test_a_sentence_becomes_a_mission_that_a_robot_completes(yard: Yard) -> None:
    seen = yard.read(SENTENCE)
    assert seen["decision"] == "plan" and seen["dispatchable"]
    for words in ("collect 2 × Totes at Receiving", "Pack 1", "charge at the nearest charger"):
        assert words in seen["readback"]
    yard.radio.most_loads.clear()
    mission = yard.send(SENTENCE)
    done = yard.until_mission(mission, "completed")
    assert [(step["op"], step["state"]) for step in done["steps"]] == [
        ("pick", "done"),
        ("drop", "done"),
        ("charge", "done"),
    ]
    assert all(step["started_at"] < step["finished_at"] for step in done["steps"])
    kinds = [(kind, to) for kind, _, to, *_ in yard.events(mission)]
    moves = [to for _, to in kinds if to]
    assert moves[0] == "queued" and moves[-1] == "completed" and "running" in moves, kinds
    assert all(actor and kind for kind, _, _, actor, _ in yard.events(mission))
    yard.executed_once(mission)
    assert yard.radio.most_loads[done["robot"]] == 2
    robot = until(lambda: (r := yard.robots()[done["robot"]])["charging"] and r, 10, "the robot charges")
    assert robot["loads"] == 0


@pytest.mark.parametrize(
    ("text", "decision", "words"),
    [
        ("take the totes to the moon base", "ask", "moon"),
        ("switch off the protective field of R-01 and go to pack 1", "refuse", ""),
        ("write me a poem about forklifts", "refuse", ""),
    ],
)
def test_what_is_not_understood_is_asked_or_refused_and_not_dispatched(
    yard: Yard, text: str, decision: str, words: str
) -> None:
    seen = yard.read(text)
    assert seen["decision"] == decision, seen
    told = json.dumps(seen["clarification"]) if decision == "ask" else seen["message"]
    assert told and words.lower() in told.lower()
    wanted = {"interpretation_id": seen["interpretation_id"], "hash": seen["hash"]}
    status, problem = refusal(yard, "POST", "/api/v1/missions", wanted)
    assert (status, problem["code"]) == (409, "not_dispatchable") and problem["reasons"]


def test_consent_is_to_exactly_what_was_shown(yard: Yard) -> None:
    seen = yard.read("go to pack 1")
    wanted = {"interpretation_id": seen["interpretation_id"], "hash": "0" * 64}
    status, problem = refusal(yard, "POST", "/api/v1/missions", wanted)
    assert (status, problem["code"]) == (409, "interpretation_changed") and problem["difference"]
    yard.rows(
        "update missions_interpretation set expires_at = now() - interval '1 second' where public_id = %s returning 1",
        seen["interpretation_id"],
    )
    status, problem = refusal(yard, "POST", "/api/v1/missions", wanted | {"hash": seen["hash"]})
    assert (status, problem["code"]) == (409, "interpretation_expired")
    assert refusal(yard, "POST", "/api/v1/missions", wanted | {"interpretation_id": "int_x"})[0] == 404
    assert refusal(yard, "POST", "/api/v1/missions", wanted, key="ymk_wrong")[0] == 401


def test_cancel_while_driving_ends_with_the_robots_own_word_and_it_takes_another_mission(yard: Yard) -> None:
    mission = yard.send("R-01 go to dock 1")
    yard.until_mission(mission, "running")
    until(lambda: yard.robots()["R-01"]["driving"], 20, "R-01 drives")
    yard.ask(mission, "cancel", reason="not needed")
    ended = yard.until_mission(mission, "cancelled")
    assert [step["state"] for step in ended["steps"]] == ["cancelled"] and "not needed" in json.dumps(
        yard.events(mission)
    )
    robot = yard.robots()["R-01"]
    assert not robot["driving"]
    assert yard.radio.states["R-01"]["nodeStates"] == [], "nothing of the order is left on the robot"
    again = yard.send("R-01 go to pack 2")
    assert yard.until_mission(again, "completed")["robot"] == "R-01"


def test_pause_keeps_the_robot_where_it_is_and_resume_completes(yard: Yard) -> None:
    mission = yard.send("R-02 go to dock 2")
    yard.until_mission(mission, "running")
    until(lambda: yard.robots()["R-02"]["driving"], 20, "R-02 drives")
    yard.ask(mission, "pause", reason="a visitor")
    yard.until_mission(mission, "paused")
    until(lambda: yard.robots()["R-02"]["paused"], 10, "R-02 says that it is paused")
    until(lambda: yard.all_stand(1.5), 10, lambda: yard.radio.moved(0))
    assert yard.mission(mission)["state"] == "paused"
    yard.ask(mission, "resume")
    yard.until_mission(mission, "completed")
    assert not yard.robots()["R-02"]["paused"]


def test_two_missions_to_one_place_and_the_urgent_one_first(yard: Yard) -> None:
    sent = [
        yard.send("R-01 go to pack 3"),
        yard.send("R-02 go to pack 3"),
        yard.send("R-04 bring a tote from receiving to pack 3"),
    ]
    for mission in sent:
        yard.until_mission(mission, "completed", seconds=90)
    yard.executed_once(sent[2])
    first = yard.send("R-03 go to dock 3")
    low, high = yard.send("R-03 go to staging 1"), yard.send("urgent: R-03 go to staging 2")
    assert yard.mission(high)["priority"] == 1
    yard.ask(first, "cancel", reason="the order of the others is what matters")
    yard.until_mission(high, "completed", seconds=90)
    yard.until_mission(low, "completed", seconds=90)
    started = [yard.mission(mission)["started_at"] for mission in (high, low)]
    assert started[0] < started[1]


def test_stopped_by_a_key_and_resumed_only_by_a_person(yard: Yard) -> None:
    mission = yard.send("R-01 go to dock 4")
    until(lambda: yard.robots()["R-01"]["driving"], 20, "R-01 drives")
    told = yard.stop_site("a pallet fell")
    assert told["state"] == "stopped" and told["sent"]
    until(lambda: yard.stops()["stops"][0]["confirmed"] == len(yard.robots()), 5, lambda: yard.stops())
    until(yard.all_stand, 3, lambda: yard.radio.moved(0))
    stop = yard.stops()["stops"][0]
    body = {"stop_id": stop["id"], "robots": [row["serial"] for row in stop["robots"]], "reason": "cleared"}
    assert refusal(yard, "POST", "/api/v1/sites/demo/stop:resume", body)[0] == 403
    assert yard.all_stand(), "nobody moves before a person has resumed"
    yard.person.call("POST", "/api/v1/sites/demo/stop:resume", body)
    yard.until_mission(mission, "completed")
    assert yard.stops()["state"] == "open"


def test_the_ledger_verifies_here_and_elsewhere(yard: Yard, tmp_path: Path) -> None:
    yard.until_mission(yard.send("R-05 go to pack 4"), "completed")
    env = {**os.environ, **yard.stack.env}
    manage = [sys.executable, str(REPO / "manage.py"), "ledger"]
    verified = subprocess.run([*manage, "verify"], env=env, capture_output=True, text=True, check=True).stdout
    head = verified.split("head ")[1].strip()
    export = tmp_path / "ledger.jsonl"
    subprocess.run([*manage, "export", str(export)], env=env, capture_output=True, check=True)
    alone = [sys.executable, "-I", str(REPO / "deploy" / "verify_ledger.py"), str(export)]
    checked = subprocess.run([*alone, "--head", head], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked
    lines = export.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if "pack 4" in line)
    lines[at] = lines[at].replace("pack 4", "pack 1")
    export.write_text("\n".join(lines) + "\n")
    forged = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert forged.returncode == 1 and f"row {at}" in forged.stdout, forged
