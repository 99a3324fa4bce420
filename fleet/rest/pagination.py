"""Pages by cursor: `{"data": [...], "next_cursor": "..." | null}`. No totals, no page drifts while rows are added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from .problems import Problem

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_SALT = "fleet.rest.cursor"


class CursorPage(BasePagination):
    """Newest first by (created_at, id); a view with another order names its fields in `page_order` (all descending)."""

    order: tuple[str, ...] = ("created_at", "id")

    def paginate_queryset(self, queryset: QuerySet[Any], request: Any, view: Any = None) -> list[Any]:
        order = tuple(getattr(view, "page_order", self.order))
        limit = _limit(request.query_params.get("limit"))
        scope = _scope(request)
        if cursor := request.query_params.get("cursor"):
            queryset = queryset.filter(_after(order, _opened(cursor, scope, len(order))))
        rows = list(queryset.order_by(*(f"-{name}" for name in order))[: limit + 1])
        more = len(rows) > limit
        rows = rows[:limit]
        self.next_cursor = _sealed(rows[-1], order, scope) if more else None
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"data": data, "next_cursor": self.next_cursor})

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["data", "next_cursor"],
            "properties": {
                "data": schema,
                "next_cursor": {
                    "type": "string",
                    "nullable": True,
                    "description": "Send it as `cursor` for the next page; null on the last one.",
                },
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
             "description": "`next_cursor` of the page before."},
            {"name": "limit", "in": "query", "required": False,
             "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
             "description": "Rows per page."},
        ]  # fmt: skip


def paginate(view: Any, queryset: QuerySet[Any], serialize: Any) -> Response:
    """One page of `queryset` for a plain APIView; `serialize(row)` makes each row's JSON."""
    page = CursorPage()
    rows = page.paginate_queryset(queryset, view.request, view)
    return page.get_paginated_response([serialize(row) for row in rows])


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MAX_LIMIT):
        error = {"pointer": "/limit", "code": "out_of_range", "detail": f"limit must be 1 to {MAX_LIMIT}."}
        raise Problem("invalid", f"limit must be a number from 1 to {MAX_LIMIT}.", errors=[error])
    return int(given)


def _scope(request: Any) -> str:
    """A cursor is good for one list with one set of filters; with others it would silently skip rows."""
    filters = sorted(
        (name, value)
        for name in request.query_params
        if name not in ("cursor", "limit")
        for value in request.query_params.getlist(name)
    )
    return f"{request.path}?{filters}"


def _sealed(row: Model, order: tuple[str, ...], scope: str) -> str:
    values = [getattr(row, name) for name in order]
    return signing.dumps([v.isoformat() if hasattr(v, "isoformat") else v for v in values], salt=_SALT + scope)


def _opened(cursor: str, scope: str, length: int) -> list[Any]:
    try:
        values = signing.loads(cursor, salt=_SALT + scope)
    except signing.BadSignature:
        raise Problem("cursor_invalid", "This cursor does not belong to this list with these filters.") from None
    if not isinstance(values, list) or len(values) != length:
        raise Problem("cursor_invalid")
    return [(parse_datetime(v) or v) if isinstance(v, str) and "T" in v else v for v in values]


def _after(order: tuple[str, ...], values: list[Any]) -> Q:
    """Rows that come later in descending order: the first field is smaller, or equal and the next is smaller, ..."""
    condition = Q()
    equal = Q()
    for name, value in zip(order, values, strict=True):
        condition |= equal & Q(**{f"{name}__lt": value})
        equal &= Q(**{name: value})
    return condition
