"""Why a planner gave no answer, in words for the page."""

from __future__ import annotations


class PlannerUnavailable(Exception):
    """A planner that cannot be loaded, or cannot answer now: another planner, or the form, must do.

    `reason` is one plain sentence without secrets: what is wrong and, where a person can change it, what would be
    right. Raised by `get_planner` (wrong folder, missing package) and by `Planner.interpret` (too slow, out of reach,
    an answer outside the grammar).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
