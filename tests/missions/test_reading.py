"""What dispatch reads from a robot's state, as link writes it."""

from __future__ import annotations

from typing import Any

import pytest

from missions.reported import action_facts
from robots.models import RobotState


def state(status: str, result: str, *errors: tuple[str, str]) -> RobotState:
    rows: list[dict[str, Any]] = [
        {
            "type": code,
            "level": "WARNING",
            "description": "in words",
            "hint": "",
            "references": [{"key": "actionId", "value": action}, {"key": "orderId", "value": "att_1.0.1"}],
        }
        for code, action in errors
    ]
    action = {"action_id": "att_1.0.1.pick", "action_type": "pick", "status": status, "result": result}
    return RobotState(action_states=[action], errors=rows)


@pytest.mark.parametrize("code", ["interrupted", "programMissing", "pickMissed"])
def test_why_an_action_failed_is_the_code_of_the_error_that_names_it(code: str) -> None:
    fact = action_facts(state("FAILED", "look and decide", (code, "att_1.0.1.pick")))["att_1.0.1.pick"]
    assert fact.status == "FAILED" and fact.result == {"text": "look and decide", "error": code}


def test_an_error_of_another_action_or_of_one_that_did_not_fail_says_nothing() -> None:
    other = action_facts(state("FAILED", "cut off", ("interrupted", "att_1.0.2.drop")))["att_1.0.1.pick"]
    assert other.result == {"text": "cut off"}
    done = action_facts(state("FINISHED", '{"result":"ok"}', ("interrupted", "att_1.0.1.pick")))["att_1.0.1.pick"]
    assert done.result == {"result": "ok"}
