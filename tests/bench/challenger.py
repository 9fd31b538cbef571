"""What gradient boosting does against the models: every log at hand, each held out twice, prints a table.

    python tests/bench/challenger.py [LOG ...]

BG/NBD, the best of the models in hindsight, and the challenger of `clv backtest --challenger`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from forecast_logs import cuts, logs, printed

from clvcli.commands.backtest.challenger import challenger, held_against
from clvcli.commands.backtest.forecasts import Forecast, Setting, model_forecast, spend_fits
from clvcli.core.spend_basis import DEFAULT as BASIS
from clvcli.engines import local as engine
from clvcli.models import scores
from clvcli.models.registry import purchase_model
from clvcli.scoring.choose import DEFAULT, by_simplicity
from clvcli.scoring.rolling_origins import Cases, Fold, cases


@dataclass(frozen=True)
class Case:
    """One holdout: log scores and deviances of BG/NBD, the best model and boosting; Gini of value of BG/NBD, boosting
    and both ranks together; errors of the total of purchases and of spend of BG/NBD and boosting."""

    log: str
    customers: int
    log_scores: tuple[float, float, float]
    deviances: tuple[float, float]
    ginis: tuple[float, float, float]
    purchases: tuple[float, float]
    spend: tuple[float, float]


def judged(name: str, log: pl.DataFrame, fold: Fold) -> Case | None:
    """One holdout; None where BG/NBD cannot be fitted or boosting has too little to learn from."""
    needs = tuple(dict.fromkeys(need for model in by_simplicity() for need in purchase_model(model).needs))
    held = cases(engine, log, fold, decimals=2, needs=needs)
    models = dict(_models(held))
    learnt = challenger(engine, log, held, 2)
    if DEFAULT not in models or not learnt:
        return None
    ours, theirs = models[DEFAULT], learnt[0]
    against = held_against([(held, ours, theirs)], BASIS)
    best = min(scores.log_score(one.log_p) for one in models.values())
    pair = (ours, theirs)
    return Case(
        name, held.later.size,
        (against["log_score"]["model"], best, against["log_score"]["challenger"]),
        (scores.poisson_deviance(held.later, ours.floored), scores.poisson_deviance(held.later, theirs.floored)),
        tuple(against["gini"].values()),
        tuple(scores.bias(held.later, one.expected) for one in pair),  # type: ignore[arg-type]
        (scores.bias(held.spend, ours.value[BASIS]), scores.bias(held.spend, theirs.value["own"])),  # type: ignore[arg-type]
    )  # fmt: skip


def _models(held: Cases) -> Iterator[tuple[str, Forecast]]:
    setting = Setting(2, BASIS)
    spend = spend_fits(engine, held, setting)
    for name in by_simplicity():
        answer = model_forecast(engine, held, name, setting, spend)
        if isinstance(answer, tuple):
            yield name, answer[0]


def every(wanted: list[str]) -> Iterator[Case]:
    """All holdouts."""
    for name, log in logs(wanted):
        for origin, end in cuts(log):
            if (case := judged(name, log, Fold(origin, end))) is not None:
                yield case


def section(found: list[Case]) -> Iterator[str]:
    """What wins where, and every holdout."""
    yield "## Gradient boosting\n"
    yield (
        "`clv backtest --challenger` on the same holdouts: log score (nearer to 0 is better) of BG/NBD, of the model\n"
        "that was best in hindsight, and of boosting; Gini of value of BG/NBD, of boosting, and of the mean of their\n"
        "ranks. That mean is better than `clv` alone on the mean, but not on every log: `clv_rank` stays by `clv`.\n"
        "Made by `tests/bench/challenger.py`.\n"
    )
    (first, best, other), (ours, theirs, both) = (
        np.array([getattr(c, name) for c in found]).T for name in ("log_scores", "ginis")
    )
    yield (
        f"- log score: boosting better than BG/NBD in {(other < first).sum()} of {len(found)}, than the best model in "
        f"{(other < best).sum()}; mean {-other.mean():.4f} for {-first.mean():.4f} and {-best.mean():.4f}"
    )
    yield (
        f"- Gini of value: boosting better in {(theirs > ours).sum()}; mean {theirs.mean():.3f} for {ours.mean():.3f}; "
        f"the mean of both ranks {both.mean():.3f}, at least the better of the two in "
        f"{(both >= np.maximum(ours, theirs)).sum()}, worse than BG/NBD in {(both < ours).sum()} "
        f"(by {max(0.0, (ours - both).max()):.3f} at most)"
    )
    for word in ("purchases", "spend"):
        off = np.abs([getattr(c, word) for c in found])
        yield f"- error of the total of {word}, mean: BG/NBD {off[:, 0].mean():.1%}, boosting {off[:, 1].mean():.1%}"
    yield "\n| log | customers | BG/NBD | best | boosting | deviance | boosting | Gini | boosting | both |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for c in found:
        ls = " | ".join(f"{-value:.4f}" for value in c.log_scores)
        rest = " | ".join(f"{value:.3f}" for value in (*c.deviances, *c.ginis))
        yield f"| {c.log} | {c.customers:,} | {ls} | {rest} |"


if __name__ == "__main__":
    printed(__doc__, lambda wanted: section(list(every(wanted))))
