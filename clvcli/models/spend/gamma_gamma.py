"""Gamma-Gamma model of Fader & Hardie (2013), note 025: an amount is Gamma(p, nu), nu is Gamma(q, v).

With z = n m / (n m + v), per customer: lnL = -ln B(p n, q) + p n ln z + q ln(1 - z) - ln m, note 025's density
without its cancelling parts. The gamma terms depend on n alone and are computed once for each n. Where the spending
tells of single amounts too, their joint density (see within.py): from means alone p is told by how they scatter with n,
so that spend which goes with frequency passes for it.

Where the free fit has no believable population mean (q <= 1: infinite or negative), the mean is held at the average
that customers show, p v / (q - 1) = M: forecasts lie between M and the customer's own mean. Constant amounts predict
the constant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from clvcli.core.marked import marked
from clvcli.models.base import AT_BOUND, CONVERGED, INSUFFICIENT, Array, Fit, Spending
from clvcli.models.fitting import Optimum, in_blocks, maximise, sample, standard_errors
from clvcli.models.ufuncs import betaincinv, betaln, psi, trigamma
from clvcli.models.within import Within, given_mean

PARAMETERS = ("p", "q", "v")
SAMPLE = 20_000
LOW, HIGH = np.log([1e-3, 1e-3, 1e-8]), np.log([1e6, 1e6, 1e8])
"""Bounds of the logs of p, q, v / M."""
STRONG = 1e6
DEPENDENT = 0.2
BELIEVABLE = 3.0
"""A population mean this many times off the average that customers show is an artefact of q near 1."""
CONSTANT = (
    "constant_spend",
    marked("all customers spend the same amount a purchase: that amount is the forecast for everybody"),
)
NO_MEAN = (
    "spend_mean_held",
    marked(
        "a few very large amounts leave the average spend undetermined (q <= 1 or near it): it is held at the average "
        "of customers; look for outliers or returns in the amounts"
    ),
)
PILED_UP = 0.5
FEW_REPEATS = 30
"""Amounts beyond the first of each customer, fewer than which do not show that amounts are always equal."""
NEAR_ZERO = (
    "spend_by_means",
    marked(
        "many amounts are next to nothing beside the others: the spend model sees each customer's mean alone; look for "
        "lines of a cent"
    ),
)
EQUAL = (
    "spend_by_means",
    marked("the few customers with two amounts have equal ones: the spend model sees each customer's mean alone"),
)
MEANS_OPEN = (
    "spend_by_amounts",
    marked(
        "customers' means alone do not tell how far amounts of one customer vary: the spend model is fitted on single "
        "amounts"
    ),
)
FEW = (
    "spend_few_customers",
    marked(
        "too few customers with an amount to learn how spend varies: forecasts lie between the average and one's own "
        "mean"
    ),
)


class GammaGamma:
    """Spend per purchase, independent of how often a customer buys."""

    name = "gamma-gamma"
    parameters = PARAMETERS

    def fit(self, spending: Spending) -> Fit:
        """Maximum likelihood. insufficient_data when nobody has an amount > 0; every other fit predicts."""
        seen = (spending.n > 0) & (spending.mean > 0) & (spending.weight > 0)
        spending = spending if seen.all() else spending.take(seen)
        n, mean, weight = spending.n, spending.mean, spending.weight
        if n.size == 0:
            return Fit(self.name, {}, {}, None, INSUFFICIENT, marked("no purchase has an amount above zero"))
        average = float(weight @ mean / weight.sum())
        if float(mean.max() - mean.min()) <= 1e-9 * average:
            return self._limit(_values(STRONG, STRONG, average), None, CONSTANT)
        if weight.sum() < 3:
            return self._limit(_values(1.0, 2.0, average), None, FEW)
        fit = self._by_either(spending, average)
        return replace(fit, notices=(*fit.notices, *independence(fit.params, n, mean, weight)))

    def _by_either(self, spending: Spending, average: float) -> Fit:
        """By single amounts or by means: what the spending asks for, the other where that fails."""
        if spending.log_mean is not None and not spending.by_means:
            fit, reason = self._by_amounts(spending, average)
            return fit if reason is None else _with_notice(self._by_means(spending, average), reason)
        fit = self._by_means(spending, average)
        left_open = fit.status == AT_BOUND and not fit.notices
        if spending.log_mean is None or not left_open or Within.of(spending).repeats < FEW_REPEATS:
            return fit
        single, reason = self._by_amounts(spending, average)
        return _with_notice(single, MEANS_OPEN) if single.status == CONVERGED and reason is None else fit

    def _by_means(self, spending: Spending, average: float) -> Fit:
        return self._fit(Terms.of(replace(spending, log_mean=None)), average)

    def _by_amounts(self, spending: Spending, average: float) -> tuple[Fit, tuple[str, str] | None]:
        """The fit, and why it is not to be used."""
        fit = self._fit(Terms.of(spending), average)
        return fit, _runs_off(Within.of(spending), fit.params["p"])

    def _fit(self, terms: "Terms", average: float) -> Fit:
        best = _free(terms, average)
        p, q, v = np.exp(best.theta)
        if q <= 1 or not 1 / BELIEVABLE < p * v / (q - 1) / average < BELIEVABLE:
            return self._limit(*_held(terms, average), NO_MEAN)
        return self._free_fit(best)

    def _free_fit(self, best: Optimum) -> Fit:
        values = dict(zip(PARAMETERS, (float(e) for e in np.exp(best.theta)), strict=True))
        errors = dict(zip(PARAMETERS, standard_errors(best.theta, best.covariance), strict=True))
        if best.covariance is None:
            message = marked(
                "amounts do not pin down every parameter: forecasts are made and hold, single parameters mean nothing"
            )
            return Fit(self.name, values, errors, best.value, AT_BOUND, message)
        matrix = tuple(tuple(float(e) for e in row) for row in best.covariance)
        return Fit(self.name, values, errors, best.value, CONVERGED, "", matrix)

    def _limit(self, values: dict[str, float], log_likelihood: float | None, notice: tuple[str, str]) -> Fit:
        none: dict[str, float | None] = dict.fromkeys(PARAMETERS)
        return Fit(self.name, values, none, log_likelihood, AT_BOUND, notice[1], notices=(notice,))

    def log_likelihood(
        self, params: Mapping[str, float], n: Array, mean: Array, log_mean: Array | None = None
    ) -> Array:
        """Per customer with n >= 1 and mean > 0, shape (n,): density of the mean of n purchases; with `log_mean`, the
        mean of the logs of the amounts, the joint density of all n."""
        p, q, v = params["p"], params["q"], params["v"]
        ratio = np.log(n * mean / v)
        of_mean = -betaln(p * n, q) - p * n * np.logaddexp(0, -ratio) - q * np.logaddexp(0, ratio) - np.log(mean)
        return np.asarray(of_mean if log_mean is None else of_mean + given_mean(p, n, mean, log_mean))

    def expected_value(self, params: Mapping[str, float], n: Array, mean: Array) -> Array:
        """E[M | n, mean] = p (v + n mean) / (p n + q - 1); n = 0 gives the population mean. Shape (n,).

        Hand-written parameters with q <= 1 have no population mean: then customers with p n + q <= 1 get the median.
        """
        p, q, v = params["p"], params["q"], params["v"]
        seen = np.where(n > 0, n * mean, 0.0)
        below = p * n + q - 1
        own = p * (v + seen) / np.where(below > 0, below, 1.0)
        return np.where(below > 0, own, median_spend(p, q, v))


def _with_notice(fit: Fit, notice: tuple[str, str]) -> Fit:
    return replace(fit, notices=(*fit.notices, notice))


def _runs_off(within: Within, p: float) -> tuple[str, str] | None:
    """Why single amounts are no guide to p, or None.

    Below 1/2 the gamma piles up at zero: a lump of tiny amounts decides the logs (measured: the spend of the next
    quarter is told up to 2 % worse than by means; nowhere better). Equal amounts of a few customers say little.
    """
    if p < PILED_UP:
        return NEAR_ZERO
    return EQUAL if p >= STRONG / 2 and within.repeats < FEW_REPEATS else None


def frequency_correlation(params: Mapping[str, float], n: Array, mean: Array, weight: Array) -> float:
    """Correlation over customers of ln n with ln mean, less what the model expects of ln mean for that n.

    Under the model E[ln mean | n] is psi(p n) - ln(p n) and a constant, so 0 is what independence means. 0 where n or
    the mean do not vary.
    """
    p = params["p"]
    counts, amounts = np.log(n), np.log(mean) - psi(p * n) + np.log(p * n)
    counts, amounts = counts - np.average(counts, weights=weight), amounts - np.average(amounts, weights=weight)
    spread = float(weight @ counts**2) * float(weight @ amounts**2)
    return float(weight @ (counts * amounts)) / spread**0.5 if spread > 0 else 0.0


def independence(params: Mapping[str, float], n: Array, mean: Array, weight: Array) -> tuple[tuple[str, str], ...]:
    """A notice where spend goes with frequency: correlation beyond 0.2 and beyond three standard errors."""
    correlation = frequency_correlation(params, n, mean, weight)
    if abs(correlation) < DEPENDENT or correlation**2 * float(weight.sum()) < 9:
        return ()
    message = marked(
        "customers who buy more often spend less a purchase (correlation {correlation}), which the model assumes away: "
        "values of rare buyers are likely too low; clv backtest shows by how much",
        correlation=f"{correlation:.2f}",
    )
    if correlation > 0:
        message = marked(
            "customers who buy more often spend more a purchase (correlation {correlation}), which the model assumes "
            "away: values of rare buyers are likely too high; clv backtest shows by how much",
            correlation=f"{correlation:.2f}",
        )
    return (("spend_depends_on_frequency", message),)


def median_spend(p: float, q: float, v: float) -> float:
    """Median of one purchase of a new customer: v times the median of a beta-prime(p, q)."""
    z = float(betaincinv(p, q, 0.5))
    return v * z / max(1 - z, 1e-300)


MODEL = GammaGamma()


@dataclass(frozen=True)
class Terms:
    """Rows prepared for fitting: log(n m) per row; the distinct n with the weight and rows that have them; `within`:
    what single amounts tell besides, where they are known."""

    spending: Spending
    log_total: Array
    log_mean: float
    counts: Array
    count_weight: Array
    within: Within | None

    @classmethod
    def of(cls, spending: Spending) -> "Terms":
        """The sums over rows that do not change while fitting. Rows with n >= 1 and mean > 0."""
        n, mean, weight = spending.n, spending.mean, spending.weight
        by_count = np.bincount(n.astype(np.intp), weights=weight).astype(np.float64)
        counts, log_mean = np.flatnonzero(by_count), float(weight @ np.log(mean))
        within = None if spending.log_mean is None else Within.of(spending)
        return cls(spending, np.log(n * mean), log_mean, counts.astype(np.float64), by_count[counts], within)

    def objective(self, theta: Array) -> tuple[float, Array, Array]:
        """Log-likelihood with gradient and Hessian in the logs of p, q, v."""
        p, q, _ = np.exp(theta)
        value, slope, curve = in_blocks(self.log_total.size, lambda rows: self._rows(p, q, theta[2], rows))
        value_n, slope_n, curve_n = self._counts(p, q)
        slope, curve = slope + slope_n, curve + curve_n
        if self.within is not None:
            value += self.within.value(p)
            slope[0] += self.within.slope(p)
            curve[0, 0] += self.within.curve(p)
        curve[0, 0] += slope[0]
        curve[1, 1] += slope[1]
        return value + value_n - self.log_mean, slope, curve

    def _rows(self, p: float, q: float, log_v: float, rows: slice) -> tuple[float, Array, Array]:
        """What depends on the amounts; the Hessian without the gradient that its diagonal of p and q has besides."""
        n, weight = self.spending.n[rows], self.spending.weight[rows]
        ratio = self.log_total[rows] - log_v
        small = np.exp(-np.abs(ratio))
        log_z = np.minimum(ratio, 0.0) - np.log1p(small)
        z = np.where(ratio > 0, 1.0, small) / (1.0 + small)
        n_log_z, sum_rest = float(weight @ (n * log_z)), float(weight @ (log_z - ratio))
        n_z, sum_z = float(weight @ (n * z)), float(weight @ z)
        by_v = q * sum_z - p * (float(weight @ n) - n_z)
        pv, qv = -p * (float(weight @ n) - n_z), q * sum_z
        vv = -float((weight * z * (1 - z)) @ (q + p * n))
        value = p * n_log_z + q * sum_rest
        return value, np.array([p * n_log_z, q * sum_rest, by_v]), np.array([[0, 0, pv], [0, 0, qv], [pv, qv, vv]])

    def _counts(self, p: float, q: float) -> tuple[float, Array, Array]:
        """What depends on the numbers of purchases alone."""
        k, w = self.counts, self.count_weight
        shape = p * k
        both, both_2 = psi(shape + q), trigamma(shape + q)
        by_p = p * float((w * k) @ (both - psi(shape)))
        by_q = q * float(w @ (both - psi(q)))
        pp = p * p * float((w * k * k) @ (both_2 - trigamma(shape)))
        pq = p * q * float((w * k) @ both_2)
        qq = q * q * (float(w @ both_2) - float(w.sum()) * float(trigamma(q)))
        curve = np.array([[pp, pq, 0], [pq, qq, 0], [0, 0, 0]])
        return -float(w @ betaln(shape, q)), np.array([by_p, by_q, 0.0]), curve

    def part(self, rows: slice) -> "Terms":
        """The same of some of the rows."""
        return Terms.of(self.spending.take(rows))


def _free(terms: Terms, average: float) -> Optimum:
    """All three parameters, from several starts (on a sample of the rows when there are many)."""
    scale = np.array([0.0, 0.0, np.log(average)])
    low, high = LOW + scale, HIGH + scale
    starts = [
        np.log([p, q, average * max(q - 1, 0.3) / p]) for p, q in ((6.0, 4.0), (1.0, 3.0), (30.0, 1.5), (2.0, 30.0))
    ]
    rows = terms.log_total.size
    if rows > 2 * SAMPLE:
        starts = [maximise(terms.part(sample(rows, SAMPLE)).objective, starts, low, high).theta]
    return maximise(terms.objective, starts, low, high)


def _held(terms: Terms, average: float) -> tuple[dict[str, float], float]:
    """p and q - 1 by maximum likelihood with the population mean held at the average of customers."""

    def objective(theta: Array) -> tuple[float, Array, Array]:
        """theta: logs of p and q - 1; v = average (q - 1) / p."""
        above = float(np.exp(theta[1]))
        share = above / (1 + above)  # d ln q / d ln(q - 1)
        value, slope, curve = terms.objective(
            np.array([theta[0], np.log1p(above), np.log(average) + theta[1] - theta[0]])
        )
        turn = np.array([[1.0, 0.0], [0.0, share], [-1.0, 1.0]])
        bent = turn.T @ curve @ turn
        bent[1, 1] += slope[1] * share * (1 - share)
        return value, turn.T @ slope, bent

    low, high = np.log([1e-3, 1e-6]), np.log([1e6, 1e6])
    best = maximise(objective, [np.log([p, q]) for p, q in ((6.0, 3.0), (1.0, 0.5), (30.0, 0.1))], low, high)
    p, above = np.exp(best.theta)
    return _values(float(p), 1 + float(above), average), best.value


def _values(p: float, q: float, average: float) -> dict[str, float]:
    return {"p": p, "q": q, "v": float(average * (q - 1) / p)}
