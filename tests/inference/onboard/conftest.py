from __future__ import annotations

import pytest

from inference.contract import Policy
from inference.policy.compact import CompactPolicy


@pytest.fixture(scope="session")
def policy() -> Policy:
    return CompactPolicy.load()
