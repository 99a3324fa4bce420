"""Traffic of one site: `Traffic`, what it answers, and `audit`, which tells beforehand if a map can lock up."""

from robots.core.traffic.audit import Audit, audit
from robots.core.traffic.holdings import LedgerError, Refusal
from robots.core.traffic.ledger import Ledger
from robots.core.traffic.state import (
    AdmissionRefused,
    EdgeVisit,
    ExtendBase,
    Freed,
    RobotState,
    UnexpectedReport,
    Visit,
    WaitReason,
)
from robots.core.traffic.traffic import Traffic

__all__ = [
    "AdmissionRefused", "Audit", "EdgeVisit", "ExtendBase", "Freed", "Ledger", "LedgerError", "Refusal",
    "RobotState", "Traffic",
    "UnexpectedReport", "Visit", "WaitReason", "audit",
]  # fmt: skip
