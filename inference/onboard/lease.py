"""Permission to move: verifies the fleet's signed lease and keeps its age by the robot's own monotonic clock."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections import OrderedDict
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from robots.core.safety import Lease, LeaseRefused, accept_lease, lease_text

MAX_SIZE = 64 * 1024
log = logging.getLogger(__name__)


class LeaseVerifier:
    """Checks signatures for all robots of this worker. Every robot gets the same bytes, so the last few are kept.

    The key file holds the 32 raw bytes as hex. It is read again when it changes: keys are rotated while robots run.
    """

    def __init__(self, key_file: Path) -> None:
        self._file = key_file
        self._stamp: tuple[int, int] | None = None
        self._key: Ed25519PublicKey | None = None
        self._known: OrderedDict[bytes, dict[str, Any]] = OrderedDict()

    def open(self, payload: bytes) -> dict[str, Any]:
        """The verified message. Raises LeaseRefused."""
        key = self._current_key()
        if (known := self._known.get(payload)) is not None:
            return known
        if len(payload) > MAX_SIZE:
            raise LeaseRefused(f"{len(payload)} bytes are more than a lease has")
        try:
            message: dict[str, Any] = json.loads(payload)
            signature = base64.b64decode(message["sig"], validate=True)
            key.verify(signature, lease_text(message))
        except InvalidSignature as error:
            raise LeaseRefused("the signature does not match the key of this fleet") from error
        except (ValueError, TypeError, KeyError, RecursionError, binascii.Error) as error:
            raise LeaseRefused(f"not a signed lease: {error!r}") from error
        self._known[payload] = message
        while len(self._known) > 8:
            self._known.popitem(last=False)
        return message

    def _current_key(self) -> Ed25519PublicKey:
        try:
            info = self._file.stat()
            stamp = (info.st_mtime_ns, info.st_size)
            if self._key is None or stamp != self._stamp:
                self._key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self._file.read_text().strip()))
                self._stamp = stamp
                self._known.clear()
        except (OSError, ValueError) as error:
            raise LeaseRefused(f"no usable lease key in {self._file}: {error}") from error
        return self._key


class LeaseGuard:
    """One robot's lease. `last` is (epoch, counter) of the newest ever accepted, kept over restarts."""

    def __init__(self, serial: str, site: str, verifier: LeaseVerifier, last: tuple[int, int] | None = None) -> None:
        self.serial, self.site = serial, site
        self.last = last
        self.lease: Lease | None = None
        self.refused = 0
        self._verifier = verifier

    def offer(self, payload: bytes, *, retained: bool, received_at: float) -> bool:
        """True when it was accepted. A retained copy is never fresh, whoever signed it."""
        try:
            if retained:
                raise LeaseRefused("a retained lease is old by nature")
            lease = accept_lease(self.last, self._verifier.open(payload), site=self.site, received_at=received_at)
        except LeaseRefused as refusal:
            self.refused += 1
            if self.refused in (1, 10, 100) or self.refused % 1000 == 0:
                log.warning("%s: lease refused (%d so far): %s", self.serial, self.refused, refusal)
            return False
        self.lease, self.last = lease, (lease.epoch, lease.counter)
        return True

    def fresh(self, now: float) -> bool:
        return self.lease is not None and 0.0 <= self.lease.age(now) <= self.lease.ttl

    @property
    def held(self) -> bool:
        """Whether the newest lease held this robot; stays so after it expired."""
        return self.lease is not None and self.serial in self.lease.held
