"""Evaluation: the report has the keys of the case format, the card has every figure, the command says what is wrong."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference.contract import Plan, PlanDraft, Planner, PlanRequest, Step
from inference.core.scoring import Verdict
from inference.training import card
from inference.training.card_text import percent
from inference.training.evaluation import CASES, MajorityPlanner, kinds_of_error, read_file, read_folder, report, run

KEYS = {"planner", "bundle", "n", "groups", "run_band", "by_lang", "hard", "calibration", "latency_ms"}


class OracleOfOne(Planner):
    """Knows the first case and says it of every text."""

    name, version = "oracle", "7"

    def interpret(self, request: PlanRequest) -> PlanDraft:
        steps = (Step("pick", at="inb", item="oat", qty=3), Step("drop", at="cold"))
        return PlanDraft("plan", Plan(steps), confidence=0.95, run_at=0.9)


def test_the_report_has_the_keys_of_the_case_format(case_file: Path) -> None:
    planner = OracleOfOne()
    ticks = iter(range(1000))
    found = report(planner, list(run(planner, read_file(case_file), clock=lambda: next(ticks) / 1000)))
    assert set(found) >= KEYS and (found["planner"], found["bundle"], found["n"]) == ("oracle", "7", 3)
    assert set(found["groups"]) == {"plan", "ask", "refuse"}
    assert set(found["groups"]["plan"]) == {"n", "exact", "steps", "ops", "over_asking"}
    assert found["groups"]["ask"] == {"n": 1, "correct": 0.0, "dispatched": 1}
    assert found["groups"]["plan"]["exact"] == 1.0 and found["groups"]["refuse"]["dispatched"] == 1
    assert set(found["run_band"]) >= {"coverage", "precision"} and found["run_band"]["coverage"] == 1.0
    assert found["by_lang"] == {"en": {"n": 2, "exact": 0.5}, "de": {"n": 1, "exact": 0.0}}
    assert found["hard"] == {"n": 1, "exact": 1.0}
    assert set(found["calibration"]) == {"ece", "aurc", "selective_accuracy_80"}
    assert found["latency_ms"] == {"p50": pytest.approx(1.0), "p95": pytest.approx(1.0)}
    assert found["errors"] == {"ask came out as plan": 1, "refuse came out as plan": 1}
    low, high = found["intervals"]["dispatched_wrongly"]
    assert 0.0 < low < high == 1.0
    json.dumps(found)


def test_majority_asks_always(case_file: Path) -> None:
    rows = list(run(MajorityPlanner(), read_file(case_file)))
    assert {draft.decision for _, draft, _ in rows} == {"ask"}
    assert report(MajorityPlanner(), rows)["groups"]["refuse"] == {"n": 1, "correct": 0.0, "dispatched": 0}


def test_nothing_to_judge_is_no_division_by_zero() -> None:
    found = report(MajorityPlanner(), list(run(MajorityPlanner(), [])))
    assert found["n"] == 0 and found["hard"]["exact"] is None and found["latency_ms"]["p50"] is None


def test_kinds_of_error() -> None:
    base = {"case": "c", "group": "g", "lang": "en", "tags": (), "steps": False, "ops": False, "confidence": 0.5}
    other = Verdict(expected="plan", decision="plan", exact=False, correct=False, differs=("steps", "robot"), **base)
    assert kinds_of_error(other) == ["other steps", "other robot"]
    asked = Verdict(expected="plan", decision="ask", exact=False, correct=False, **base)
    assert kinds_of_error(asked) == ["plan came out as ask"]
    assert kinds_of_error(Verdict(expected="ask", decision="ask", exact=False, correct=True, **base)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1 is not JSON"),
        ('{"type": "case", "id": "c", "site": "nowhere", "expect": {"decision": "ask"}, "text": "x", "group": "g"}',
         "line 1: 'nowhere' is missing or not defined before it"),
        ('{"type": "poem"}', "line 1: type 'poem' is neither site nor case"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        read_file(path)
    assert str(error.value).startswith("bad.jsonl: ") and said in str(error.value)


# --- the bundle's own figures


def test_the_card_and_the_figures_are_written_together(bundle: Path, case_file: Path) -> None:
    cases = read_file(case_file)
    found = card.make_card(bundle, cases)
    assert json.loads((bundle / "evaluation.json").read_text()) == json.loads(json.dumps(found))
    assert found["bundle"] == json.loads((bundle / "config.json").read_text())["version"]
    for name in ("compact", "rules", "majority"):
        planner = found["planners"][name]
        assert set(planner) >= KEYS | {"figures", "slices", "reliability", "errors", "intervals", "risk_coverage"}
        assert {row["name"] for row in planner["slices"]} == {"plan", "ask", "refuse", "en", "de", "hard"}
        assert planner["figures"]["exact"]["n"] == 1 and planner["figures"]["dispatched_wrongly"]["n"] == 2
    text = (bundle / "card.md").read_text()
    for words in ("## Intended use", "## Limits", "seed 1", "## Bands", "From a confidence of 90 %", "## Figures",
                  "| language | de |", "## Known failures", "Apache-2.0", found["cases"]["digest"]):  # fmt: skip
        assert words in text, words
    assert not list(bundle.glob("*.part"))


def test_the_same_cases_have_the_same_digest(case_file: Path) -> None:
    cases = read_file(case_file)
    assert card.cases_digest(cases) == card.cases_digest(cases[::-1]) != card.cases_digest(cases[1:])


def test_reliability_is_by_tenths_of_what_was_stated() -> None:
    base = {"case": "c", "group": "g", "lang": "en", "tags": (), "expected": "plan", "decision": "plan", "steps": True,
            "ops": True}  # fmt: skip
    rows = [Verdict(exact=n > 1, correct=n > 1, confidence=0.91 + n / 100, **base) for n in range(4)]
    rows.append(Verdict(exact=True, correct=True, confidence=1.0, **base))
    (last,) = card.reliability(rows)
    assert (last["from"], last["to"], last["n"], last["right"]) == (0.9, 1.0, 5, 3)
    assert last["stated"] == pytest.approx(0.94)


def test_shares_in_words() -> None:
    counted = {"n": 160, "right": 131, "share": 131 / 160, "interval": [0.752, 0.871]}
    assert percent(counted) == "82 % (75 % to 87 %), 131 of 160"
    assert percent({"n": 0, "right": 0, "share": None, "interval": None}) == percent(None) == "none"


# --- the command


def evaluate(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate", "planner", *arguments, stdout=out)
    return dict(json.loads(out.getvalue().strip().splitlines()[-1]))


def test_the_command_prints_one_object_and_a_line_per_case(bundle: Path, case_file: Path, tmp_path: Path) -> None:
    found = evaluate("--cases", str(case_file), "--bundle", str(bundle), "--cases-out", str(tmp_path / "out"), "--json")
    assert set(found) >= KEYS and found["planner"] == "compact"
    rows = [json.loads(row) for row in (tmp_path / "out").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["c1", "c2", "c3"]
    assert set(rows[0]) >= {"text", "expected", "got", "confidence", "correct", "band"}
    assert evaluate("--cases", str(case_file), "--planner", "rules")["planner"] == "rules"
    assert evaluate("--cases", str(case_file.parent), "--planner", "majority")["n"] == 3, "a folder of case files"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say one of"),
        (("--cases", "x.jsonl", "--split", "report"), "say one of"),
        (("--cases", "/nowhere/x.jsonl"), "No such file"),
        (("--split", "development", "--planner", "oracle"), "there is no planner 'oracle'"),
        (("--split", "development", "--bundle", "/nowhere"), "has no model.safetensors"),
        (("--gpsr", "/nowhere"), "holds no *.txt"),
        (("--split", "development", "--write-bundle"), "needs --split report"),
        (("--split", "report", "--planner", "rules", "--write-bundle"), "measures the compact planner"),
        (("--split", "report", "--bundle", "/nowhere", "--write-bundle"), "has no model.safetensors"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=r"(?s).*") as error:
        evaluate(*arguments)
    assert said in str(error.value)


def test_a_folder_without_cases_and_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there are no cases"):
        evaluate("--cases", str(tmp_path))
    (tmp_path / "a.jsonl").write_text("{")
    with pytest.raises(CommandError, match=r"a\.jsonl: line 1 is not JSON"):
        evaluate("--cases", str(tmp_path))


@pytest.mark.parametrize("arguments", [("--sentences", "0"), ("--members", "0"), ("--passes", "-1")])
def test_training_wants_sizes_greater_than_nothing(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="must be greater than 0"):
        call_command("train", "planner", *arguments)


def test_the_project_has_its_own_sets_in_many_languages() -> None:
    """Counted without looking into the split that is used for reporting."""
    cases = [case for split in ("development", "calibration") for case in read_folder(CASES / split)]
    assert len(cases) >= 400 and len({case.lang for case in cases}) >= 6
    assert len({case.request.vocabulary.site for case in cases}) >= 6
    assert len({case.request.text for case in cases}) == len(cases)
