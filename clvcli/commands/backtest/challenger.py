"""A challenger that knows nothing of how people buy: gradient boosting on recency, frequency and value.

scikit-learn's histogram gradient boosting (G. Ke et al., LightGBM, 2017) learns from windows before the origin what
customers of such figures went on to do, so that a model has to beat more than rules of thumb. Counts: a chance to buy,
and of those who do a negative binomial above zero whose dispersion is fitted to predictions for customers that were
not learnt from. One thread and a fixed seed: the same log gives the same figures.
"""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from clvcli.commands.backtest.forecasts import Forecast
from clvcli.commands.backtest.heuristics import window_before
from clvcli.core.errors import UsageError
from clvcli.core.marked import marked
from clvcli.engines.base import Engine
from clvcli.models import scores
from clvcli.models.base import Array
from clvcli.scoring.rolling_origins import Cases, Fold, cases

NAME, KIND = "boosting", "challenger"
WINDOWS = 4
FEWEST, FEWEST_BUYERS = 200, 30
"""Customers, and buyers among them, to learn from."""
LEAST = 1e-6
SETTINGS = {"learning_rate": 0.08, "max_leaf_nodes": 4, "min_samples_leaf": 50, "l2_regularization": 1.0,
            "max_iter": 60, "early_stopping": False, "random_state": 0}  # fmt: skip
"""Small trees and few of them: with 15 leaves and 150 rounds it was worse on nine of ten public and simulated logs."""


def check_library() -> None:
    """Raises UsageError where scikit-learn is not installed."""
    if importlib.util.find_spec("sklearn") is None:
        raise UsageError("--challenger needs scikit-learn", hint="pip install 'clvcli[ml]'")


@dataclass(frozen=True)
class _Window:
    """Customers on a day by their figures, shape (customers, figures), and what they did in the days after it. `half`:
    on which side of a test a customer is, the same in every window."""

    figures: Array
    later: Array
    spend: Array
    half: npt.NDArray[np.bool_]

    def of(self, side: bool) -> "_Window":
        """The customers of one side."""
        some = self.half == side
        return _Window(self.figures[some], self.later[some], self.spend[some], self.half[some])


def challenger(engine: Engine, purchases: pl.DataFrame, at: Cases, decimals: int) -> list[Forecast]:
    """The forecast for the cases of one origin; none where the log before it is too short to learn from. `purchases`:
    the whole log; nothing after the origin is looked at."""
    known = purchases.filter(pl.col("day") <= at.fold.origin)
    days = window_before(known, at.fold)
    if days < 1:
        return []
    past = _windows(engine, known, at.fold.origin, days, decimals)
    parts = zip(*((w.figures, w.later, w.spend, w.half) for w in past), strict=True)
    learnt = _Window(*(np.concatenate(part) for part in parts))
    if learnt.later.size < FEWEST or np.count_nonzero(learnt.later) < FEWEST_BUYERS:
        return []
    import sklearn.ensemble  # noqa: F401  its libraries must be loaded before their threads can be limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return [_forecast(learnt, _figures(known, at, days), at, at.fold.days / days)]


def _windows(engine: Engine, known: pl.DataFrame, origin: date, days: int, decimals: int) -> list[_Window]:
    """The latest windows before the origin with as much time before them as they last."""
    first: date = known["day"].min()  # type: ignore[assignment]
    people, found = known.select("customer_id").unique().sort("customer_id").with_row_index("place"), []
    for k in range(1, WINDOWS + 1):
        fold = Fold(origin - timedelta(days=days * k), origin - timedelta(days=days * (k - 1)))
        if (fold.origin - first).days >= days:
            held = cases(engine, known, fold, decimals=decimals)
            places = held.customers.select("customer_id").join(people, on="customer_id", maintain_order="left")["place"]
            half = (places % 2 == 0).to_numpy()
            found.append(_Window(_figures(known, held, days), held.later, held.spend, half))
    return found


def _figures(purchases: pl.DataFrame, at: Cases, days: int) -> Array:
    """What is known of each customer on the day of the origin: repeat purchases, days since the first and the last,
    mean and standard deviation of the gaps, total and mean spend, purchases and spend in the window before it."""
    origin = at.fold.origin
    before = purchases.lazy().filter(pl.col("day") <= origin).sort("customer_id", "day")
    gap = pl.col("day").diff().dt.total_days().over("customer_id")
    recent = pl.col("day") > origin - timedelta(days=days)
    more = before.with_columns(gap=gap).group_by("customer_id").agg(
        gap_mean=pl.col("gap").mean(), gap_sd=pl.col("gap").std(), last=pl.col("amount").last(),
        count=recent.sum(), recent=pl.col("amount").filter(recent).sum(),
    ).collect()  # fmt: skip
    whole = at.customers.select("customer_id", "purchases", "total", "first_day", "last_day").join(
        more, on="customer_id", how="left", maintain_order="left"
    )
    table = whole.select(
        "purchases", "total", "gap_mean", "gap_sd", "last", "count", "recent",
        age=(pl.lit(origin) - pl.col("first_day")).dt.total_days(),
        silent=(pl.lit(origin) - pl.col("last_day")).dt.total_days(),
        mean=pl.col("total") / pl.col("purchases"),
    )  # fmt: skip
    return table.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _forecast(learnt: _Window, figures: Array, at: Cases, stretch: float) -> Forecast:
    bought = learnt.later > 0
    unseen = np.empty(learnt.later.shape)
    for side in (True, False):
        part, rows = learnt.of(side), learnt.half != side
        unseen[rows] = _grown(part.figures, part.later, learnt.figures[rows])
    size = _dispersion(learnt.later[bought], unseen[bought])
    p = 1 - (1 - np.clip(_chance(learnt.figures, bought, figures), LEAST, 1 - LEAST)) ** stretch
    expected = np.maximum(_grown(learnt.figures, learnt.later, figures) * stretch, LEAST)
    value = _grown(learnt.figures, learnt.spend, figures) * stretch
    return Forecast(
        NAME, KIND, expected, expected, p, _log_probability(at.later, p, expected, size), {"own": value}
    )  # fmt: skip


def _grown(figures: Array, target: Array, of: Array) -> Array:
    """The mean of the target, by Poisson loss, of customers with the figures `of`."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    if not target.any():
        return np.zeros(len(of))
    trees: Any = HistGradientBoostingRegressor(loss="poisson", **SETTINGS).fit(figures, target)
    return np.asarray(trees.predict(of), dtype=np.float64)


def _chance(figures: Array, bought: npt.NDArray[np.bool_], of: Array) -> Array:
    """P(at least one purchase) of customers with the figures `of`."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if bought.all():
        return np.ones(len(of))
    trees: Any = HistGradientBoostingClassifier(**SETTINGS).fit(figures, bought)
    return np.asarray(trees.predict_proba(of)[:, 1], dtype=np.float64)


def _log_probability(later: Array, p: Array, expected: Array, size: float) -> Array:
    """ln of the probability of the count that came: bought or not by p, how often by the negative binomial."""
    several = _above_zero(np.maximum(later, 1.0), expected, size)
    return np.asarray(np.where(later > 0, np.log(p) + several, np.log1p(-p)), dtype=np.float64)


def _above_zero(later: Array, expected: Array, size: float) -> Array:
    """ln P(count | count > 0) of a negative binomial of this mean and size."""
    share = np.log1p(expected / size)
    zero = -size * share
    choices = gammaln(later + size) - gammaln(size) - gammaln(later + 1)
    log_p = choices + zero + later * (np.log(expected / size) - share)
    return np.asarray(log_p - np.log(-np.expm1(zero)), dtype=np.float64)


def _dispersion(later: Array, expected: Array) -> float:
    """The size of the negative binomial that makes these counts above zero likeliest, between .05 and 1,000."""
    mean = np.maximum(expected, LEAST)
    found = minimize_scalar(
        lambda s: -float(_above_zero(later, mean, float(np.exp(s))).sum()),
        bounds=(np.log(0.05), np.log(1000.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def held_against(pairs: Sequence[tuple[Cases, Forecast, Forecast]], basis: str) -> dict[str, Any]:
    """The challenger against a model over the origins: means of the log score (nearer to 0 is better) of both, and of
    the Gini of value of the model, of the challenger, and of the mean of their ranks. `pairs`: cases, model, challenger
    of each origin."""
    ginis: list[list[float | None]] = []
    for held, model, other in pairs:
        ours, theirs = model.value[basis], other.value["own"]
        both = scores.mid_ranks(ours) + scores.mid_ranks(theirs)
        ginis.append([scores.gini(held.spend, rank_by) for rank_by in (ours, theirs, both)])
    known = [one for one in ginis if None not in one]
    mean = np.mean(np.array(known, dtype=np.float64), axis=0).tolist() if known else [None] * 3
    return {
        "model": pairs[0][1].name,
        "log_score": {
            "model": float(np.mean([scores.log_score(model.log_p) for _, model, _ in pairs])),
            "challenger": float(np.mean([scores.log_score(other.log_p) for *_, other in pairs])),
        },
        "gini": dict(zip(("model", "challenger", "both"), mean, strict=True)),
    }


def told(found: Mapping[str, Any]) -> str:
    """What held_against found, as a sentence."""
    model, (ours, theirs), (rank, other, together) = found["model"], found["log_score"].values(), found["gini"].values()
    better, worse = marked("counts better than {model}", model=model), marked("counts worse than {model}", model=model)
    values = {"counts": better if theirs < ours else worse, "theirs": theirs, "model": model, "ours": ours}
    if rank is None:
        return marked("Gradient boosting {counts} (log score {theirs:.3f}; {model} {ours:.3f}).", **values)
    ranks = marked("ranks later spend better") if other > rank else marked("ranks later spend worse")
    return marked(
        "Gradient boosting {counts} (log score {theirs:.3f}; {model} {ours:.3f}), {ranks} (Gini {other:.3f}; {model} "
        "{rank:.3f}); the mean of both ranks {together:.3f}.",
        **values, ranks=ranks, other=other, rank=rank, together=together,
    )  # fmt: skip
