"""What single amounts add to the means of customers, on every log at hand (forecast_logs.py), each held out twice.

    python tests/bench/spend.py [LOG ...]

Both fits of Gamma-Gamma at the origin, held against what the same customers spent after it.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from forecast_logs import AMOUNTS, Array, cuts, logs
from scipy.stats import spearmanr

from clvcli.core import spend_basis
from clvcli.engines import local as engine
from clvcli.models.base import AT_BOUND
from clvcli.models.registry import purchase_model, spend_model
from clvcli.scoring.chance import expected_of
from clvcli.scoring.choose import DEFAULT
from clvcli.scoring.describe import predict
from clvcli.scoring.rolling_origins import Cases, Fold, cases
from clvcli.scoring.terms import Fits, Scorer

NOTES = """Gamma-Gamma fitted on each customer's mean (`--spend-basis all`) and on every amount (`amounts`), both on
all purchases. Pairs are means / amounts. p: its estimate; the true one is 6 where the name of a simulated log does
not say otherwise. Of those who bought in the holdout: mean error of `expected_purchase_value` against their mean
amount, rank correlation of both, error of the total given the number of purchases. Of everybody: mean error of
expected spend, how far amounts move it (standard error), and the share whose spend lay from clv_low to clv_high."""
HEADS = (
    "log", "customers", "p", "error of amount", "moved", "rank correlation", "total", "error of spend", "moved",
    "of each",
)  # fmt: skip
BASES = (spend_basis.ALL, spend_basis.AMOUNTS)


@dataclass(frozen=True)
class Case:
    """One holdout; a pair is of means and of single amounts. `value`: mean error of the expected amount of those who
    bought; `money`: of each customer's spend; `moved`: relative change of that, and its standard error;
    `each`: share of customers whose spend lay within their interval; `left_open`: whether means leave a
    parameter open."""

    log: str
    customers: int
    p: tuple[float, float]
    value: tuple[float, float]
    spearman: tuple[float, float]
    bias: tuple[float, float]
    money: tuple[float, float]
    moved: tuple[float, float]
    each: tuple[float, float]
    left_open: bool


def judged(name: str, log: pl.DataFrame, origin: date, end: date) -> Case:
    """Everything of one holdout."""
    held = cases(engine, log, Fold(origin, end), decimals=2)
    customers, model = held.customers, spend_model("gamma-gamma")
    purchases = purchase_model(DEFAULT)
    fit = purchases.fit(engine.history(customers, origin, purchases.needs))
    expected = expected_of(customers, fit, origin, held.fold.days / 7)
    n = customers["paid_days"].cast(pl.Float64).to_numpy()
    mean = customers["total"].cast(pl.Float64).to_numpy() / 100 / np.maximum(n, 1)
    spending = engine.spending(customers, spend_basis.AMOUNTS, 2)
    fits = [model.fit(seen) for seen in (replace(spending, log_mean=None), spending)]
    values = [model.expected_value(one.params, n, mean) for one in fits]
    paid = (held.later > 0) & (held.spend > 0)
    amount = held.spend[paid] / held.later[paid]
    errors = [np.abs(expected * value - held.spend) for value in values]
    return Case(
        log=name,
        customers=customers.height,
        p=_pair(one.params["p"] for one in fits),
        value=_pair(float(np.abs(value[paid] - amount).mean()) for value in values),
        spearman=_pair(float(spearmanr(value[paid], amount).statistic) for value in values),
        bias=_pair(float(value[paid] @ held.later[paid]) / float(held.spend[paid].sum()) - 1 for value in values),
        money=_pair(float(error.mean()) for error in errors),
        each=_pair(_covered(held, Fits(fit, one), basis) for basis, one in zip(BASES, fits, strict=True)),
        left_open=fits[0].status == AT_BOUND and "spend_mean_held" not in dict(fits[0].notices),
        moved=_moved(errors[1] - errors[0], float(errors[0].mean())),
    )


def _covered(held: Cases, fits: Fits, basis: str) -> float:
    scorer = Scorer(
        as_of=held.fold.origin, horizon_days=float(held.fold.days), time_unit="week", decimals=2, margin=1.0,
        discount_rate=0.0, alert=0.5, basis=basis, pooled=fits,
    )  # fmt: skip
    table = predict(held.customers, scorer)
    low, high = (table[name].fill_null(0.0).to_numpy() for name in ("clv_low", "clv_high"))
    return float(((held.spend >= low - 0.005) & (held.spend <= high + 0.005)).mean())


def _pair(values: Iterator[float]) -> tuple[float, float]:
    first, second = values
    return first, second


def _moved(change: Array, before: float) -> tuple[float, float]:
    return float(change.mean()) / before, float(change.std()) / change.size**0.5 / before


def section(found: Sequence[Case]) -> Iterator[str]:
    """The part of FORECASTS.md: heading, notes, table."""
    value = np.array([one.value[1] / one.value[0] - 1 for one in found])
    moved, error = np.array([one.moved for one in found]).T
    rank = np.array([one.spearman[1] - one.spearman[0] for one in found])
    off = np.abs([one.bias for one in found])
    each = np.array([one.each for one in found])
    less = each[:, 1] - each[:, 0]
    yield "## Single amounts or means"
    yield ""
    yield NOTES
    yield ""
    yield (
        f"- mean error of spend: {moved.mean():+.2%} on the mean, {moved.min():+.1%} to {moved.max():+.1%}; better by "
        f"more than two standard errors in {(moved < -2 * error).sum()} of {len(found)} holdouts, worse in "
        f"{(moved > 2 * error).sum()}; worse by more than half a percent in {(moved > 0.005).sum()}"
    )
    yield (
        f"- mean error of the expected amount: {value.mean():+.1%} on the mean; rank correlation {rank.mean():+.4f}, "
        f"{rank.min():+.3f} at worst, {rank.max():+.3f} at best; total off by {off[:, 0].mean():.1%} / "
        f"{off[:, 1].mean():.1%}"
    )
    yield (
        f"- 90 % interval of a customer: held {each[:, 0].mean():.0%} / {each[:, 1].mean():.0%} on the mean, "
        f"{each[:, 0].min():.0%} / {each[:, 1].min():.0%} at worst; two points less by "
        f"amounts in {(less < -0.02).sum()} of {len(found)} holdouts, two more in {(less > 0.02).sum()}"
    )
    opened = [one for one in found if one.left_open]
    told = "; ".join(f"{one.log} {one.moved[0]:+.1%} ({one.moved[1]:.1%})" for one in opened)
    yield (
        f"- means leave a parameter open in {len(opened)} holdouts; `--spend-basis all` goes by single amounts "
        f"there where these tell it: error of spend moved {told}"
    )
    yield ""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{'---|' * len(HEADS)}"
    for one in found:
        cells = (
            one.log, f"{one.customers:,}", _two(one.p, ".3g"), _two(one.value, ".2f"),
            f"{one.value[1] / one.value[0] - 1:+.1%}", _two(one.spearman, ".3f"), _two(one.bias, "+.1%"),
            _two(one.money, ".2f"), f"{one.moved[0]:+.2%} ({one.moved[1]:.2%})",
            _two(one.each, ".0%"),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _two(pair: tuple[float, float], form: str) -> str:
    return f"{pair[0]:{form}} / {pair[1]:{form}}"


def every(wanted: Sequence[str] = ()) -> list[Case]:
    """All holdouts of the logs named, or of all."""
    return [judged(name, log, *cut) for name, log in logs(wanted, AMOUNTS) for cut in cuts(log)]


if __name__ == "__main__":
    print("\n".join(section(every(sys.argv[1:]))))
