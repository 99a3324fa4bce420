"""The generated files by themselves: formats that no broker here can check, and what must not be in them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re

import pytest

from fleet.supervisor import broker_rules
from fleet.supervisor.broker_rules import Access, invited, robot_password, rule_lines, simulated, without_user
from robots.broker import certificates, dynsec, emqx, mosquitto
from robots.core.vda5050.topics import FROM_ROBOT, TO_ROBOT

A = Access("A", ("uagv/v2/acme/A",))
B = Access("B", ('uagv/v2/Maker "Söhne"/B',), certificate="ab" * 32)
GIVEN = {"secret": "s", "fleet_password": "hush", "folder": "/etc/mosquitto"}


def test_the_topics_are_those_of_the_protocol() -> None:
    assert set(broker_rules.FROM_ROBOT) == {str(topic) for topic in FROM_ROBOT}
    assert set(broker_rules.TO_ROBOT) == {str(topic) for topic in TO_ROBOT}


def test_no_robot_writes_what_it_reads_or_reads_what_it_writes() -> None:
    for access in (A, B, simulated("R-01"), invited("N")):
        assert not set(access.writes) & set(access.reads)
        assert all(f"/{access.login}/" in topic for topic in access.writes)
        assert all(f"/{access.login}/" in topic or topic.startswith("yardmaster/v1/") for topic in access.reads)


def test_rules_of_one_login_are_taken_out_and_the_others_stay() -> None:
    lines = [*rule_lines(A), *rule_lines(B), *rule_lines(simulated("AB"))]
    left = without_user(lines, "A")
    assert "user A" not in left and "user B" in left and "user AB" in left
    assert [line for line in left if line.startswith("topic")] == [
        line for line in [*rule_lines(B), *rule_lines(simulated("AB"))] if line.startswith("topic")
    ]
    assert without_user(lines, "nobody") == lines


@pytest.mark.parametrize("make", [mosquitto.files, dynsec.files, emqx.files])
def test_no_file_has_a_password_in_it_but_the_plugins_own(make: object) -> None:
    files = make([A, B], **GIVEN)  # type: ignore[operator]
    text = "".join(body for name, body in files.items() if name != "admin-password")
    assert robot_password("s", "A") not in text and "hush" not in text and robot_password("s", "B") not in text


def test_emqx_users_are_hashed_as_its_database_wants_them() -> None:
    files = emqx.files([A, B], **GIVEN)
    rows = list(csv.DictReader(io.StringIO(files["users.csv"])))
    assert [row["user_id"] for row in rows] == ["fleet", "A"], "a robot with a certificate has no password"
    for row, password in zip(rows, ("hush", robot_password("s", "A")), strict=True):
        assert row["password_hash"] == hashlib.sha256((row["salt"] + password).encode()).hexdigest()
        assert row["is_superuser"] == "false"
    assert [row["user_id"] for row in json.loads(files["users.json"])] == ["fleet", "A"]
    assert len({row["salt"] for row in rows}) == 2


def test_emqx_rules_are_erlang_terms_and_end_in_no() -> None:
    lines = emqx.rules([A, B])
    assert lines[0] == '{allow, {username, "fleet"}, all, ["#"]}.'
    assert lines[-1] == "{deny, all}."
    assert '{allow, {username, "A"}, publish, ["uagv/v2/acme/A/state"' in lines[1]
    assert '<<"uagv/v2/Maker \\"Söhne\\"/B/state"/utf8>>' in lines[3]
    term = re.compile(r'\{allow, \{username, "[^"]+"\}, (all|publish|subscribe), \[.*\]\}\.')
    assert all(term.fullmatch(line) for line in lines[:-1])


def test_the_fingerprint_of_a_certificate() -> None:
    assert certificates.fingerprint("SHA256 Fingerprint=" + ":".join(["AB"] * 32)) == "ab" * 32
    for text in ("", "ab", "-----BEGIN CERTIFICATE-----\nnot\n-----END CERTIFICATE-----"):
        with pytest.raises(ValueError, match="certificate"):
            certificates.fingerprint(text)
