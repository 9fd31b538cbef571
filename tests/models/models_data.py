"""The CDNOW sample (2,357 customers) from the lifetimes wheel, in the convention of the literature."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from clvcli.models.base import Array, History, Spending

AS_OF = date(1997, 9, 30)


def distinct(x: Array, t_x: Array, T: Array) -> History:
    """Customers collapsed to sorted distinct histories with weights."""
    rows, weight = np.unique(np.stack([x, t_x, T], axis=1), axis=0, return_counts=True)
    return History(rows[:, 0], rows[:, 1], rows[:, 2], weight.astype(float))


def distinct_spending(n: Array, mean: Array, log_mean: Array | None = None) -> Spending:
    """Customers with n >= 1 collapsed to sorted distinct (n, mean) with weights; log_mean: of single amounts."""
    seen = n > 0
    rows, of, weight = np.unique(
        np.stack([n, mean], axis=1)[seen], axis=0, return_inverse=True, return_counts=True
    )  # fmt: skip
    logs = None if log_mean is None else np.bincount(of.ravel(), weights=log_mean[seen]) / weight
    return Spending(rows[:, 0], rows[:, 1], weight.astype(float), logs)


@dataclass(frozen=True)
class Cdnow:
    """Purchases per customer and day (amounts summed) up to as_of; ids in the order of the arrays below."""

    ids: tuple[str, ...]
    days: tuple[tuple[date, ...], ...]
    amounts: tuple[tuple[float, ...], ...]
    as_of: date
    x: Array
    t_x: Array
    T: Array

    @property
    def history(self) -> History:
        """Distinct histories in weeks."""
        return distinct(self.x, self.t_x, self.T)

    def needed(self, needs: tuple[str, ...]) -> History:
        """History with the extra statistics that a model needs: sums over the customers of each distinct history."""
        history = self.history
        log_gaps = [sum(np.log((b - a).days / 7) for a, b in pairwise(d)) for d in self.days]
        keys = {row: i for i, row in enumerate(zip(history.x, history.t_x, history.T, strict=True))}
        at = [keys[row] for row in zip(self.x, self.t_x, self.T, strict=True)]
        mean = np.bincount(at, weights=log_gaps) / history.weight
        known = {"log_gaps": mean}
        return History(history.x, history.t_x, history.T, history.weight, {name: known[name] for name in needs})

    def spending(self, basis: str) -> Spending:
        """Distinct (n, mean) of the amounts above zero: of the repeat days, or of all; `amounts`: with their logs."""
        return distinct_spending(*self.seen(basis), self.log_mean() if basis == "amounts" else None)

    def log_mean(self) -> Array:
        """Mean of the logs of all amounts above zero of each customer; 0 without one."""
        logs = [[np.log(a) for a in amounts if a > 0] for amounts in self.amounts]
        return np.array([sum(one) / len(one) if one else 0.0 for one in logs])

    def seen(self, basis: str) -> tuple[Array, Array]:
        """(n, mean) per customer; mean 0 where n = 0."""
        paid = [[a for a in amounts[1 if basis == "repeat" else 0 :] if a > 0] for amounts in self.amounts]
        n = np.array([len(p) for p in paid], dtype=float)
        return n, np.array([sum(p) / len(p) if p else 0.0 for p in paid])

    def row(self, customer: str) -> int:
        """Position of a customer (master id) in the arrays."""
        return self.ids.index(customer)


def load_cdnow(as_of: date = AS_OF, *, collapse: bool = True, extra_days: int = 0) -> Cdnow:
    """The sample; collapse=False counts every record as a purchase, extra_days lengthens T (negative controls)."""
    lifetimes = pytest.importorskip("lifetimes")
    text = (Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt").read_text()
    found: dict[str, dict[tuple[date, int], float]] = defaultdict(lambda: defaultdict(float))
    for number, line in enumerate(text.splitlines()):
        master, _, day, _, amount = line.split()
        when = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        if when <= as_of:
            found[master][when, 0 if collapse else number] += float(amount)
    ids = tuple(sorted(found))
    days = tuple(tuple(when for when, _ in sorted(found[i])) for i in ids)
    amounts = tuple(tuple(round(found[i][key], 2) for key in sorted(found[i])) for i in ids)
    end = as_of + timedelta(days=extra_days)
    x = np.array([len(d) - 1.0 for d in days])
    t_x = np.array([(d[-1] - d[0]).days / 7 for d in days])
    T = np.array([(end - d[0]).days / 7 for d in days])
    return Cdnow(ids, days, amounts, as_of, x, t_x, T)


def simulate(
    rng: np.random.Generator, customers: int, r: float, alpha: float, a: float, b: float, weeks: float, chances: int = 0
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """(x, t_x, T, lambda, p, alive) of BG/NBD (chances 0) or MBG/NBD (1) customers, continuous time.

    A second implementation of the story behind the models, customer by customer in rounds.
    """
    rate = rng.gamma(r, 1 / alpha, customers) if r < 1e5 else np.full(customers, r / alpha)
    p = rng.beta(a, b, customers)
    T = rng.uniform(weeks / 2, weeks, customers)
    x, t_x = np.zeros(customers), np.zeros(customers)
    alive = rng.random(customers) >= p if chances else np.ones(customers, dtype=bool)
    going = np.flatnonzero(alive)
    while going.size:
        next_time = t_x[going] + rng.exponential(1 / rate[going])
        inside = next_time <= T[going]
        going, next_time = going[inside], next_time[inside]
        x[going] += 1
        t_x[going] = next_time
        leaves = rng.random(going.size) < p[going]
        alive[going[leaves]] = False
        going = going[~leaves]
    return x, t_x, T, rate, p, alive.astype(float)


def simulate_lives(
    rng: np.random.Generator, customers: int, r: float, alpha: float, s: float, beta: float, weeks: float
) -> tuple[Array, Array, Array]:
    """(x, t_x, T) of Pareto/NBD customers, continuous time: a rate ~ Gamma(r, alpha) until a life's end."""
    rate, risk = rng.gamma(r, 1 / alpha, customers), rng.gamma(s, 1 / beta, customers)
    T = rng.uniform(weeks / 2, weeks, customers)
    seen = np.minimum(T, rng.exponential(1 / risk))
    x = rng.poisson(rate * seen).astype(float)
    # The last of x moments that are uniform on (0, seen).
    t_x = np.where(x > 0, seen * rng.random(customers) ** (1 / np.maximum(x, 1.0)), 0.0)
    return x, t_x, T
