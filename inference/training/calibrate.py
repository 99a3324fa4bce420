"""Fits the compact planner's calibration on sentences that people wrote, never on generated ones.

On generated text a threshold learns the generator: what looked like 5 % wrong there was three times as much on people's
own sentences. The calibration set is a split of its own, used for nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inference.core.calibration import Calibration, Signals, calibration_to_json, fit, floor, threshold, upper_bound
from inference.core.scoring import Case, judge
from inference.planner.compact.planner import CompactPlanner

# With this confidence (one-sided, Clopper-Pearson) at most this share of what is run is wrong on sentences like those
# of the calibration set; and of the missions in it at most this share may be asked about in order that nothing is
# proposed that is none.
RUN_RISK, CONFIDENCE, ASKING = 0.03, 0.95, 0.20
# Where nothing can be fitted: no reading is sure enough to be proposed.
SHUT = Calibration({}, {}, {}, -30.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Observed:
    """One case: the signals of the plan that would be proposed (None: it asked or refused), whether that plan is right,
    and whether the case is a mission at all.
    """

    signals: Signals | None
    right: bool
    mission: bool


class _Listening(CompactPlanner):
    """The planner with everything let through, noting the signals of each plan it would have proposed."""

    heard: Signals | None = None

    def _probability(self, said: Signals) -> float:
        self.heard = said
        return 1.0


def observe(folder: Path, cases: Sequence[Case]) -> list[Observed]:
    """What the planner in `folder` would do with each case if nothing were asked for being unsure."""
    planner = _Listening(folder)
    rows: list[Observed] = []
    for case in cases:
        planner.heard = None
        draft = planner.interpret(case.request)
        rows.append(Observed(planner.heard, judge(case, draft).correct, case.plan is not None))
    return rows


def calibrate(folder: Path, cases: Sequence[Case]) -> dict[str, Any]:
    """Fit on `cases`, choose thresholds and write `calibration.json` into `folder`; what was written.

    Thresholds are chosen on out-of-fold probabilities, so that no sentence judges itself. Without readings of both
    outcomes every plan becomes a question.
    """
    open_gate = Calibration({}, {}, {}, 0.0, 0.0, 0.0)
    _write(folder, {"model": calibration_to_json(open_gate)})
    seen = observe(folder, cases)
    proposed = [row for row in seen if row.signals is not None]
    rows = [(row.signals, row.right) for row in proposed if row.signals is not None]
    try:
        scored = out_of_fold(rows)
        made = fit(rows)
    except ValueError:
        # Nothing can be learnt from one outcome: a planner that cannot tell how sure it is proposes nothing.
        scored, made = [], SHUT
    else:
        run_at = threshold(scored, risk=RUN_RISK, confidence=CONFIDENCE)
        chances = [(p, row.mission) for (p, _), row in zip(scored, proposed, strict=True)]
        ask_at = floor(
            [p for p, mission in chances if mission],
            [p for p, mission in chances if not mission],
            planned=sum(row.mission for row in seen),
            asking=ASKING,
        )
        made = replace(made, run_at=round(max(run_at, ask_at), 4), ask_at=round(ask_at, 4))
    over = [right for p, right in scored if p >= made.run_at]
    found = {
        "model": calibration_to_json(made),
        "risk": {"run": RUN_RISK, "confidence": CONFIDENCE, "asking": ASKING},
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
    """Each row's probability under a calibration fitted without its fold, in the order of the rows."""
    out: list[tuple[float, bool]] = [(0.0, right) for _, right in rows]
    for fold in range(folds):
        made = fit([row for n, row in enumerate(rows) if n % folds != fold])
        for n in range(fold, len(rows), folds):
            out[n] = (made.probability(rows[n][0]), rows[n][1])
    return out


def _write(folder: Path, data: dict[str, Any]) -> None:
    half = folder / "calibration.part"
    half.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    half.rename(folder / "calibration.json")
