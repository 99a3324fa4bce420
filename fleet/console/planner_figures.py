"""The planner page: which planner a site uses, its bands in words, its figures beside the baselines, its curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fleet.accounts.models import Site
from inference.evaluations import PlannerBundle, error_words, planner_bundle
from missions.planning import chain
from missions.understanding import installation_planner

LANGUAGES = {
    "en": "English", "de": "German", "es": "Spanish", "fr": "French", "pl": "Polish", "pt": "Portuguese",
    "zh": "Chinese", "it": "Italian", "nl": "Dutch", "ja": "Japanese", "tr": "Turkish", "uk": "Ukrainian",
    "cs": "Czech", "ru": "Russian", "ro": "Romanian", "sv": "Swedish",
}  # fmt: skip
BESIDE = ("compact", "rules", "majority")
FIGURES = (
    ("dispatched_wrongly", "Unclear or forbidden requests that came out as a plan", "must be none"),
    ("run_precision", "Plans counted as sure that were exactly right", ""),
    ("run_coverage", "Clear requests whose plan counted as sure", ""),
    ("exact", "Clear requests planned exactly", "every field and every step"),
    ("steps", "Clear requests with all steps right", ""),
    ("over_asking", "Clear requests asked about or refused needlessly", "less is better"),
    ("asked", "Unclear requests answered with a question", ""),
    ("refused", "Forbidden requests refused", "a question counts as wrong where only a refusal is right"),
    ("hard", "Cases marked as hard, right", ""),
)
NUMBERS = (
    ("ece", "Expected calibration error", "how far stated confidence and being right lie apart; less is better"),
    ("aurc", "Area under the risk-coverage curve", "less is better"),
    ("selective_accuracy_80", "Right among the surest 80 % of plans", ""),
)
# A drawing: its size, and the frame of the axes in it.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 252, 44, 12, 22, 40


@dataclass(frozen=True, slots=True)
class Cell:
    """A share, its interval and what was counted, in words."""

    text: str
    interval: str
    counted: str


def figures_context(site: Site) -> dict[str, Any]:
    """Everything the template shows for `site`."""
    bundle = planner_bundle()
    used = site.planner or installation_planner()
    return {
        "used": used,
        "then": chain(used)[1:],
        "bundle": bundle,
        "facts": _facts(bundle),
        "bands": _bands(bundle.calibration) if bundle.version else None,
        **(_measured(bundle.evaluation) if bundle.evaluation else {}),
    }


def _facts(bundle: PlannerBundle) -> list[tuple[str, str]]:
    config, recipe = bundle.config, bundle.config.get("recipe", {})
    if not bundle.version:
        return []
    languages = ", ".join(LANGUAGES.get(code, code) for code in config.get("languages", ()))
    return [
        ("Version", bundle.version),
        ("Networks", f"{config.get('members', 1)}, read on one CPU core"),
        ("Languages", languages or "none"),
        ("Trained on", f"{recipe.get('sentences', 0):,} generated sentences, seed {recipe.get('seed', '–')}"),
        ("Plan grammar", str(config.get("grammar", "–"))),
    ]


def _bands(fitted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The three bands with what they mean. A calibration that is not whole gives none."""
    model, risk = fitted.get("model", {}), fitted.get("risk", {})
    run_at, ask_at = model.get("run_at"), model.get("ask_at")
    if not isinstance(run_at, int | float) or not isinstance(ask_at, int | float):
        return []
    run = f"At most {risk['run']:.0%} of such plans were wrong when this was chosen." if "run" in risk else ""
    return [
        (f"Sure: from {_percent(run_at)}", f"The plan is shown and one press dispatches it. {run}".replace("%", " %")),
        (f"Doubtful: from {_percent(ask_at)}", "The plan is shown; each doubtful part must first be accepted."),
        (f"Unsure: below {_percent(ask_at)}", "No plan: the planner asks and offers its readings to choose from."),
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _measured(found: Mapping[str, Any]) -> dict[str, Any]:
    planners: Mapping[str, Any] = found["planners"]
    compact = planners["compact"]
    return {
        "cases": found["cases"],
        "figures": [
            (words, hint, [_cell(planners.get(name, {}).get("figures", {}).get(key)) for name in BESIDE])
            for key, words, hint in FIGURES
        ],
        "numbers": [
            (words, hint, [_number(planners.get(name, {}).get("calibration", {}).get(key)) for name in BESIDE])
            for key, words, hint in NUMBERS
        ],
        "latency": [_latency(planners.get(name, {}).get("latency_ms", {})) for name in BESIDE],
        "slices": _slices(compact, planners.get("rules", {})),
        "errors": [(count, error_words(kind)) for kind, count in compact.get("errors", {}).items()],
        "risk": risk_drawing(compact, planners.get("rules", {})),
        "reliable": reliability_drawing(compact.get("reliability", [])),
    }


def _cell(counted: Mapping[str, Any] | None) -> Cell:
    if not counted or not counted.get("n"):
        return Cell("–", "", "no case")
    low, high = counted["interval"]
    return Cell(
        _percent(counted["share"]),
        f"{100 * low:.0f} to {100 * high:.0f} %",
        f"{counted['right']} of {counted['n']}",
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _latency(times: Mapping[str, Any]) -> str:
    p50, p95 = times.get("p50"), times.get("p95")
    return "–" if p50 is None or p95 is None else f"{p50:.0f} / {p95:.0f} ms"


def _slices(compact: Mapping[str, Any], rules: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    beside = {(row["kind"], row["name"]): row for row in rules.get("slices", [])}
    out = []
    for kind, title in (("group", "Group"), ("language", "Language"), ("tag", "Tag")):
        rows = [
            (
                LANGUAGES.get(row["name"], row["name"]) if kind == "language" else row["name"],
                [_cell(row), _cell(beside.get((kind, row["name"])))],
            )
            for row in compact.get("slices", [])
            if row["kind"] == kind
        ]
        out.append((title, rows))
    return out


# --- drawings: numbers only, the template draws them ----------------------------------------------------------------


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float, most: float = 1.0) -> float:
    return round(HEIGHT - BOTTOM - min(1.0, share / most) * (HEIGHT - TOP - BOTTOM), 1)


def _frame(most: float) -> dict[str, Any]:
    """Axes with their marks: shares to the right, and up to `most` upwards."""
    return {
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "top": TOP, "bottom": HEIGHT - BOTTOM,
        "below": HEIGHT - BOTTOM + 16, "foot": HEIGHT - 6, "middle": (LEFT + WIDTH - RIGHT) / 2,
        "across": [(_x(n / 4), f"{25 * n}") for n in range(5)],
        "up": [(_y(most * n / 4, most), f"{100 * most * n / 4:.0f}") for n in range(5)],
    }  # fmt: skip


def risk_drawing(compact: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, Any]:
    """Coverage to the right, share of wrong plans upwards, most confident plans first; the risk that was aimed at."""
    curves = [(name, planner.get("risk_coverage", [])) for name, planner in (("compact", compact), ("rules", rules))]
    highest = max((risk for _, points in curves for _, risk in points), default=0.0)
    most = next(limit for limit in (0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if highest <= limit)
    lines = [
        (name, " ".join(f"{_x(coverage)},{_y(risk, most)}" for coverage, risk in points), _share_at(points))
        for name, points in curves
        if points
    ]
    return _frame(most) | {"lines": lines}


def _share_at(points: Sequence[Sequence[float]], coverage: float = 0.5) -> str:
    """In words: how many plans of the surer half were wrong."""
    risk = min(points, key=lambda point: abs(point[0] - coverage))[1]
    return f"{_percent(risk)} of the surer half of plans wrong"


def reliability_drawing(bins: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Stated confidence to the right, share that was right upwards, with intervals; the diagonal is perfect."""
    dots = [
        {
            "x": _x(row["stated"]), "y": _y(row["share"]), "low": _y(row["interval"][0]),
            "high": _y(row["interval"][1]), "size": round(min(9.0, 3 + row["n"] ** 0.5 / 2), 1),
            "words": f"stated {_percent(row['stated'])}, right {row['right']} of {row['n']}",
        }
        for row in bins
    ]  # fmt: skip
    diagonal = {"x1": _x(0), "y1": _y(0), "x2": _x(1), "y2": _y(1)}
    return _frame(1.0) | {"dots": dots, "diagonal": diagonal}
