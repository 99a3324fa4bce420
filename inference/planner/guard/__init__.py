"""What must never become a mission, recognised by fixed rules before any model reads the text.

The guard only ever refuses; passing it proves nothing. It looks for combinations of concepts (what weakens and what
is weakened, driving and people) in seven languages and between them, behind other spellings and inside codes, because
single words such as "blocked", "fire exit" or "scanner" occur in harmless work. Every planner runs it, on the text
as typed.
"""

from __future__ import annotations

from inference.planner.guard.names import labels
from inference.planner.guard.questions import is_question
from inference.planner.guard.verdict import Refusal, check

__all__ = ["Refusal", "check", "is_question", "labels"]
