"""Scoring of planners on instruction cases, as the case format defines it (`FORMAT.md`, "Scoring").

Pure: the caller runs the planner and measures the time; `judge` compares one draft with what a case expects, and
`summarise` turns the verdicts into the object that `evaluate planner --json` prints. Shares are 0..1, or None where a
group is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

from inference.contract import Json, Plan, PlanDraft, PlanRequest, Step, Vocabulary, named_from_json
from inference.core.grammar import canonical, location_after, plan_from_json

RUN_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a case file with its site's vocabulary resolved. `plan` is None unless the expected decision is
    plan.
    """

    id: str
    group: str
    lang: str
    tags: tuple[str, ...]
    request: PlanRequest
    decision: str
    accept: tuple[str, ...]
    reason: str | None
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one draft did. `dispatched`: it came out as a plan. `correct`: exact for plan cases, an accepted decision
    else. `run`: a plan of the high band, by the draft's own threshold. `differs`: for a plan that is not the expected
    one, the fields of the mission that differ and "steps".
    """

    case: str
    group: str
    lang: str
    tags: tuple[str, ...]
    expected: str
    decision: str
    exact: bool
    steps: bool
    ops: bool
    correct: bool
    confidence: float
    elapsed_ms: float = 0.0
    run: bool = False
    differs: tuple[str, ...] = ()

    @property
    def dispatched(self) -> bool:
        return self.decision == "plan"


def load_cases(lines: Iterable[Json]) -> list[Case]:
    """Cases from decoded lines of a case file. Raises ValueError naming the line that is wrong."""
    sites: dict[str, Vocabulary] = {}
    cases: list[Case] = []
    for number, line in enumerate(lines, 1):
        try:
            if line["type"] == "site":
                sites[line["id"]] = Vocabulary(
                    site=line["id"],
                    now=line["now"],
                    places=named_from_json(line["places"]),
                    items=named_from_json(line["items"]),
                    robots=named_from_json(line["robots"]),
                )
            elif line["type"] == "case":
                cases.append(_case(line, sites[line["site"]]))
            else:
                raise ValueError(f"type {line['type']!r} is neither site nor case")
        except KeyError as missing:
            raise ValueError(f"line {number}: {missing} is missing or not defined before it") from missing
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    return cases


def _case(line: Json, site: Vocabulary) -> Case:
    expect = dict(line["expect"])
    decision = expect.pop("decision")
    accept = tuple(expect.pop("accept", (decision,)))
    reason = expect.pop("reason", None)
    return Case(
        id=line["id"],
        group=line["group"],
        lang=line.get("lang", "en"),
        tags=tuple(line.get("tags") or ()),
        request=PlanRequest(line["text"], site, request_id=line["id"]),
        decision=decision,
        accept=accept,
        reason=reason,
        plan=plan_from_json(expect) if decision == "plan" else None,
    )


def same_spelling(plan: Plan) -> Plan:
    """The canonical plan with `at` null where it equals the place the robot already is: both spellings count as
    equal.
    """
    out: list[Step] = []
    here: str | None = None
    for step in canonical(plan).steps:
        known = step.at if step.at is not None else (here if step.op == "pick" else None)
        if step.at is not None and step.at == here and step.op not in ("move", "charge"):
            out.append(replace(step, at=None))
        else:
            out.append(step)
        here = location_after(replace(step, at=known), here)
    return replace(canonical(plan), steps=tuple(out))


def judge(case: Case, draft: PlanDraft, elapsed_ms: float = 0.0) -> Verdict:
    """Compare `draft` with what `case` expects."""
    exact = steps = ops = False
    differs: tuple[str, ...] = ()
    if case.plan is not None and draft.decision == "plan" and draft.plan is not None:
        want, got = same_spelling(case.plan), same_spelling(draft.plan)
        exact, steps = want == got, want.steps == got.steps
        ops = [_place_of(step) for step in want.steps] == [_place_of(step) for step in got.steps]
        differs = tuple(f.name for f in fields(Plan) if getattr(want, f.name) != getattr(got, f.name))
    return Verdict(
        case=case.id,
        group=case.group,
        lang=case.lang,
        tags=case.tags,
        expected=case.decision,
        decision=draft.decision,
        exact=exact,
        steps=steps,
        ops=ops,
        correct=exact if case.decision == "plan" else draft.decision in case.accept,
        confidence=draft.confidence or 0.0,
        elapsed_ms=elapsed_ms,
        run=draft.decision == "plan"
        and (draft.confidence or 0.0) >= (draft.run_at if draft.run_at is not None else RUN_LEVEL),
        differs=differs,
    )


def _place_of(step: Step) -> tuple[str, str | None, tuple[str, ...]]:
    return step.op, step.at, step.places


def summarise(verdicts: Sequence[Verdict], *, planner: str, bundle: str) -> Json:
    """The evaluation report of the case format. `run_band.coverage` is the share of the plan cases that were run,
    `run_band.precision` the share of all plans of the band that were right.
    """
    groups = {name: [v for v in verdicts if v.group == name] for name in dict.fromkeys(v.group for v in verdicts)}
    run = [v for v in verdicts if v.run]
    planned = [v for v in verdicts if v.expected == "plan"]
    times = sorted(v.elapsed_ms for v in verdicts)
    hard = [v for v in verdicts if "hard" in v.tags]
    langs = dict.fromkeys(v.lang for v in verdicts)
    return {
        "planner": planner,
        "bundle": bundle,
        "n": len(verdicts),
        "groups": {name: _group(rows) for name, rows in groups.items()},
        "run_band": {
            "coverage": _share(sum(v.run for v in planned), len(planned)),
            "precision": _rate(run, lambda v: v.correct),
            "n": len(run),
            "right": sum(v.correct for v in run),
        },
        "by_lang": {lang: _exact([v for v in verdicts if v.lang == lang]) for lang in langs},
        "hard": _exact(hard),
        "calibration": calibration(verdicts),
        "latency_ms": {"p50": _quantile(times, 0.5), "p95": _quantile(times, 0.95)},
    }


def _group(rows: Sequence[Verdict]) -> Json:
    planned = [v for v in rows if v.expected == "plan"]
    if planned:
        return {
            "n": len(rows),
            "exact": _rate(planned, lambda v: v.exact),
            "steps": _rate(planned, lambda v: v.steps),
            "ops": _rate(planned, lambda v: v.ops),
            "over_asking": _rate(planned, lambda v: not v.dispatched),
        }
    return {
        "n": len(rows),
        "correct": _rate(rows, lambda v: v.correct),
        "dispatched": sum(v.dispatched for v in rows),
    }


def _exact(rows: Sequence[Verdict]) -> Json:
    return {"n": len(rows), "exact": _rate(rows, lambda v: v.correct)}


def calibration(verdicts: Sequence[Verdict], bins: int = 10) -> Json:
    """Over the dispatched plans: expected calibration error (equal-width bins), area under the risk-coverage curve,
    and accuracy among the most confident 80 %. Source: Guo et al. 2017; Geifman and El-Yaniv 2017."""
    ranked = sorted((v for v in verdicts if v.dispatched), key=lambda v: (-v.confidence, v.case))
    if not ranked:
        return {"ece": None, "aurc": None, "selective_accuracy_80": None}
    ece = 0.0
    for b in range(bins):
        rows = [v for v in ranked if min(int(v.confidence * bins), bins - 1) == b]
        if rows:
            gap = sum(v.correct for v in rows) / len(rows) - sum(v.confidence for v in rows) / len(rows)
            ece += abs(gap) * len(rows) / len(ranked)
    wrong, area = 0, 0.0
    for n, verdict in enumerate(ranked, 1):
        wrong += not verdict.correct
        area += wrong / n / len(ranked)
    top = ranked[: max(1, round(0.8 * len(ranked)))]
    return {"ece": ece, "aurc": area, "selective_accuracy_80": _rate(top, lambda v: v.correct)}


def risk_coverage(verdicts: Sequence[Verdict]) -> list[tuple[float, float]]:
    """(coverage, risk) points over the dispatched plans, most confident first."""
    ranked = sorted((v for v in verdicts if v.dispatched), key=lambda v: (-v.confidence, v.case))
    wrong, points = 0, []
    for n, verdict in enumerate(ranked, 1):
        wrong += not verdict.correct
        points.append((n / len(ranked), wrong / n))
    return points


def _rate(rows: Sequence[Verdict], test: Callable[[Verdict], bool]) -> float | None:
    return _share(sum(test(v) for v in rows), len(rows))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _quantile(ordered: Sequence[float], q: float) -> float | None:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else None
