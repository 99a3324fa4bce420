"""OpenAPI from the code: our two ways to authenticate, the problem replies, the Idempotency-Key."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema as Base
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from .problems import MEDIA_TYPE, TYPES

PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457). `type` is the address of a page that explains it.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong in this case, and what would be right."},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "Stable; made for programs."},
        "request_id": {"type": "string", "description": "The same as X-Request-Id and as in the audit ledger."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the request."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "example": {
        "type": "/problems/not_found/", "title": "There is nothing here", "status": 404,
        "detail": "There is no site 'north'.", "instance": "/api/v1/sites/north", "code": "not_found",
        "request_id": "req_4f1c0a9be2d877c0a1b2c3d4",
    },
}  # fmt: skip


SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`ymk_...`), bound to one site, with scopes.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The browser session of a signed-in person; what changes something needs `X-CSRFToken`.",
    },
}

ACTION = re.compile(r"/(\w+)(?:/\{\w+\})?(?:/(\w+))?:(\w+)$")


class AutoSchema(Base):
    """Adds to every operation the problems it can answer with, and to those that may move a robot their key."""

    def get_auth(self) -> list[Any]:
        """The same two ways for every operation: the stop path's authentication takes them too, it only remembers."""
        for name, definition in SCHEMES.items():
            component = ResolvedComponent(name, ResolvedComponent.SECURITY_SCHEMA, definition, name)
            self.registry.register_on_missing(component)
        return [{name: []} for name in SCHEMES]

    def get_operation_id(self) -> str:
        """`POST /robots/{robot}:hold` is `robots_hold`; everything else as the generator names it."""
        if action := ACTION.search(self.path):
            return "_".join(part for part in action.groups() if part)
        return super().get_operation_id()

    def _needs_key(self) -> bool:
        return getattr(getattr(self.view, self.method.lower(), None), "needs_idempotency_key", False)

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self._needs_key():
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    required=True,
                    description="A fresh random value per request, the same on its repetitions. 8 to 128 characters.",
                )
            )
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        responses = super()._get_response_bodies(direction)
        if direction != "response":
            return responses
        component = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, PROBLEM, "Problem")
        self.registry.register_on_missing(component)
        for status in self._problem_statuses():
            titles = [f"`{t.code}`: {t.title}." for t in TYPES.values() if t.status == status]
            problem = {"description": " ".join(titles), "content": {MEDIA_TYPE: {"schema": component.ref}}}
            responses.setdefault(str(status), problem)
        return responses

    def _problem_statuses(self) -> list[int]:
        statuses = {400, 401, 403, 429, 500, 503}
        if "{" in self.path:
            statuses.add(404)
        if self.method in ("POST", "PUT", "PATCH"):
            statuses |= {409, 415}
        if self._needs_key():
            statuses.add(422)
        if not getattr(self.view, "throttle_classes", None):
            statuses.discard(429)
        return sorted(statuses)
