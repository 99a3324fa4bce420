"""An OpenAI-compatible server on a checkpoint folder: `python -m ... FOLDER PORT`. What it generates is masked by the
schema in `response_format`, and it tells log-probabilities; `transformers serve` does neither.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import torch
import uvicorn

from inference.planner.llm.checkpoint import Checkpoint, Limits

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Server:
    """One ASGI application. Takes the fields of `POST /v1/chat/completions` that it knows, refuses the others."""

    known = frozenset(
        ["model", "messages", "stream", "max_tokens", "temperature", "logprobs", "response_format", "seed"]
    )

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.checkpoint = Checkpoint(folder)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = self.answer(scope["path"], dict(scope["headers"]), body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def answer(self, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, dict[str, Any]]:
        if path == "/health":
            return 200, {"status": "ok"}
        if path != "/v1/chat/completions":
            return 404, {"error": {"message": "there is no such path"}}
        if headers.get(b"authorization") != b"Bearer key-of-the-test":
            return 401, {"error": {"message": "wrong key"}}
        request = json.loads(body)
        unknown = sorted(set(request) - self.known)
        if unknown:
            return 400, {"error": {"message": f"Unrecognized request argument supplied: {unknown[0]}"}}
        if request["model"] != self.name:
            return 404, {"error": {"message": "there is no such model"}}
        return 200, self.generate(request)

    def generate(self, request: dict[str, Any]) -> dict[str, Any]:
        schema = request["response_format"]["json_schema"]["schema"]
        limits = Limits(request["max_tokens"], request.get("temperature", 0.0), request.get("seed", 0))
        done = self.checkpoint.complete(request["messages"], schema, limits, time.monotonic() + 60)
        choice: dict[str, Any] = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": done.text},
        }
        if request.get("logprobs"):
            rows = [
                {
                    "token": piece.decode("utf-8", "replace"),
                    "bytes": list(piece),
                    "logprob": logprob,
                    "top_logprobs": [],
                }
                for piece, logprob in done.tokens or ()
            ]
            choice["logprobs"] = {"content": rows}
        return {"id": "1", "object": "chat.completion", "model": self.name, "choices": [choice]}


if __name__ == "__main__":
    torch.set_num_threads(1)
    uvicorn.run(Server(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", lifespan="off")
