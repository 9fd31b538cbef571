"""Which purchase model: the one that gave the counts to come the highest probability, out of time.

The out-of-time log score over rolling origins decides, never the fit to the past. BG/NBD stays unless another model is
better by more than one standard error of the difference; by two where fewer than three holdouts cannot show how much
holdouts differ.
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
from clvcli.models.scores import log_probabilities
from clvcli.scoring.histories import histories
from clvcli.scoring.rolling_origins import Cases, cases, plan_folds, sampled

AnyModel = TypeVar("AnyModel", bound=ModelOptions)
DEFAULT, AUTO = "bg-nbd", "auto"
ENOUGH_FOLDS = 3
FEW = 30
"""Fewer customers cannot choose a model."""
CUSTOMERS = 20_000
"""A choice looks at so many customers at the most: the standard error is small enough, and it takes seconds."""


@dataclass(frozen=True)
class Rival:
    """A model against BG/NBD: mean gain in log score per customer (positive: better) and its standard error."""

    name: str
    gain: float
    error: float


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
    def errors_needed(self) -> int:
        """How many standard errors a rival has to be ahead."""
        return 1 if self.folds >= ENOUGH_FOLDS else 2

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
            best = self.rivals[0]
            return f"{self.name} beats {DEFAULT} by {best.gain:.4f} a customer, standard error {best.error:.4f} ({how})"
        near = self.rivals[0]
        if near.gain <= 0:
            return (
                f"{DEFAULT} stays: no model is better, {near.name} is nearest with {near.gain:.4f} a customer ({how})"
            )
        within = ("one standard error", "two standard errors")[self.errors_needed - 1]
        ahead = f"{near.name} is ahead by {near.gain:.4f} a customer, within {within}"
        return f"{DEFAULT} stays: {ahead} (one is {near.error:.4f}; {how})"

    def as_json(self) -> dict[str, Any]:
        """Plain values for manifests."""
        return {
            "name": self.name,
            "against": DEFAULT,
            "folds": self.folds,
            "holdout_days": self.days,
            "rivals": [{"name": r.name, "gain": r.gain, "std_error": r.error} for r in self.rivals],
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
    seen: dict[str, list[tuple[pl.Series, Array]]] = {name: [] for name in models}
    for fold in folds:
        held = cases(engine, few, fold, decimals=0, needs=needs)
        for name in models:
            log_p = _log_p(engine, held, name, since)
            if log_p is not None:
                seen[name].append((held.customers["customer_id"], log_p))
    return decide(seen, folds[0].days if folds else 0)


def by_simplicity() -> list[str]:
    """All purchase models: the default, then those with few parameters before those with many."""
    return sorted(names(), key=lambda name: (name != DEFAULT, len(purchase_model(name).parameters), name))


def _log_p(engine: Engine, held: Cases, name: str, since: date | None) -> Array | None:
    """Log-probability of what each customer did, or None where the model cannot be fitted."""
    model, customers = purchase_model(name), held.customers
    fitting = customers if since is None else customers.filter(pl.col("first_day") >= since)
    fit = model.fit(engine.history(fitting, held.fold.origin, model.needs))
    if not fit.usable:
        return None
    past = histories(customers, held.fold.origin)
    return log_probabilities(model, fit.params, past.x, past.t_x, past.T, held.fold.days / 7, held.later)


def decide(seen: Mapping[str, Sequence[tuple[pl.Series, Array]]], days: int) -> Choice:
    """The choice from (customer ids, log-probabilities) of every fold, by model. Rivals are there in every fold."""
    ours = seen.get(DEFAULT, ())
    count = max((len(folds) for folds in seen.values()), default=0)
    if count == 0 or len(ours) < count:
        return Choice(DEFAULT, (), len(ours), days)
    rivals = [compared(name, ours, theirs) for name, theirs in seen.items() if name != DEFAULT and len(theirs) == count]
    ranked = tuple(sorted(rivals, key=lambda r: -round(r.gain, 6)))  # of equals the simpler, see by_simplicity
    choice = Choice(DEFAULT, ranked, count, days, max(len(ids) for ids, _ in ours))
    best = ranked[0] if ranked and choice.customers >= FEW else None
    return replace(choice, name=best.name) if best and best.gain > choice.errors_needed * best.error else choice


def compared(name: str, ours: Sequence[tuple[pl.Series, Array]], theirs: Sequence[tuple[pl.Series, Array]]) -> Rival:
    """Mean difference per customer and fold. Its standard error knows that a customer comes back in every fold and,
    from three folds on, that folds differ: the larger of the two."""
    parts = [pl.DataFrame({"id": ids, "gain": b - a}) for (ids, a), (_, b) in zip(ours, theirs, strict=True)]
    gain = pl.concat(parts)["gain"].to_numpy()
    mean = math.fsum(gain) / gain.size
    sums = pl.concat(parts).group_by("id").agg((pl.col("gain") - mean).sum()).sort("id")["gain"].to_numpy()
    by_customer = float(np.sqrt(math.fsum(sums**2))) / gain.size
    by_fold = 0.0
    if len(parts) >= ENOUGH_FOLDS:
        means = [float(part["gain"].to_numpy().mean()) for part in parts]
        by_fold = float(np.std(means, ddof=1)) / math.sqrt(len(parts))
    return Rival(name, mean, max(by_customer, by_fold))
