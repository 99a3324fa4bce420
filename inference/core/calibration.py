"""How sure a reading is: a logistic model over a few signals, and thresholds chosen for a stated risk. Pure.

The signals of a reading (how probable, how far ahead of the second, does the deterministic parser agree, what was left
unused, ...) become one probability of being exactly right, fitted on sentences that people wrote (Platt 1999;
Guo et al. 2017). Bands follow selective classification (Geifman and El-Yaniv 2017): the lowest threshold whose
readings were right often enough, with a one-sided bound on what was seen (Clopper and Pearson 1934).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Signals = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """`weights` per signal (after `(value - mean) / scale`), `run_at` and `ask_at`: least probability of the bands."""

    weights: Mapping[str, float]
    means: Mapping[str, float]
    scales: Mapping[str, float]
    bias: float
    run_at: float
    ask_at: float

    def probability(self, signals: Signals) -> float:
        """0..1. A signal that is missing counts as average; one that is no number makes the reading worthless (0)."""
        total = self.bias
        for name, weight in self.weights.items():
            value = signals.get(name, self.means[name])
            if not math.isfinite(value):
                return 0.0
            # Far outside of what was seen a signal says no more than at the edge.
            total += weight * max(-4.0, min(4.0, (value - self.means[name]) / self.scales[name]))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def calibration_to_json(calibration: Calibration) -> dict[str, object]:
    return {
        "weights": dict(calibration.weights),
        "means": dict(calibration.means),
        "scales": dict(calibration.scales),
        "bias": calibration.bias,
        "run_at": calibration.run_at,
        "ask_at": calibration.ask_at,
    }


def calibration_from_json(data: Mapping[str, object]) -> Calibration:
    """Raises ValueError where a part is missing or a threshold is out of range: an unusable calibration is none."""
    try:
        made = Calibration(**data)  # type: ignore[arg-type]
    except TypeError as error:
        raise ValueError(f"the calibration is not complete: {error}") from None
    if not 0.0 <= made.ask_at <= made.run_at <= 1.0:
        raise ValueError("of a calibration 0 <= ask_at <= run_at <= 1 must hold")
    if set(made.weights) != set(made.means) or set(made.weights) != set(made.scales):
        raise ValueError("weights, means and scales of a calibration must name the same signals")
    return made


def fit(rows: Sequence[tuple[Signals, bool]], *, ridge: float = 1.0, rounds: int = 25) -> Calibration:
    """A calibration from (signals, was it right) pairs by Newton's method with an L2 penalty; thresholds 1 and 0.

    Raises ValueError without both outcomes: nothing can be learnt from one.
    """
    if len({right for _, right in rows}) < 2:
        raise ValueError("to calibrate, readings that were right and readings that were wrong are both needed")
    names = sorted(rows[0][0])
    columns = {name: [signals[name] for signals, _ in rows] for name in names}
    means = {name: sum(column) / len(column) for name, column in columns.items()}
    scales = {
        name: math.sqrt(sum((v - means[name]) ** 2 for v in column) / len(column)) or 1.0
        for name, column in columns.items()
    }
    xs = [[1.0, *(max(-4.0, min(4.0, (s[n] - means[n]) / scales[n])) for n in names)] for s, _ in rows]
    ys = [float(right) for _, right in rows]
    w = [0.0] * (len(names) + 1)
    for _ in range(rounds):
        gradient = [0.0, *(-ridge * v for v in w[1:])]
        hessian = [[ridge * (i == j) * (i > 0) + 1e-9 * (i == j) for j in range(len(w))] for i in range(len(w))]
        for x, y in zip(xs, ys, strict=True):
            p = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, sum(a * b for a, b in zip(w, x, strict=True))))))
            for i, xi in enumerate(x):
                gradient[i] += (y - p) * xi
                for j, xj in enumerate(x):
                    hessian[i][j] += p * (1 - p) * xi * xj
        step = _solve(hessian, gradient)
        w = [a + b for a, b in zip(w, step, strict=True)]
        if max(abs(b) for b in step) < 1e-6:
            break
    weights = dict(zip(names, w[1:], strict=True))
    return Calibration(weights, means, scales, w[0], 1.0, 0.0)


def _solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """Gaussian elimination with pivots; the matrix is small and positive definite."""
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(i + 1, size):
            factor = rows[r][i] / rows[i][i]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    out = [0.0] * size
    for i in reversed(range(size)):
        out[i] = (rows[i][size] - sum(rows[i][j] * out[j] for j in range(i + 1, size))) / rows[i][i]
    return out


def threshold(scored: Sequence[tuple[float, bool]], *, risk: float, confidence: float = 0.0) -> float:
    """The lowest probability above which at most a share `risk` was wrong; 1.0 where there is none.

    With `confidence` (0..1), the upper Clopper-Pearson bound of the share must be at most `risk`.
    """
    ranked = sorted(scored, key=lambda row: -row[0])
    best, wrong = 1.0, 0
    for n, (p, right) in enumerate(ranked, 1):
        wrong += not right
        if n < len(ranked) and ranked[n][0] == p:
            continue
        share = upper_bound(wrong, n, confidence) if confidence else wrong / n
        if share <= risk:
            best = p
    return best


def floor(plans: Sequence[float], others: Sequence[float], *, planned: int, asking: float) -> float:
    """The probability below which a proposal becomes a question: the lowest that lets none of `others` through.

    `plans` and `others`: probabilities of proposals for texts that are missions and for texts that must be asked about
    or refused. `planned` is how many missions there were; where stopping all of `others` would ask about more than the
    share `asking` of them, the highest threshold is given that does not.
    """
    ranked = sorted(plans)
    spare = int(asking * planned) - (planned - len(ranked))
    most = ranked[min(max(spare, 0), len(ranked) - 1)] if ranked else 1.0
    return min(most, max(others) + 1e-4 if others else 0.0)


def upper_bound(wrong: int, n: int, confidence: float) -> float:
    """One-sided Clopper-Pearson upper bound on a share after `wrong` of `n`."""
    if wrong >= n:
        return 1.0
    low, high = wrong / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(math.comb(n, k) * middle**k * (1 - middle) ** (n - k) for k in range(wrong + 1))
        low, high = (middle, high) if tail > 1 - confidence else (low, middle)
    return high


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float] | None:
    """Wilson's interval of a share (95 % by default); None for an empty group. Wilson 1927."""
    if not n:
        return None
    p = right / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)
