"""The description of the API is valid OpenAPI 3.1 and says of every operation how to get in and how it can fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.fleet.rest.people import browser, key, person, program

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    made: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return made


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_it_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    validate_schema(description)


def test_nothing_was_guessed(description: dict[str, Any]) -> None:
    warnings = [str(w) for cache in (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) for w in cache]
    assert warnings == []


def test_every_operation_says_how_to_get_in(description: dict[str, Any]) -> None:
    found = dict(operations(description))
    assert len(found) > 5
    for name, operation in found.items():
        assert operation["security"] == [{"key": []}, {"session": []}], name
    assert set(description["components"]["securitySchemes"]) == {"key", "session"}


def test_every_operation_says_how_it_can_fail(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        for status in ("401", "403", "503"):
            content = operation["responses"][status]["content"]
            assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}, name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_operations_have_one_name_each_and_a_tag(description: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(description)]
    assert len(names) == len(set(names))
    assert all(operation.get("tags") for _, operation in operations(description))


def test_what_may_move_a_robot_asks_for_its_key_once(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        keys = [p for p in operation.get("parameters", []) if p["name"] == "Idempotency-Key"]
        assert len(keys) <= 1, name
        if keys:
            assert keys[0]["required"] and "422" in operation["responses"], name
    creating = description["paths"]["/api/v1/missions"]["post"]
    assert any(p["name"] == "Idempotency-Key" for p in creating["parameters"])


@pytest.mark.django_db
@pytest.mark.usefixtures("valkey")
def test_it_is_served_to_whoever_is_signed_in() -> None:
    for client in (browser(person("viewer")), program(key("missions:read")[1])):
        response = client.get("/api/v1/openapi.json")
        assert response.status_code == 200
        assert response.json()["info"]["title"] == "Yardmaster"
