"""Quantiles of what a customer will spend, exact given the parameters and tabulated, not simulated.

After k purchases the sum S is (v + n m) times a beta-prime(p k, q + p n), so with y = ln(S / (v + n m))

    P(S <= s) = 1 - P(alive) + P(alive) C(y),     C(y) = sum_k P(Y = k | alive) I(p k, q + p n; 1 / (1 + e^-y))

C depends on (x, T, n) alone: it is tabulated for the distinct ones and inverted for each customer (`curves`).
n, m: number and mean of the purchases that the spend model saw.
"""

from collections.abc import Iterator

import numpy as np

from clvcli.models.base import Array, Fit, PurchaseModel
from clvcli.models.curves import Curves, Table, steps
from clvcli.models.distinct import Index, grouped
from clvcli.models.registry import purchase_model

TIERS = (16, 64, 256, 1024, 4096, 16384)
CUT = 1e-4
"""Probability of more purchases than the table holds: they count as its largest number."""
CONSTANT = 1e-3
"""Squared spread of the amount of one purchase, known customer, below which only the number of purchases is random."""
CELLS = 1 << 22


def spend_quantiles(
    purchase: Fit, spend: Fit, *, x: Array, t_x: Array, T: Array, p_alive: Array, n: Array, mean: Array, t: float,
    probabilities: tuple[float, float] = (0.05, 0.95),
) -> tuple[Array, Array]:  # fmt: skip
    """Two quantiles of total spend in the next t weeks, each of shape (customers,), in currency units; 0 is common.

    All arrays are per customer. The probability below a returned quantile is within 0.001 of the nominal one. Amounts
    that hardly vary (standard deviation below 3 %, as with constant spend) count as their expected value. Does not
    include the uncertainty of the parameters.
    """
    n = np.where(n > 0, n, 0.0)
    low, high = unit_quantiles(
        purchase, spend, x=x, t_x=t_x, T=T, index=np.arange(n.size), p_alive=p_alive, n=n, t=t,
        probabilities=probabilities,
    )  # fmt: skip
    unit = spend_unit(spend, np.where(n > 0, n * mean, 0.0))
    return low * unit, high * unit


def spend_unit(spend: Fit, seen: Array) -> Array:
    """v + n m, shape of seen: in this unit the future spend of all who share n has one distribution. seen: n m."""
    return np.asarray(spend.params["v"] + seen)


def unit_quantiles(
    purchase: Fit, spend: Fit, *, x: Array, t_x: Array, T: Array, index: Index, p_alive: Array, n: Array, t: float,
    probabilities: tuple[float, float] = (0.05, 0.95),
) -> tuple[Array, Array]:  # fmt: skip
    """The quantiles in units of v + n m: of rows (p_alive, n) whose (x, t_x, T) stand at `index` of these arrays.

    They depend on a history and n alone, not on what a customer spent: so pass distinct rows.
    """
    model = purchase_model(purchase.name)
    p, q = spend.params["p"], spend.params["q"]
    order, first = grouped([n.astype(np.int64), index])
    one = order[first[:-1]]
    known = [n[one], *(values[index[one]] for values in ((x, T) if model.memoryless else (x, T, t_x)))]
    # Given alive, the quantile is at this level; at or below P(Y = 0) it is 0.
    levels = [1 - (1 - level) / np.maximum(p_alive, 1e-300) for level in probabilities]
    results = [np.zeros(n.shape), np.zeros(n.shape)]
    for group, counts in _counted(model, purchase, known, t):
        curves = _curves(float(known[0][group[0]]), p, q, counts)
        rows = np.concatenate([order[first[i] : first[i + 1]] for i in group])
        curve_of = np.repeat(np.arange(group.size), first[group + 1] - first[group])
        for result, level in zip(results, levels, strict=True):
            result[rows] = curves.invert(curve_of, level[rows])
    return results[0], results[1]


def _counted(model: PurchaseModel, purchase: Fit, rows: list[Array], t: float) -> Iterator[tuple[Index, Array]]:
    """Groups of rows with the same n, with P(Y = k | alive) up to a k that leaves less than CUT."""
    n, x, T = rows[:3]
    t_x = rows[3] if len(rows) > 3 else np.zeros_like(x)
    left = np.arange(n.size)
    for most in TIERS:
        wait = []
        for some in np.split(left, np.arange(CELLS // most, left.size, CELLS // most)):
            pmf = model.pmf(purchase.params, x[some], t_x[some], T[some], t, most)
            beyond = np.maximum(1 - pmf.sum(axis=1), 0.0)
            pmf[:, -1] += beyond
            done = (beyond < CUT) | (most == TIERS[-1])
            wait.append(some[~done])
            ready, counts = some[done], pmf[done]
            cuts = np.flatnonzero(np.diff(n[ready])) + 1
            yield from zip(np.split(ready, cuts), np.split(counts, cuts), strict=True) if ready.size else ()
        left = np.concatenate(wait) if wait else left[:0]
        if left.size == 0:
            return


def _curves(n: float, p: float, q: float, counts: Array) -> Curves:
    """The distribution of ln(S / (v + n m)) of rows that share n; counts: (rows, k_max + 1)."""
    if 1 / p + 1 / (q + p * n) < CONSTANT:
        return steps(counts, p / (q + p * n - 1))
    return Table.of(n, p, q, counts.shape[1] - 1).curves(counts)
