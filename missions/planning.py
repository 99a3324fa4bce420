"""Who reads a text: the site's planner, then `compact`, then `rules`, each with its share of the time.

Runs in the worker. A planner that hangs keeps its own thread and nothing else: while it hangs it counts as
unavailable, and the next planner reads. What failed, and why, travels with the answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as Late
from typing import Any

from inference import contract

log = logging.getLogger(__name__)

FALLBACKS = ("compact", "rules")
# Of the time that is left, what a planner may use while others come after it.
SHARE = 0.75


class Unavailable(Exception):
    """A planner that gave no answer. `why` is plain words for the page."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def chain(first: str) -> list[str]:
    """The planners to ask, in order."""
    return list(dict.fromkeys([first, *FALLBACKS]))


class Readers:
    """The planners of one process, loaded when first asked; each answers in a thread of its own.

    `load` gives a planner by name; `excuse` gives the plain reason of an exception that means "not available", else "".
    """

    def __init__(
        self,
        load: Callable[[str], contract.Planner],
        excuse: Callable[[BaseException], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.load, self.excuse, self.clock = load, excuse, clock
        self._planners: dict[str, contract.Planner] = {}
        self._busy: dict[str, Future[Any]] = {}
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._lock = threading.Lock()

    def warm(self, names: Sequence[str]) -> None:
        """Load these planners in their threads, so that the first text need not wait for it."""
        for name in names:
            self._start(name, lambda name=name: self._planner(name))

    def read(self, request: contract.PlanRequest, first: str, budget_s: float) -> dict[str, Any]:
        """The draft of the first planner that answers, as JSON, with `fallbacks`: [{planner, why}] of those before it.

        Nobody answers: {"decision": None, "fallbacks": [...]}.
        """
        deadline, failed = self.clock() + budget_s, []
        names = chain(first)
        for position, name in enumerate(names):
            left = max(0.0, deadline - self.clock())
            share = left if position == len(names) - 1 else left * SHARE
            try:
                draft = self._ask(name, request, share)
            except Unavailable as error:
                log.warning("planner %s gave no answer: %s", name, error.why)
                failed.append({"planner": name, "why": error.why})
            else:
                return {**contract.draft_to_json(draft), "fallbacks": failed}
        return {"decision": None, "fallbacks": failed}

    def _planner(self, name: str) -> contract.Planner:
        if name not in self._planners:
            self._planners[name] = self.load(name)
        return self._planners[name]

    def _start(self, name: str, work: Callable[[], Any]) -> Future[Any] | None:
        """The work in the planner's own thread; None while an earlier piece of work still holds it."""
        with self._lock:
            if (earlier := self._busy.get(name)) is not None and not earlier.done():
                return None
            if name not in self._threads:
                self._threads[name] = ThreadPoolExecutor(1, thread_name_prefix=f"planner-{name}")
            self._busy[name] = future = self._threads[name].submit(work)
            return future

    def _ask(self, name: str, request: contract.PlanRequest, seconds: float) -> contract.PlanDraft:
        began = self.clock()
        if name not in self._planners and (loading := self._busy.get(name)) is not None:
            wait([loading], timeout=seconds)
        future = self._start(name, lambda: self._planner(name).interpret(request))
        if future is None:
            raise Unavailable("still busy with something earlier" if name in self._planners else "still being loaded")
        try:
            draft = future.result(timeout=max(0.0, seconds - (self.clock() - began)))
        except Late:
            raise Unavailable("timeout") from None
        except Exception as error:  # a planner may raise anything; none of it is a plan
            if not (why := self.excuse(error)):
                log.exception("planner %s failed", name)
            raise Unavailable(why or f"it failed: {type(error).__name__}") from error
        if not isinstance(draft, contract.PlanDraft) or draft.decision not in contract.DECISIONS:
            raise Unavailable("its answer was not of the contract")
        if draft.decision == "plan" and draft.plan is None:
            raise Unavailable("it answered with a plan that is none")
        return draft
