"""Which purchase model: the one that forecast best out of time, both how often customers buy and whether they buy.

The log score over rolling origins decides, never the fit to the past. Every rival is tested against BG/NBD, not only
the one with the largest gain: it has to be ahead in the log score of the counts by more than .0005 a customer and a
quarter of its standard error (two, where fewer than three holdouts show little), and ahead in the log score of buying
at all. Of those the one with the largest gain is taken. On 46 holdouts of 23 logs (.github/FORECASTS.md) no choice was
worse than BG/NBD by more than .001 a customer; the best single model in hindsight was .0015 better on the mean.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

import numpy as np
import polars as pl

from clvcli.core.horizon import parse_span
from clvcli.core.options import ModelOptions
from clvcli.engines.base import Engine
from clvcli.log.purchases import Purchases
from clvcli.models.base import Array
from clvcli.models.registry import names, purchase_model
from clvcli.models.scores import log_events
from clvcli.scoring.histories import count_log_probabilities, histories
from clvcli.scoring.rolling_origins import Cases, cases, plan_folds, sampled

AnyModel = TypeVar("AnyModel", bound=ModelOptions)
DEFAULT, AUTO = "bg-nbd", "auto"
ENOUGH_FOLDS = 3
FEW = 30
"""Fewer customers cannot choose a model."""
TRIFLE = 0.0005
"""A gain in log score a customer up to this is a tie: then the default stays."""
SAME = 0.00005
"""A gain below this is shown as 0."""
CUSTOMERS = 20_000
"""A choice looks at so many customers at the most: the standard error is small enough, and it takes seconds."""


@dataclass(frozen=True)
class Held:
    """What a model gave to that which came, of one holdout: log-probabilities of the count of each customer and of
    whether there was any purchase, both of shape (customers,), in the order of `ids`."""

    ids: pl.Series
    counts: Array
    buying: Array


@dataclass(frozen=True)
class Rival:
    """A model against BG/NBD: mean gain in log score per customer (positive: better) and its standard error; `buying`:
    the gain in the log score of buying at all, None where nobody asked."""

    name: str
    gain: float
    error: float
    buying: float | None = None

    def wins(self, errors: float) -> bool:
        """Whether it is ahead by so many standard errors, by more than a trifle, and at who buys too."""
        return self.gain > max(TRIFLE, errors * self.error) and (self.buying is None or self.buying > 0)


@dataclass(frozen=True)
class Choice:
    """The model chosen, its rivals best first, and how it was judged. `folds` 0: nothing could be held out."""

    name: str
    rivals: tuple[Rival, ...]
    folds: int
    days: int
    customers: int = FEW
    """Known at the latest origin."""

    @property
    def errors_needed(self) -> float:
        """Standard errors by which a rival has to be ahead."""
        return 0.25 if self.folds >= ENOUGH_FOLDS else 2.0

    def text(self) -> str:
        """One line: what was chosen and by which margin."""
        if self.folds == 0:
            return f"{self.name}: the log is too short to hold anything out, so the default stays"
        if self.customers < FEW:
            return f"{self.name}: {self.customers} customers are too few to choose by, so the default stays"
        how = f"log score over {self.folds} holdout{'s' if self.folds > 1 else ''} of {self.days} days"
        if not self.rivals:
            return f"{self.name}: no other model stood against it ({how})"
        if self.name != DEFAULT:
            best = next(rival for rival in self.rivals if rival.name == self.name)
            return f"{self.name} beats {DEFAULT} by {best.gain:.4f} a customer, standard error {best.error:.4f} ({how})"
        near = self.rivals[0]
        if abs(near.gain) < SAME:
            return f"{DEFAULT} stays: no model is better, {near.name} forecasts the same ({how})"
        if near.gain <= 0:
            return (
                f"{DEFAULT} stays: no model is better, {near.name} is nearest with {near.gain:.4f} a customer ({how})"
            )
        but = "too little to tell" if near.buying is None or near.buying > 0 else "but not at who buys at all"
        ahead = f"{near.name} is ahead by {near.gain:.4f} a customer, {but}"
        return f"{DEFAULT} stays: {ahead} (standard error {near.error:.4f}; {how})"

    def as_json(self) -> dict[str, Any]:
        """Plain values for manifests."""
        return {
            "name": self.name,
            "against": DEFAULT,
            "folds": self.folds,
            "holdout_days": self.days,
            "rivals": [{"name": r.name, "gain": r.gain, "std_error": r.error, "buying": r.buying} for r in self.rivals],
            "text": self.text(),
        }


def settle(options: AnyModel, engine: Engine, purchases: Purchases, as_of: date) -> tuple[AnyModel, Choice | None]:
    """The options with the model that `--model auto` stands for, and why; as they are when a model was named."""
    if options.model != AUTO:
        return options, None
    since = date.fromisoformat(options.acquired_from) if options.acquired_from else None
    horizon = parse_span(options.horizon).days(as_of)
    choice = choose(engine, purchases.frame, as_of, horizon_days=horizon, since=since)
    return replace(options, model=choice.name), choice


def choose(engine: Engine, purchases: pl.DataFrame, as_of: date, *, horizon_days: float, since: date | None) -> Choice:
    """Runs every model over the folds of the log (of at most 20,000 customers, every k-th by id) and decides.

    `purchases`: customer_id, day, amount, sorted; `since`: fit on customers first seen from then on.
    """
    if purchases.is_empty():
        return Choice(DEFAULT, (), 0, 0)
    few = sampled(purchases, CUSTOMERS)
    first: date = few["day"].min()  # type: ignore[assignment]
    folds = plan_folds(first, as_of, horizon=horizon_days)
    models = by_simplicity()
    needs = tuple(dict.fromkeys(need for name in models for need in purchase_model(name).needs))
    seen: dict[str, list[Held]] = {name: [] for name in models}
    for fold in folds:
        known = cases(engine, few, fold, decimals=0, needs=needs)
        for name in models:
            answer = _held(engine, known, name, since)
            if answer is not None:
                seen[name].append(answer)
    return decide(seen, folds[0].days if folds else 0)


def by_simplicity() -> list[str]:
    """All purchase models: the default, then those with few parameters before those with many."""
    return sorted(names(), key=lambda name: (name != DEFAULT, len(purchase_model(name).parameters), name))


def _held(engine: Engine, known: Cases, name: str, since: date | None) -> Held | None:
    """What the model gave to that which each customer did, or None where it cannot be fitted."""
    model, customers = purchase_model(name), known.customers
    fitting = customers if since is None else customers.filter(pl.col("first_day") >= since)
    fit = model.fit(engine.history(fitting, known.fold.origin, model.needs))
    if not fit.usable:
        return None
    past, t = histories(customers, known.fold.origin), known.fold.days / 7
    counts = count_log_probabilities(model, fit.params, past, t, known.later)
    rows, of = past.distinct()
    few = past.take(rows)
    seen = (fit.params, few.x, few.t_x, few.T)
    some = (model.p_alive(*seen) * (1 - model.p_no_purchase(*seen, t)))[of]
    return Held(customers["customer_id"], counts, log_events(known.bought, some))


def decide(seen: Mapping[str, Sequence[Held]], days: int) -> Choice:
    """The choice from what every model gave in every fold. Rivals are there in every fold."""
    ours = seen.get(DEFAULT, ())
    count = max((len(folds) for folds in seen.values()), default=0)
    if count == 0 or len(ours) < count:
        return Choice(DEFAULT, (), len(ours), days)
    rivals = [_rival(name, ours, theirs) for name, theirs in seen.items() if name != DEFAULT and len(theirs) == count]
    ranked = tuple(sorted(rivals, key=lambda r: -round(r.gain, 6)))  # of equals the simpler, see by_simplicity
    choice = Choice(DEFAULT, ranked, count, days, max(one.ids.len() for one in ours))
    if choice.customers < FEW:
        return choice
    best = next((rival for rival in ranked if rival.wins(choice.errors_needed)), None)
    return replace(choice, name=best.name) if best else choice


def _rival(name: str, ours: Sequence[Held], theirs: Sequence[Held]) -> Rival:
    found = compared(name, [(o.ids, o.counts) for o in ours], [(o.ids, o.counts) for o in theirs], by_fold=False)
    buying = math.fsum(float((b.buying - a.buying).sum()) for a, b in zip(ours, theirs, strict=True))
    return replace(found, buying=buying / sum(o.ids.len() for o in ours))


def compared(
    name: str, ours: Sequence[tuple[pl.Series, Array]], theirs: Sequence[tuple[pl.Series, Array]], *,
    by_fold: bool = True,
) -> Rival:  # fmt: skip
    """Mean difference per customer and fold. Its standard error knows that a customer comes back in every fold and,
    from three folds on, that folds differ (`by_fold`): the larger of the two."""
    parts = [pl.DataFrame({"id": ids, "gain": b - a}) for (ids, a), (_, b) in zip(ours, theirs, strict=True)]
    gain = pl.concat(parts)["gain"].to_numpy()
    mean = math.fsum(gain) / gain.size
    sums = pl.concat(parts).group_by("id").agg((pl.col("gain") - mean).sum()).sort("id")["gain"].to_numpy()
    by_customer = float(np.sqrt(math.fsum(sums**2))) / gain.size
    between = 0.0
    if by_fold and len(parts) >= ENOUGH_FOLDS:
        means = [float(part["gain"].to_numpy().mean()) for part in parts]
        between = float(np.std(means, ddof=1)) / math.sqrt(len(parts))
    return Rival(name, mean, max(by_customer, between))
