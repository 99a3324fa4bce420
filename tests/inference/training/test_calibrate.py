"""Calibration: thresholds come from probabilities that no sentence had a hand in, for the stated risk."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from inference.core.calibration import Calibration, calibration_from_json, fit, threshold
from inference.training import calibrate as fitting
from inference.training.calibrate import ASKING, CONFIDENCE, RUN_RISK, Observed, calibrate, observe, out_of_fold
from inference.training.evaluation import read_file


def rows(n: int, seed: int = 1) -> list[tuple[dict[str, float], bool]]:
    """Readings whose signal tells the truth with the probability it names."""
    rng = Random(seed)
    drawn = [rng.random() for _ in range(n)]
    return [({"logp": value, "noise": rng.random()}, rng.random() < value**0.5) for value in drawn]


def missions(data: list[tuple[dict[str, float], bool]]) -> list[Observed]:
    return [Observed(signals, right, True) for signals, right in data]


def test_out_of_fold_gives_every_row_once_and_not_from_itself() -> None:
    data = rows(120)
    scored = out_of_fold(data)
    assert len(scored) == 120 and sum(right for _, right in scored) == sum(right for _, right in data)
    inside = fit(data)
    assert {round(p, 9) for p, _ in scored} != {round(inside.probability(said), 9) for said, _ in data}


def test_a_row_does_not_judge_itself() -> None:
    """One wrong label, far from all others: inside it pulls its own probability, out of fold it cannot."""
    data = [({"logp": n / 40}, n > 20) for n in range(40)]
    turned = [*data[:39], (data[39][0], False)]
    told = dict(enumerate(p for p, _ in out_of_fold(data)))
    lied = dict(enumerate(p for p, _ in out_of_fold(turned)))
    assert told[len(told) - 1] == lied[len(lied) - 1], "row 39 is the last of the last fold"


def test_thresholds_keep_the_stated_risk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = rows(400, 2)
    monkeypatch.setattr(fitting, "observe", lambda folder, cases: missions(data))
    found = calibrate(tmp_path, [])
    made = calibration_from_json(found["model"])
    assert json.loads((tmp_path / "calibration.json").read_text()) == found
    assert 0.0 <= made.ask_at <= made.run_at <= 1.0 and found["n"] == 400
    scored = out_of_fold(data)
    assert made.run_at == round(max(threshold(scored, risk=RUN_RISK, confidence=CONFIDENCE), made.ask_at), 4)
    over = [right for p, right in scored if p >= made.run_at]
    assert over.count(False) <= RUN_RISK * len(over)
    assert (found["run_band"]["n"], found["run_band"]["right"]) == (len(over), sum(over))
    assert found["risk"] == {"run": RUN_RISK, "confidence": CONFIDENCE, "asking": ASKING}


@pytest.mark.parametrize("data", [[], [({"logp": 1.0}, True)] * 5, [({"logp": n / 9}, n == 3) for n in range(9)]])
def test_without_both_outcomes_nothing_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: list[tuple[dict[str, float], bool]]
) -> None:
    monkeypatch.setattr(fitting, "observe", lambda folder, cases: missions(data))
    made = calibration_from_json(calibrate(tmp_path, [])["model"])
    assert made.probability({"logp": 0.0}) < made.ask_at == made.run_at == 1.0


def test_signals_of_what_would_be_proposed_are_observed(bundle: Path, case_file: Path) -> None:
    """With everything let through the planner's bundle may be of any calibration."""
    before = (bundle / "calibration.json").read_text()
    found = observe(bundle, read_file(case_file))
    assert (bundle / "calibration.json").read_text() == before
    assert all(row.signals is None or "logp" in row.signals for row in found)
    assert {row.mission for row in found} == {case.plan is not None for case in read_file(case_file)}


def test_what_is_no_mission_sets_the_floor_until_too_much_would_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = missions(rows(300, 4))
    harmless = [Observed({"logp": 0.2, "noise": 0.5}, False, False)]
    monkeypatch.setattr(fitting, "observe", lambda folder, cases: [*data, *harmless])
    low = calibrate(tmp_path, [])["model"]["ask_at"]
    alarming = [Observed({"logp": 0.99, "noise": 0.5}, False, False)] * 3
    monkeypatch.setattr(fitting, "observe", lambda folder, cases: [*data, *alarming])
    made = calibration_from_json(calibrate(tmp_path, [])["model"])
    asked = sum(made.probability(row.signals or {}) < made.ask_at for row in data)
    assert low < made.ask_at
    assert asked <= (ASKING + 0.03) * len(data), "the fit on all rows may move a few across the threshold"


def test_a_calibration_says_nothing_of_what_it_never_saw() -> None:
    made = Calibration({"logp": 1.0}, {"logp": 0.0}, {"logp": 1.0}, 0.0, 0.9, 0.4)
    assert made.probability({"logp": float("nan")}) == 0.0
    assert made.probability({"logp": 1e9}) == made.probability({"logp": 4.0})
