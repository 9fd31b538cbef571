"""Whether `--seasonality auto` helps: every log at hand and longer seasonal ones, each held out twice, prints a table.

    python tests/bench/season.py [LOG ...]

Of each holdout of a quarter of the log (if shorter than a year) and of 91 days: what the rehearsals up to its origin
decide, and the error of the total of purchases with what they teach, without the months and with them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from forecast_logs import cuts, logs, printed, simulated

from clvcli.core.spend_basis import DEFAULT as BASIS
from clvcli.engines import local as engine
from clvcli.scoring.calibration import fit_models
from clvcli.scoring.chance import expected_of
from clvcli.scoring.choose import DEFAULT
from clvcli.scoring.lesson import USUAL_PURCHASES, learn
from clvcli.scoring.portfolio import FEWEST, OriginError, origin_errors
from clvcli.scoring.rolling_origins import Fold, cases
from clvcli.scoring.season import NEARLY_A_YEAR, DayCounts, helps, season_of
from clvcli.scoring.terms import Scorer

LONGER = {
    "sim: four years, no season": lambda: simulated(46, days=1500),
    "sim: four years, weak season": lambda: simulated(26, season=0.3, days=1200),
    "sim: four years, season": lambda: simulated(36, season=0.4, days=1500),
    "sim: four years, strong season": lambda: simulated(16, season=0.6, days=1400),
    "sim: four years, growing": lambda: simulated(56, days=1400, growth=0.5),
}


@dataclass(frozen=True)
class Case:
    """A holdout of so many days: whether the months are used, and the log error of the total without and with them."""

    log: str
    days: int
    used: bool
    without: float
    with_months: float


def judged(name: str, log: pl.DataFrame, origin: date, days: int) -> Case | None:
    """One holdout; None where no model can be fitted."""
    past = log.filter(pl.col("day") <= origin)
    held = cases(engine, log, Fold(origin, origin + timedelta(days=days)), decimals=2)
    fits = fit_models(engine, held.customers, as_of=origin, model=DEFAULT, basis=BASIS, decimals=2)
    if not fits.purchase.usable:
        return None
    scorer = Scorer(
        as_of=origin, horizon_days=float(days), time_unit="week", decimals=2, margin=1.0, discount_rate=0.0, alert=0.5,
        basis=BASIS, pooled=fits,
    )  # fmt: skip
    errors = origin_errors(engine, past, scorer, DEFAULT, None)
    season = season_of(DayCounts.of(past, held.customers), origin, fits.purchase)
    expected = float(expected_of(held.customers, fits.purchase, origin, days / 7).sum())
    error = math.log(float(held.later.sum()) / expected)
    used = season is not None and helps([(e.purchases, math.log(e.season)) for e in errors if e.season is not None])
    factor = math.log(season.sure_factor(origin, days)) if season is not None else 0.0
    return Case(
        name, days, used, error - lesson(errors), error - factor - lesson([e.seasoned() for e in errors])
    )  # fmt: skip


def lesson(errors: list[OriginError]) -> float:
    """What the rehearsals teach of the total, as a log."""
    if len(errors) < FEWEST:
        return 0.0
    folds = [e.fold for e in errors]
    stretch = (max(f.end for f in folds) - min(f.origin for f in folds)).days / folds[0].days
    found = learn([e.purchases for e in errors], [0.0] * len(errors), independent=min(len(folds), stretch),
                  usual=USUAL_PURCHASES)  # fmt: skip
    return math.log(found.factor)


def every(wanted: list[str]) -> Iterator[Case]:
    """All holdouts shorter than a year."""
    for name, log in logs(wanted, LONGER):
        for origin, end in cuts(log):
            for days in sorted(
                {d for d in ((end - origin).days, 91) if d <= (end - origin).days and d < NEARLY_A_YEAR}
            ):
                if (case := judged(name, log, origin, days)) is not None:
                    yield case


def section(found: list[Case]) -> Iterator[str]:
    """The holdouts in which the months are used, and the mean errors."""
    yield "## Months of the year\n"
    yield (
        "`--seasonality auto` scales a horizon below a year by the index of its months (half of it with less than two\n"
        "full years of log) where that would have left at most 0.7 of the variance of the errors of three rehearsals\n"
        "or more. These logs and five simulated ones of four years, each held out twice for a quarter of its log and\n"
        "for 91 days; errors of the total of purchases, with what rehearsals teach. Made by `tests/bench/season.py`.\n"
    )
    for told, some in (("used", True), ("not used", False)):
        errors = np.abs([(c.without, c.with_months) for c in found if c.used == some]).reshape(-1, 2)
        if errors.size:
            mean, middle = errors.mean(axis=0), np.median(errors, axis=0)
            yield (
                f"- {told} in {errors.shape[0]} of {len(found)}: mean error {mean[0]:.1%} without the months, "
                f"{mean[1]:.1%} with them; median {middle[0]:.1%} and {middle[1]:.1%}"
            )
    yield "\n| log | days | without the months | with them |\n|---|---|---|---|"
    for case in found:
        if case.used:
            yield f"| {case.log} | {case.days} | {case.without:+.1%} | {case.with_months:+.1%} |"


if __name__ == "__main__":
    printed(__doc__, lambda wanted: section(list(every(wanted))))
