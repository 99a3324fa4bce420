"""Permission to move, given out for a moment at a time: a robot of ours moves only on a fresh signed lease.

The message (topic `yardmaster/v1/<site>/lease`, QoS 0) is `{"site", "epoch", "counter", "ttl_ms", "held", "sig"}`;
`sig` is base64 of an Ed25519 signature over the canonical JSON (sorted keys, no spaces) of the rest. The epoch grows
with each start of the issuer, the counter with each message, so no recorded lease is ever good again. Silence is the
message that matters: without a fresh lease a robot stops by itself.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from .core.safety import lease_text


def topic(site: str) -> str:
    return f"yardmaster/v1/{site}/lease"


def verify(message: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    try:
        key.verify(base64.b64decode(str(message.get("sig", "")), validate=True), lease_text(message))
    except (InvalidSignature, ValueError):
        return False
    return True


def load_key(state: Path) -> Ed25519PrivateKey:
    """The signing key `<state>/keys/lease.key` (raw, 0600), made at first use; `lease.pub` beside it is hexadecimal."""
    folder = state / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "lease.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            made = Ed25519PrivateKey.generate()
            file.write(made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        pass
    key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    _replace(folder / "lease.pub", public + "\n")
    return key


def load_public_key(state: Path) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex((state / "keys" / "lease.pub").read_text().strip()))


def next_epoch(state: Path, now: float) -> int:
    """A number above every epoch before, kept in `<state>/keys/lease.epoch`.

    At least `now` (s since 1970), so that a lost state folder cannot make the robots refuse the new leases for ever.
    """
    path = state / "keys" / "lease.epoch"
    try:
        before = int(path.read_text())
    except (OSError, ValueError):
        before = 0
    epoch = max(before + 1, int(now))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(path, str(epoch))
    return epoch


@dataclass(slots=True)
class LeaseIssuer:
    """Signs the leases of every site with one epoch and one counter. `ttl_s`: how long a robot may move on one."""

    key: Ed25519PrivateKey
    epoch: int
    ttl_s: float
    counter: int = 0

    def issue(self, site: str, held: Iterable[str]) -> bytes:
        self.counter += 1
        message: dict[str, Any] = {
            "site": site,
            "epoch": self.epoch,
            "counter": self.counter,
            "ttl_ms": round(self.ttl_s * 1000),
            "held": sorted(set(held)),
        }
        message["sig"] = base64.b64encode(self.key.sign(lease_text(message))).decode()
        return json.dumps(message, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Supervision:
    """What decides whether a site's robots may move at all. Ages in s; `seen_age` None = no supervisor ever."""

    database_age: float
    unattended: bool
    seen_age: float | None

    def may_move(self, *, database_limit_s: float, grace_s: float) -> bool:
        """False when the database has been silent, or nobody watches a site that must be watched."""
        if self.database_age > database_limit_s:
            return False
        return self.unattended or (self.seen_age is not None and self.seen_age <= grace_s)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
