from __future__ import annotations

import json

from robots.core.safety import accept_lease
from robots.lease import LeaseIssuer, Supervision, load_key, load_public_key, next_epoch, verify


def test_the_key_is_made_once_and_kept_private(tmp_path):
    first = load_key(tmp_path).public_key().public_bytes_raw()
    assert load_key(tmp_path).public_key().public_bytes_raw() == first
    assert load_public_key(tmp_path).public_bytes_raw() == first
    assert (tmp_path / "keys" / "lease.key").stat().st_mode & 0o777 == 0o600


def test_the_epoch_only_grows(tmp_path):
    first = next_epoch(tmp_path, 1000.0)
    assert next_epoch(tmp_path, 10.0) == first + 1, "a clock set back"
    assert next_epoch(tmp_path, 5000.0) == 5000


def test_a_robot_takes_what_is_issued_and_nothing_altered_or_repeated(tmp_path):
    issuer = LeaseIssuer(load_key(tmp_path), next_epoch(tmp_path, 1000.0), 1.5)
    public = load_public_key(tmp_path)
    first, second = (json.loads(issuer.issue("demo", held)) for held in ((), ("B", "A", "A")))
    assert verify(first, public) and verify(second, public)
    assert not verify(first | {"ttl_ms": 60000}, public) and not verify({"sig": "?"}, public)
    lease = accept_lease(None, first, site="demo", received_at=5.0)
    assert lease.allows("A", 6.4) and not lease.allows("A", 6.6)
    newer = accept_lease((lease.epoch, lease.counter), second, site="demo", received_at=6.0)
    assert newer.held == {"A", "B"}


def test_who_may_move():
    limits = {"database_limit_s": 1.0, "grace_s": 900.0}
    assert Supervision(0.2, True, None).may_move(**limits)
    assert Supervision(0.2, False, 899.0).may_move(**limits)
    assert not Supervision(0.2, False, 901.0).may_move(**limits)
    assert not Supervision(0.2, False, None).may_move(**limits)
    assert not Supervision(1.1, True, 0.0).may_move(**limits)
