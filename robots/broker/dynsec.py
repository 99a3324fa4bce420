"""The file of Mosquitto's dynamic security plugin (2.0 and newer): clients, and one role for each. Pure.

Format: plugins/dynamic-security of Mosquitto, as its own `mosquitto_ctrl dynsec` writes it. The default is no to
everything; a role says what may be sent, received and subscribed to. A robot's client id is its login on every port, or
it could cut the connection of another by naming that one's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from typing import Any

from fleet.supervisor.broker_rules import FLEET, ITERATIONS, Access, robot_password

SETTINGS = """\
per_listener_settings false
plugin {plugin}
plugin_opt_config_file {folder}/dynamic-security.json
set_tcp_nodelay true
connection_messages false

# Robots; the fleet and whoever administers the plugin use the other port
listener 8883
certfile {folder}/broker.crt
keyfile {folder}/broker.key
use_username_as_clientid true

listener 8885
certfile {folder}/broker.crt
keyfile {folder}/broker.key
"""
PLUGIN = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so"
DENY_ALL = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
CONTROL = "$CONTROL/dynamic-security/#"


def document(accesses: Iterable[Access], *, secret: str, fleet_password: str, admin_password: str) -> dict[str, Any]:
    """The whole configuration. `admin` may change it with `mosquitto_ctrl dynsec` and touch nothing else."""
    robots = list(accesses)
    clients = [_client("admin", admin_password), _client(FLEET, fleet_password)]
    for each in robots:
        password = None if each.certificate else robot_password(secret, each.login)
        clients.append({**_client(each.login, password), "clientid": each.login})
    everything = [_acl(kind, "#") for kind in ("publishClientSend", "publishClientReceive", "subscribePattern")]
    control = [_acl(kind, CONTROL) for kind in ("publishClientSend", "publishClientReceive", "subscribePattern")]
    roles = [_role("admin", control), _role(FLEET, everything), *(_role(each.login, _acls(each)) for each in robots)]
    return {"defaultACLAccess": DENY_ALL, "clients": clients, "groups": [], "roles": roles}


def files(accesses: Iterable[Access], *, secret: str, fleet_password: str, folder: str) -> dict[str, str]:
    """Name to text; the plugin's own administrator gets a fresh password, in a file beside it."""
    admin = secrets.token_hex(16)
    made = document(accesses, secret=secret, fleet_password=fleet_password, admin_password=admin)
    return {
        "mosquitto.conf": SETTINGS.format(folder=folder, plugin=PLUGIN),
        "dynamic-security.json": json.dumps(made, indent=2) + "\n",
        "admin-password": f"{admin}\n",
    }


def _client(login: str, password: str | None) -> dict[str, Any]:
    """A client without a password can only come in by its certificate."""
    made: dict[str, Any] = {"username": login, "roles": [{"rolename": login}]}
    if password is not None:
        salt = secrets.token_bytes(12)
        digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        made |= {"password": _base64(digest), "salt": _base64(salt), "iterations": ITERATIONS}
    return made


def _acls(access: Access) -> list[dict[str, Any]]:
    """Asking for the whole own subtree is let pass, as many robots do; only what is meant for it is delivered."""
    own = [f"{prefix}/#" for prefix in access.prefixes]
    return [
        *(_acl("publishClientSend", topic) for topic in access.writes),
        *(_acl("publishClientReceive", topic) for topic in access.reads),
        *(_acl("subscribePattern", topic) for topic in (*own, *access.reads)),
    ]


def _acl(kind: str, topic: str) -> dict[str, Any]:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}


def _role(name: str, acls: list[dict[str, Any]]) -> dict[str, Any]:
    return {"rolename": name, "acls": acls}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
