"""Fits the compact planner's calibration on sentences that people wrote, never on generated ones.

On generated text a threshold learns the generator: what looked like 5 % wrong there was three times as much on people's
own sentences. The calibration set is a split of its own, used for nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inference.core.calibration import Calibration, Signals, calibration_to_json, fit, threshold, upper_bound
from inference.core.scoring import Case, judge
from inference.planner.compact.planner import CompactPlanner

# At most this share of what is run, and of what is proposed at all, may be wrong on the calibration set.
RUN_RISK, ASK_RISK = 0.03, 0.5
# Where nothing can be fitted: no reading is sure enough to be proposed.
SHUT = Calibration({}, {}, {}, -30.0, 1.0, 1.0)


class _Listening(CompactPlanner):
    """The planner with everything let through, noting the signals of each plan it would have proposed."""

    heard: Signals | None = None

    def _probability(self, said: Signals) -> float:
        self.heard = said
        return 1.0


def observe(folder: Path, cases: Sequence[Case]) -> list[tuple[Signals, bool]]:
    """(signals, was it right) of every plan the planner in `folder` would propose for `cases`."""
    planner = _Listening(folder)
    rows: list[tuple[Signals, bool]] = []
    for case in cases:
        planner.heard = None
        draft = planner.interpret(case.request)
        if planner.heard is not None:
            rows.append((planner.heard, judge(case, draft).correct))
    return rows


def calibrate(folder: Path, cases: Sequence[Case]) -> dict[str, Any]:
    """Fit on `cases`, choose thresholds and write `calibration.json` into `folder`; what was written.

    Thresholds are chosen on out-of-fold probabilities, so that no sentence judges itself. Without readings of both
    outcomes every plan becomes a question.
    """
    open_gate = Calibration({}, {}, {}, 0.0, 0.0, 0.0)
    _write(folder, {"model": calibration_to_json(open_gate)})
    rows = observe(folder, cases)
    try:
        scored = out_of_fold(rows)
        run_at = threshold(scored, risk=RUN_RISK)
        ask_at = min(_ask_threshold(scored), run_at)
        made = replace(fit(rows), run_at=round(run_at, 4), ask_at=round(ask_at, 4))
    except ValueError:
        # Nothing can be learnt from one outcome: a planner that cannot tell how sure it is proposes nothing.
        scored, run_at, made = [], 1.0, SHUT
    over = [right for p, right in scored if p >= run_at]
    found = {
        "model": calibration_to_json(made),
        "risk": {"run": RUN_RISK, "ask": ASK_RISK},
        "n": len(rows),
        "right": sum(right for _, right in rows),
        "run_band": {
            "n": len(over),
            "right": sum(over),
            "risk_upper_95": upper_bound(len(over) - sum(over), len(over), 0.95) if over else None,
        },
        "cases": len(cases),
    }
    _write(folder, found)
    return found


def out_of_fold(rows: Sequence[tuple[Signals, bool]], folds: int = 10) -> list[tuple[float, bool]]:
    """Each row's probability under a calibration fitted without its fold."""
    out: list[tuple[float, bool]] = []
    for fold in range(folds):
        rest = [row for n, row in enumerate(rows) if n % folds != fold]
        made = fit(rest)
        out += [(made.probability(said), right) for n, (said, right) in enumerate(rows) if n % folds == fold]
    return out


def _ask_threshold(scored: Sequence[tuple[float, bool]]) -> float:
    """The lowest probability at which a proposal is still more often right than the stated risk allows, judged in a
    window of its neighbours.
    """
    ranked = sorted(scored)
    for n, (p, _) in enumerate(ranked):
        window = ranked[n : n + 15]
        if sum(not right for _, right in window) / len(window) <= ASK_RISK:
            return p
    return 1.0


def _write(folder: Path, data: dict[str, Any]) -> None:
    half = folder / "calibration.part"
    half.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    half.rename(folder / "calibration.json")
