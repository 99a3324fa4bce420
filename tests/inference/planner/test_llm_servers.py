"""The endpoint planner against whole servers in processes of their own, on a checkpoint of random weights.

One is `transformers serve`: the real program, which takes the fields of structured output and ignores them. The other
masks by the schema it is sent and tells log-probabilities, as vLLM does.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.supervisor import ports
from fleet.supervisor.state import REPO
from inference.contract import plan_to_json
from inference.core.grammar import plan_from_json
from inference.planner.endpoint import EndpointPlanner, EndpointSettings
from inference.planner.errors import PlannerUnavailable
from tests.inference.planner.llm_site import asked
from tests.inference.planner.tiny import make_checkpoint

pytestmark = pytest.mark.slow
TEXTS = (
    "Heron, take three oat pallets from inbound 2 to row 3 before eleven",
    "inspect row 3 and report",
    "take it there",
)
STARTS_WITHIN_S = 90.0


class Running:
    """A server process and what it wrote."""

    def __init__(self, module: str, folder: Path, log: Path) -> None:
        self.port = ports.any_free()
        self.log = log
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
        argv = [sys.executable, "-m", f"tests.inference.planner.{module}", str(folder), str(self.port)]
        with log.open("wb") as out:
            self.process = subprocess.Popen(argv, cwd=REPO, env=environment, stdout=out, stderr=subprocess.STDOUT)

    def wait(self) -> None:
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and self.process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            with contextlib.suppress(OSError), contextlib.closing(connection):
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        pytest.fail(f"the server did not start: {self.log.read_text()[-2000:]}")

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """Both, started at the same time: most of the start is importing."""
    home = tmp_path_factory.mktemp("servers")
    folder = make_checkpoint(home / "tiny")
    names = {"masking": "openai_server", "transformers": "serve_checkpoint"}
    running = {name: Running(module, folder, home / f"{name}.log") for name, module in names.items()}
    try:
        for server in running.values():
            server.wait()
        yield running
    finally:
        for server in running.values():
            server.end()


def planner(server: Running, model: str, *, key: str = "", redact: bool = False) -> EndpointPlanner:
    url = f"http://127.0.0.1:{server.port}/v1"
    return EndpointPlanner(EndpointSettings(url, model, key, timeout_s=60, redact=redact))


@pytest.mark.parametrize("redact", [False, True])
def test_a_server_that_masks_by_the_schema_gives_drafts(servers: dict[str, Running], redact: bool) -> None:
    subject = planner(servers["masking"], "tiny", key="key-of-the-test", redact=redact)
    for text in TEXTS:
        draft = subject.interpret(asked(text))
        assert draft.decision in ("plan", "ask", "refuse")
        assert draft.confidence is not None and draft.confidence < 0.05
        if draft.plan is not None:
            assert plan_from_json(plan_to_json(draft.plan)) == draft.plan
    assert subject.dialect.dropped == {"chat_template_kwargs"}
    assert subject.breaker.state == "closed"


def test_a_wrong_key_is_said_plainly(servers: dict[str, Running]) -> None:
    with pytest.raises(PlannerUnavailable, match="YARDMASTER_ENDPOINT_KEY"):
        planner(servers["masking"], "tiny", key="another").interpret(asked(TEXTS[0]))


def test_a_server_that_ignores_the_schema_is_not_believed(servers: dict[str, Running]) -> None:
    server = servers["transformers"]
    model = server.process.args[-2]  # `transformers serve` calls a model by its folder
    with pytest.raises(PlannerUnavailable, match="cannot be used"):
        planner(server, str(model)).interpret(asked(TEXTS[0]))
    assert "200 OK" in server.log.read_text()
