"""How long to wait, and how large a control group to keep, until an effect on who buys can show.

Source: the usual two-sample formula, n = (z_alpha/2 + z_beta)^2 p (1 - p) (1/n_1 + 1/n_0) / effect^2, at the 5 % level
with 80 % power. Buyers come at a constant pace: the share of those who bought within t days is 1 - (1 - p)^(t/d).
"""

import math

from scipy import stats

from clvcli.commands.compare.arms import NORMAL, POWER

EFFECT = 0.2
"""The effect that should show: a fifth more buyers than in the control group."""
LONGEST_DAYS = 730
NIGHTLY = 3.0
"""Standard errors to each side that hold on every night of a programme at once; a simulation of daily looks tests it.
"""
WIDE = float(NORMAL + stats.norm.ppf(POWER))


def waiting_days(share: float, days: int, treated: int, control: int, narrowing: float = 1.0) -> int | None:
    """Days from OLD until EFFECT would show in 8 of 10 trials; None: not within two years, or nobody buys.

    `share` of the control group bought within `days`; `narrowing`: adjusted over plain standard error.
    """
    if not 0 < share < 1 or days < 1 or min(treated, control) < 1:
        return None
    for later in range(1, LONGEST_DAYS + 1):
        p = 1 - (1 - share) ** (later / days)
        if WIDE * narrowing * math.sqrt(p * (1 - p) * (1 / treated + 1 / control)) <= EFFECT * p:
            return later
    return None


def control_share(share: float, customers: int, narrowing: float = 1.0) -> float | None:
    """The smallest share of the customers in control with which EFFECT would show in the time that was looked at; None
    where not even a half would do.
    """
    if not 0 < share < 1 or customers < 2:
        return None
    room = customers * (EFFECT * share / (WIDE * narrowing)) ** 2 / (share * (1 - share))  # c (1 - c) >= 1 / room
    return None if room < 4 else (1 - math.sqrt(1 - 4 / room)) / 2
