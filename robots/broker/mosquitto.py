"""Password file, access rules and the settings they need, for Mosquitto 2.0 and newer. Pure.

Formats: mosquitto.conf(5), mosquitto_passwd(1). Fleet and robots have listeners of their own: where a robot logs in,
its login is its client id too (`use_username_as_clientid`), or it could cut another's connection by naming that one's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fleet.supervisor.broker_rules import FLEET, Access, fleet_rules, password_line, robot_password, rule_lines

SETTINGS = """\
# To be read by mosquitto.conf. Put in your certificate, and the folder of these files where it is not {folder}.
per_listener_settings true
persistence true
autosave_interval 1
max_queued_messages 10000
message_size_limit 1048576
set_tcp_nodelay true
connection_messages false

# Robots that log in with a password
listener 8883
certfile {folder}/broker.crt
keyfile {folder}/broker.key
allow_anonymous false
use_username_as_clientid true
password_file {folder}/passwords
acl_file {folder}/rules

# Robots that log in with a certificate of your authority; its common name is the login
listener 8884
certfile {folder}/broker.crt
keyfile {folder}/broker.key
cafile {folder}/authority.crt
require_certificate true
use_identity_as_username true
use_username_as_clientid true
acl_file {folder}/certificate-rules

# The fleet itself
listener 8885
certfile {folder}/broker.crt
keyfile {folder}/broker.key
allow_anonymous false
password_file {folder}/fleet-passwords
acl_file {folder}/fleet-rules
"""


def files(accesses: Iterable[Access], *, secret: str, fleet_password: str, folder: str) -> Mapping[str, str]:
    """Name to text. A robot with a certificate has no password and no rules where passwords are asked for."""
    by_password = [access for access in accesses if not access.certificate]
    by_certificate = [access for access in accesses if access.certificate]
    return {
        "mosquitto.conf": SETTINGS.format(folder=folder),
        "passwords": _text([password_line(each.login, robot_password(secret, each.login)) for each in by_password]),
        "rules": _text([line for each in by_password for line in rule_lines(each)]),
        "certificate-rules": _text([line for each in by_certificate for line in rule_lines(each)]),
        "fleet-passwords": _text([password_line(FLEET, fleet_password)]),
        "fleet-rules": _text(fleet_rules()),
    }


def _text(lines: list[str]) -> str:
    return "\n".join(lines).lstrip("\n") + "\n"
