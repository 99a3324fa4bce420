"""Runs planners over case files: the report of the case format, intervals, slices, and the baselines beside it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from inference.contract import Json, PlanDraft, Planner, PlanRequest, draft_to_json, plan_to_json
from inference.core.calibration import wilson
from inference.core.scoring import Case, Verdict, judge, load_cases, risk_coverage, summarise

CASES = Path(__file__).with_name("cases")
SPLITS = ("development", "calibration", "report")


class MajorityPlanner(Planner):
    """The floor any planner must beat: whatever is said, the answer that most sentences get (a question)."""

    name = "majority"
    version = "1"

    def interpret(self, request: PlanRequest) -> PlanDraft:
        return PlanDraft("ask", reason="not_understood", confidence=0.0, model=self.name, version=self.version)


def read_file(path: Path) -> list[Case]:
    """The cases of one file. Raises ValueError naming the line that is wrong, OSError where there is no such file."""
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path.name}: line {number} is not JSON: {error.msg}") from None
    try:
        return load_cases(lines)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None


def read_folder(folder: Path) -> list[Case]:
    """All cases of a folder of case files, file by file."""
    return [case for path in sorted(folder.glob("*.jsonl")) for case in read_file(path)]


def run(
    planner: Planner,
    cases: Sequence[Case],
    clock: Callable[[], float] = time.perf_counter,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Iterator[tuple[Case, PlanDraft, Verdict]]:
    """Each case with what the planner made of it. The first sentence is read once before the clock counts."""
    if cases:
        planner.interpret(cases[0].request)
    for n, case in enumerate(cases, 1):
        began = clock()
        draft = planner.interpret(case.request)
        yield case, draft, judge(case, draft, (clock() - began) * 1000.0)
        progress(n, len(cases))


def report(planner: Planner, judged: Sequence[tuple[Case, PlanDraft, Verdict]]) -> Json:
    """The case format's object with intervals (Wilson, 95 %), slices by tag, kinds of error and the risk curve."""
    verdicts = [verdict for _, _, verdict in judged]
    out = summarise(verdicts, planner=planner.name, bundle=planner.version)
    plans = [v for v in verdicts if v.expected == "plan"]
    band = [v for v in verdicts if v.run]
    out["intervals"] = {
        "exact": wilson(sum(v.exact for v in plans), len(plans)),
        "by_group": {
            name: wilson(sum(v.correct for v in rows), len(rows))
            for name in out["groups"]
            if (rows := [v for v in verdicts if v.group == name])
        },
        "run_band_precision": wilson(sum(v.correct for v in band), len(band)),
        "dispatched_wrongly": wilson(
            sum(v.dispatched for v in verdicts if v.expected != "plan"), len(verdicts) - len(plans)
        ),
    }
    tags = sorted({tag for v in verdicts for tag in v.tags})
    out["by_tag"] = {
        tag: {"n": len(rows), "exact": sum(v.correct for v in rows) / len(rows)}
        for tag in tags
        if (rows := [v for v in verdicts if tag in v.tags])
    }
    out["errors"] = dict(Counter(kind for v in verdicts for kind in kinds_of_error(v)).most_common())
    curve = risk_coverage(verdicts)
    out["risk_coverage"] = [[round(c, 4), round(r, 4)] for c, r in curve[:: max(1, len(curve) // 50)]]
    return out


def kinds_of_error(verdict: Verdict) -> list[str]:
    """What went wrong with one case, in the words of the report; empty where nothing did."""
    if verdict.correct:
        return []
    if verdict.expected != "plan":
        return [f"{verdict.expected} came out as {verdict.decision}"]
    if not verdict.dispatched:
        return [f"plan came out as {verdict.decision}"]
    return [f"other {field}" for field in verdict.differs] or ["not the same"]


def line(case: Case, draft: PlanDraft, verdict: Verdict) -> Json:
    """What `--cases-out` writes for one case."""
    found = draft_to_json(draft)
    return {
        "id": case.id,
        "group": case.group,
        "lang": case.lang,
        "tags": list(case.tags),
        "text": case.request.text,
        "expected": {"decision": case.decision, "reason": case.reason, "accept": list(case.accept)}
        | ({"plan": plan_to_json(case.plan)} if case.plan else {}),
        "got": {key: found[key] for key in ("decision", "reason", "plan", "question", "alternatives")},
        "confidence": draft.confidence,
        "band": "run" if verdict.run else draft.decision if draft.decision != "plan" else "ask",
        "exact": verdict.exact,
        "steps": verdict.steps,
        "ops": verdict.ops,
        "correct": verdict.correct,
        "differs": list(verdict.differs),
        "elapsed_ms": round(verdict.elapsed_ms, 3),
    }
