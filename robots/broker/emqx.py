"""Users and rules for EMQX 5: its built-in database takes the first (CSV, JSON), its file authorizer the second. Pure.

Formats: EMQX documentation, "Import Users" (password-based, built-in database; here SHA-256, salt before the password)
and "Use ACL File" (Erlang terms, the first that matches counts).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
from collections.abc import Iterable

from fleet.supervisor.broker_rules import FLEET, REFUSED_TOPIC, Access, robot_password

REFUSED_SQL = f"""\
-- A rule that tells the fleet what was refused. Its action: republish, QoS 0, topic {REFUSED_TOPIC}, payload:
-- {{"kind": "${{action}}", "user": "${{username}}", "topic": "${{topic}}"}}
SELECT username, topic, action FROM "$events/client_check_authz_complete" WHERE result = 'deny'
"""  # noqa: S608 - a rule for the broker, made of constants
SETTINGS = """\
# For emqx.conf: the login is the client id, for passwords and for certificates alike.
mqtt.use_username_as_clientid = true
# Robots with a certificate of your authority:
mqtt.peer_cert_as_username = cn
authorization.no_match = deny
authorization.deny_action = ignore
"""


def files(accesses: Iterable[Access], *, secret: str, fleet_password: str, folder: str) -> dict[str, str]:
    """Name to text. `folder` is not named in any of them: EMQX reads these by its dashboard or API."""
    robots = list(accesses)
    logins = {each.login: robot_password(secret, each.login) for each in robots if not each.certificate}
    rows = [_row(login, password) for login, password in {FLEET: fleet_password, **logins}.items()]
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "is_superuser": "false"} for row in rows)
    return {
        "users.csv": sheet.getvalue(),
        "users.json": json.dumps(rows, indent=2) + "\n",
        "acl.conf": "".join(f"{line}\n" for line in rules(robots)),
        "emqx.conf": SETTINGS,
        "refused.sql": REFUSED_SQL,
    }


def rules(accesses: Iterable[Access]) -> list[str]:
    """The fleet everything but the broker's own topics, each robot its own, nobody else anything.

    EMQX compares a subscription's filter with the rule's: asking for more than a rule names is refused.
    """
    lines = [f'{{allow, {{username, {_term(FLEET)}}}, all, ["#"]}}.']
    for each in accesses:
        who = f"{{username, {_term(each.login)}}}"
        lines.append(f"{{allow, {who}, publish, {_terms(each.writes)}}}.")
        lines.append(f"{{allow, {who}, subscribe, {_terms(each.reads)}}}.")
    return [*lines, "{deny, all}."]


def _row(login: str, password: str) -> dict[str, str | bool]:
    salt = secrets.token_hex(12)
    digest = hashlib.sha256((salt + password).encode()).hexdigest()
    return {"user_id": login, "password_hash": digest, "salt": salt, "is_superuser": False}


def _terms(topics: Iterable[str]) -> str:
    return f"[{', '.join(_term(topic) for topic in topics)}]"


def _term(text: str) -> str:
    """An Erlang binary: a string of it would be read as Latin-1."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"' if quoted.isascii() else f'<<"{quoted}"/utf8>>'
