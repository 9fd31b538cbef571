"""The effects of campaigns that overlap, told apart: one regression of an outcome on all of them.

Functions of arrays. Given for which campaigns somebody is due, chance alone decides who treats him: the hash of the one
control group, or of that of the campaign. So the coefficients are the effects of the campaigns, where effects add up;
where a campaign overlaps none, or has a control group of its own, they need no such assumption.
"""

import numpy as np

from clvcli.commands.compare.arms import Array, Difference, Flags, independent, stated

LEAST = 20
"""Fewer customers than this who tell a campaign from the others: no estimate."""


def joint(outcome: Array, due: Flags, treated: Flags, covariates: Array) -> list[Difference | None]:
    """One Difference a campaign; None for one that the others, or too few customers, leave undetermined.

    `outcome`: (n,); `due`, `treated`: (n, k), treated only where due; `covariates`: (n, m), without a constant.
    Least squares with HC3 errors, t with the effective number of customers of each campaign, less one, as degrees of
    freedom.
    """
    n, k = due.shape
    before = np.column_stack([covariates - covariates.mean(axis=0), due.astype(np.float64)])
    before = before[:, independent(before)]
    arms = treated.astype(np.float64)
    kept = independent(np.column_stack([before, arms]))[before.shape[1] :]
    numbers = [_effective(np.column_stack([before, np.delete(arms, i, axis=1)]), arms[:, i]) for i in range(k)]
    design = np.column_stack([np.ones(n), before, arms[:, kept]])
    free = n - design.shape[1]
    if free < 1 or not kept.any():
        return [None] * k
    q, r = np.linalg.qr(design)
    inverse = np.linalg.solve(r, q.T)
    beta = inverse @ outcome
    leverage = np.minimum((q**2).sum(axis=1), 1 - 1e-9)
    scaled = (outcome - design @ beta) / (1 - leverage)
    errors = np.sqrt(((inverse * scaled) ** 2).sum(axis=1))
    found: list[Difference | None] = [None] * k
    places = np.flatnonzero(kept)
    for column, place in enumerate(places, start=1 + before.shape[1]):
        if numbers[place] >= LEAST:
            found[place] = stated(float(beta[column]), float(errors[column]), numbers[place] - 1)
    return found


def _effective(others: Array, arm: Array) -> float:
    """Effective number of customers that tell a campaign from all else: (sum r^2)^2 / sum r^4, r what the others leave
    of its arm; 0 where they leave nothing.
    """
    design = np.column_stack([np.ones(arm.size), others])
    rest = arm - design @ np.linalg.lstsq(design, arm, rcond=None)[0]
    squares = rest**2
    if squares.sum() < 1e-9 * max(1.0, float(arm.sum())):
        return 0.0
    return float(squares.sum() ** 2 / (squares**2).sum())
