"""Client certificates of robots, and the one action that gives a robot a new one (VDA 5050 3.0, updateCertificate).

The broker believes a certificate because of its authority; the fingerprint kept with the robot is for people, who can
see which one it was admitted with.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

SECRET_LINKS = frozenset({"keyDownloadLink"})
HIDDEN = "(not kept)"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def fingerprint(given: str) -> str:
    """The SHA-256 in lower-case hexadecimal, of a certificate in PEM or of a fingerprint with or without colons.

    ValueError: it is neither.
    """
    text = given.strip()
    if text.startswith("-----BEGIN CERTIFICATE-----"):
        try:
            return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()
        except ValueError as error:
            raise ValueError("The certificate cannot be read: it should be one certificate in PEM.") from error
    plain = re.sub(r"^sha256(?: fingerprint)?[=:]", "", text.lower()).replace(":", "").strip()
    if not _FINGERPRINT.fullmatch(plain):
        raise ValueError("This is neither a certificate in PEM nor the SHA-256 of one (64 hexadecimal digits).")
    return plain


def why_no_update(mqtt_url: str, parameters: Mapping[str, Any]) -> str:
    """Why updateCertificate must not be sent with these parameters; "" when it may (3.0 sections 6.2.3.1, 6.2.3.3).

    The robot cannot tell who sent the action, and the links lead to its key: neither may be readable on the way.
    """
    if urlsplit(mqtt_url).scheme != "mqtts":
        return "the way to the broker is not encrypted: set MQTT_URL to mqtts://... first."
    for key, value in parameters.items():
        if not key.endswith("DownloadLink") or not value:
            continue
        parts = urlsplit(str(value))
        if parts.scheme != "https" or not parts.hostname:
            return f"{key} must be an address that begins with https://."
        if key in SECRET_LINKS and parts.password:
            return f"{key} must not carry a password: the broker and the robot would keep it in their logs."
    return ""


def redacted(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """As the ledger and logs may keep them: without the address of the key."""
    return {key: HIDDEN if key in SECRET_LINKS and value else value for key, value in parameters.items()}
