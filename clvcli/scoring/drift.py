"""Whether a saved model still fits the log: its likelihood per purchase against that of a refit on a sample.

Measured with a model and a log of the same parameters, 20 to 40 pairs a setting, three settings of BG/NBD and of
Gamma-Gamma: no pair of 300 to 8,000 customers passes both bounds below. On CDNOW and Online Retail a model loses at
most 0.0010 a purchase after a quarter, and 0.0033 after nine months, when it expects 94 % of the purchases. Rates that
double or halve for good cost 0.012 to 0.037, those of the last quarter of a log alone 0.002 to 0.006; amounts that rise
by a tenth 0.004. Few customers differ by more, by chance: hence the second bound.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import marked
from clvcli.engines.base import Collapses, Rows
from clvcli.models.base import Array, Fit, History, Spending
from clvcli.models.registry import purchase_model, spend_model
from clvcli.models.thinned import thinned, thinned_spending
from clvcli.models.ufuncs import chdtri
from clvcli.scoring.saved_model import SavedModel

MUCH = 0.002
"""Log-likelihood per purchase that a saved model may lose against the refit."""
CHANCE = 1e-4
"""Probability below which a difference is not put down to chance, if model and log share their parameters."""
OLDEST = 366
"""Days after which a saved model is old whatever it fits: a year brings other customers."""
HINT = marked("clv fit DATA -o MODEL makes a new one")


@dataclass(frozen=True)
class Loss:
    """Log-likelihood that saved parameters lose against a refit on the same `customers` with `purchases` in all."""

    lost: float
    purchases: float
    customers: float
    parameters: int

    @property
    def each(self) -> float:
        """Log-likelihood lost per purchase."""
        return self.lost / self.purchases

    def clear(self, fitted_on: int | None) -> bool:
        """Whether it is much, and more than chance gives. Twice a loss is chi-squared where the saved parameters are
        the truth; (1 + n / m) times that where they were estimated on m other customers.
        """
        spread = 1.0 if fitted_on is None else 1.0 + self.customers / fitted_on
        return self.each > MUCH and 2.0 * self.lost > spread * float(chdtri(self.parameters, CHANCE))


def drift_notices(
    saved: SavedModel, engine: Collapses, parts: Iterable[tuple[str, Rows]], as_of: date, basis: str, decimals: int
) -> list[Notice]:
    """The warning of every saved fit, pooled or of a group, that a refit on the customers that it stands for beats
    clearly. `parts`: see parts_of; customers as the engine has them."""
    found = []
    for name, part in parts:
        fits = saved.groups[name] if name else saved.pooled
        fitted_on = saved.customers.get(name)
        needs = purchase_model(fits.purchase.name).needs
        history = thinned(engine.history(part, as_of, needs))
        loss = purchase_loss(fits.purchase, history)
        if loss is not None and loss.clear(fitted_on):
            found.append(_notice(fits.purchase.name, name, _expected(fits.purchase, history), loss))
        spending = thinned_spending(engine.spending(part, basis, decimals))
        loss = spend_loss(fits.spend, spending)
        if loss is not None and loss.clear(fitted_on):
            words = marked("people spend otherwise a purchase than it says")
            found.append(_notice(fits.spend.name, name, words, loss))
    return found


def _expected(fit: Fit, history: History) -> str:
    """What the model says of the number of purchases, against the log."""
    ages, row = np.unique(history.T, return_inverse=True)
    each = purchase_model(fit.name).expected_from_birth(fit.params, ages)[row]
    ratio = float(history.weight @ each) / float(history.weight @ history.x)
    return marked("it expects {share:.0%} of the repeat purchases that were made", share=ratio)


def _notice(model: str, group: str, words: str, loss: Loss) -> Notice:
    what = marked("the saved {model}", model=model)
    if group:
        what = marked("the saved {model} of {group}", model=model, group=group)
    message = marked(
        "{what} no longer fits this log: {words}; it loses {loss} of log-likelihood a purchase against a refit, {much} "
        "is much; {hint}",
        what=what, words=words, loss=f"{loss.each:.4f}", much=MUCH, hint=HINT,
    )  # fmt: skip
    return Notice("model_drift", message)


def period_notices(saved: SavedModel, first: date | None, as_of: date) -> list[Notice]:
    """The warning of a model from another time than the log's, whose first purchase was on the day `first`."""
    if saved.as_of is None:
        return []
    if saved.as_of > as_of:
        words = marked(
            "is of {day:%Y-%m-%d}, later than the log's {as_of:%Y-%m-%d}: it has seen what comes",
            day=saved.as_of, as_of=as_of,
        )  # fmt: skip
    elif first is not None and saved.as_of < first:
        words = marked(
            "is of {day:%Y-%m-%d}, before the log's first day {first:%Y-%m-%d}: it has seen none of it",
            day=saved.as_of, first=first,
        )  # fmt: skip
    elif as_of - saved.as_of > timedelta(days=OLDEST):
        words = marked(
            "is of {day:%Y-%m-%d}, {days:d} days before the log's {as_of:%Y-%m-%d}",
            day=saved.as_of, days=(as_of - saved.as_of).days, as_of=as_of,
        )  # fmt: skip
    else:
        return []
    return [Notice("model_period", marked("the saved model {words}; {hint}", words=words, hint=HINT))]


def fitted_on(customers: pl.DataFrame, since: date | None, groups: Sequence[str]) -> dict[str, int]:
    """Buyers whom the fits saw, by group; those of the pooled one under ""."""
    seen = _acquired(customers, since).filter(pl.col("purchases") > 0)
    sizes = {"": seen.height}
    for name in groups:
        sizes[name] = seen.filter(pl.col("model_group") == name).height
    return sizes


def _acquired(customers: pl.DataFrame, since: date | None) -> pl.DataFrame:
    return customers if since is None else customers.filter(pl.col("first_day") >= since)


def parts_of(saved: SavedModel, engine: Collapses, customers: Rows) -> Iterator[tuple[str, Rows]]:
    """The customers that each fit stands for; groups only where the run names them."""
    seen = engine.first_seen(customers, saved.acquired_from)
    yield "", seen
    if "model_group" in engine.columns(seen):
        for name in saved.groups:
            yield name, engine.of_group(seen, name)


def purchase_loss(fit: Fit, history: History) -> Loss | None:
    """What a purchase fit loses on histories; None where it, or the refit, has nothing to say."""
    if not fit.usable:
        return None
    model = purchase_model(fit.name)
    there = float(history.weight @ model.log_likelihood(fit.params, history)) if history.x.size else 0.0
    return _loss(fit.params, model.fit(history), there, float(history.weight @ (history.x + 1)), history.weight)


def spend_loss(fit: Fit, spending: Spending) -> Loss | None:
    """The same of a spend fit."""
    if not fit.usable or fit.status != "converged":
        return None  # a limit model has no likelihood to hold against
    model = spend_model(fit.name)
    seen = spending.mean > 0
    spending = spending.take(seen)
    refit = model.fit(spending)
    if refit.status != "converged":
        return None
    logs = None if spending.by_means else spending.log_mean
    there, best = (
        float(spending.weight @ model.log_likelihood(one.params, spending.n, spending.mean, logs))
        for one in (fit, refit)
    )
    return _loss(
        fit.params, replace(refit, log_likelihood=best), there, float(spending.weight @ spending.n), spending.weight
    )


def _loss(params: Mapping[str, float], refit: Fit, there: float, purchases: float, weight: Array) -> Loss | None:
    if not refit.usable or refit.log_likelihood is None:
        return None
    return Loss(refit.log_likelihood - there, purchases, float(weight.sum()), len(params))
