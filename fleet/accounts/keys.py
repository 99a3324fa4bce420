"""The secret of an API key and what we keep of it."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "ymk_"
SHOWN = 12


def new_secret() -> str:
    """256 random bits; the prefix lets secret scanners find a key that leaked."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_key(secret: str) -> str:
    """SHA-256 suffices: there is nothing to guess in 256 random bits, so nothing to make slow."""
    return hashlib.sha256(secret.encode()).hexdigest()
