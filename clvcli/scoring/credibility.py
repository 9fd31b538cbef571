"""How far the models of groups stand on their own: groups with few customers are pulled towards all customers.

A group is fitted on its own customers and on k pseudo-customers, the whole log scaled to that weight. k is Bühlmann's
credibility coefficient, the variance between customers of one group over the variance between the true means of the
groups (Bühlmann & Straub 1970): alike groups share one model, groups that differ keep their own from few customers on.
Measured out of time: .github/FORECASTS.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clvcli.models.base import Array, Fit, History, Spending
from clvcli.models.registry import purchase_model, spend_model
from clvcli.models.thinned import thinned, thinned_spending
from clvcli.scoring.terms import Fits

FEWEST = 30
"""Groups with fewer buyers than this are given the pooled model."""
LEAST_PULL = 10.0
"""No group goes without so many pseudo-customers: the variance between groups is itself an estimate."""


@dataclass(frozen=True)
class Part:
    """What both models see of a group, or of everybody."""

    history: History
    spending: Spending

    @property
    def buyers(self) -> float:
        """Customers who have bought."""
        return float(self.history.weight.sum())


@dataclass(frozen=True)
class Credible:
    """Fits of the groups that are large enough; `own`: which part of each rests on its own customers, purchases and
    spend, between 0 and 1; `pulls`: pseudo-customers of both models, inf where groups do not differ."""

    fits: Mapping[str, Fits]
    own: Mapping[str, tuple[float, float]]
    pulls: tuple[float, float]


def credible_fits(pooled: Fits, everybody: Part, groups: Mapping[str, Part]) -> Credible:
    """The fits of every group with at least 30 buyers; none where the pooled models cannot predict."""
    large = {name: part for name, part in groups.items() if part.buyers >= FEWEST}
    if not large or not (pooled.purchase.usable and pooled.spend.usable):
        return Credible({}, {}, (math.inf, math.inf))
    pulls = (
        purchase_pull(pooled.purchase, [p.history for p in large.values()]),
        spend_pull([p.spending for p in large.values()]),
    )
    purchase, spend = purchase_model(pooled.purchase.name), spend_model(pooled.spend.name)
    fits, own = {}, {}
    for name, part in large.items():
        purchases = pooled.purchase
        if math.isfinite(pulls[0]):
            purchases = purchase.fit(with_pseudo(part.history, everybody.history, pulls[0]))
        spends = pooled.spend
        if math.isfinite(pulls[1]):
            spends = spend.fit(with_pseudo_spending(part.spending, everybody.spending, pulls[1]))
        fits[name] = Fits(purchases if purchases.usable else pooled.purchase, spends if spends.usable else pooled.spend)
        own[name] = (_share(part.buyers, pulls[0]), _share(float(part.spending.weight.sum()), pulls[1]))
    return Credible(fits, own, pulls)


def _share(customers: float, pull: float) -> float:
    return customers / (customers + pull) if math.isfinite(pull) else 0.0


def purchase_pull(pooled: Fit, histories: Sequence[History]) -> float:
    """k of the purchase model: from how much groups buy, how many come back and how long they are silent, on the mean.

    Each is what a customer did less what the pooled model expects of one of that age, so that old and young groups are
    not told apart by their age.
    """
    ages = np.unique(np.concatenate([h.T for h in histories]))
    expected = purchase_model(pooled.name).expected_from_birth(pooled.params, ages)
    figures: list[list[tuple[Array, Array]]] = [[], [], []]
    for history in histories:
        e = np.maximum(np.interp(history.T, ages, expected), 1e-9)
        seen = history.T > 0
        again = seen & (history.x > 0)
        w = history.weight
        figures[0].append((((history.x - e) / np.sqrt(e + e * e))[seen], w[seen]))
        figures[1].append(((history.x > 0)[seen] - -np.expm1(-e[seen]), w[seen]))
        figures[2].append((1 - history.t_x[again] / history.T[again], w[again]))
    return pull_of(float(np.mean([between_over_within(figure) for figure in figures])))


def spend_pull(spendings: Sequence[Spending]) -> float:
    """k of the spend model, from the logs of the customers' mean amounts."""
    found = []
    for spending in spendings:
        seen = spending.mean > 0
        found.append((np.log(spending.mean[seen]), spending.weight[seen]))
    return pull_of(between_over_within(found))


def pull_of(ratio: float) -> float:
    """k from the variance between groups over that within; inf where groups differ no more than by chance."""
    return max(LEAST_PULL, 1 / ratio) if ratio > 0 else math.inf


def between_over_within(groups: Sequence[tuple[Array, Array]]) -> float:
    """Variance between the true means of groups over the variance within them, from (values, weights) of each, every
    customer of weight one; negative where the means differ less than by chance. Bühlmann & Straub (1970)."""
    kept = [(v, w, float(w.sum())) for v, w in groups if w.sum() > 1]
    if len(kept) < 2:
        return 0.0
    sizes = np.array([n for *_, n in kept])
    means = np.array([float(v @ w) / n for v, w, n in kept])
    total = float(sizes.sum())
    within = sum(float(w @ (v - m) ** 2) for (v, w, _), m in zip(kept, means, strict=True)) / (total - len(kept))
    if within <= 0:
        return 0.0
    between = float(sizes @ (means - float(sizes @ means) / total) ** 2) - (len(kept) - 1) * within
    return between / (total - float(sizes @ sizes) / total) / within


def with_pseudo(own: History, everybody: History, pull: float) -> History:
    """The group's histories, and the log's (every k-th customer) scaled to a weight of `pull` customers."""
    prior = thinned(everybody)
    scale = pull / float(prior.weight.sum())
    return History(
        np.concatenate([own.x, prior.x]),
        np.concatenate([own.t_x, prior.t_x]),
        np.concatenate([own.T, prior.T]),
        np.concatenate([own.weight, prior.weight * scale]),
        {name: np.concatenate([own.extra[name], prior.extra[name]]) for name in own.extra},
    )


def with_pseudo_spending(own: Spending, everybody: Spending, pull: float) -> Spending:
    """The same of (n, mean)."""
    prior = thinned_spending(everybody)
    scale = pull / float(prior.weight.sum())
    logs = [s.log_mean for s in (own, prior) if s.log_mean is not None]
    return Spending(
        np.concatenate([own.n, prior.n]),
        np.concatenate([own.mean, prior.mean]),
        np.concatenate([own.weight, prior.weight * scale]),
        np.concatenate(logs) if len(logs) == 2 else None,
        own.by_means,
    )
