"""Lifetime value the ways people compute it: plain arithmetic, each formula where it can be read.

Amounts in currency units, rates per period. A value that cannot be told is None; nothing here is NaN or infinite.
"""

from dataclasses import dataclass, replace

TARGET_RATIO = 3.0
"""LTV : CAC that is commonly asked for."""


@dataclass(frozen=True)
class Cac:
    """What a new customer costs and whether it pays: `ratio` = clv / cac, `allowable` = clv / 3.

    `reaches_target` is None where the 90 % interval `ratio_low` to `ratio_high` has 3 in it: nobody can tell.
    """

    spend: float
    new: int
    cac: float | None
    clv: float | None
    ratio: float | None
    reaches_target: bool | None
    allowable: float | None
    payback_months: float | None
    reason: str | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None


def lifetime(churn: float | None) -> float | None:
    """Mean periods that a customer stays, when each period the same share leaves: 1 / churn."""
    return 1 / churn if churn else None


def by_churn(per_period: float | None, churn: float | None) -> float | None:
    """ARPA / churn (or AMPU / churn, for the margin). ARPA 50, churn 25 %: 200."""
    return per_period / churn if churn and per_period is not None else None


def by_churn_within(per_period: float | None, churn: float | None, periods: float) -> float | None:
    """The same within `periods`: ARPA x (1 - (1 - churn)^periods) / churn. With churn None or 0 nobody leaves."""
    if per_period is None:
        return None
    return per_period * (1 - (1 - churn) ** periods) / churn if churn else per_period * periods


def by_sales(sale: float | None, per_year: float | None, years: float | None) -> float | None:
    """Average sale x purchases a year x years that a customer stays. 50 x 4 x 3 = 600."""
    return None if sale is None or per_year is None or years is None else sale * per_year * years


def churn_after(churn: float, what_if: str) -> float | None:
    """Churn when retention moves by `+5pp`, or to `85%`. None where retention would be 100 % or more, or below 0."""
    text = what_if.strip()
    if text.endswith("pp"):
        moved = churn - float(text.removesuffix("pp")) / 100
    else:
        moved = 1 - float(text.removesuffix("%")) / 100
    moved = round(moved, 12)
    return moved if 0 < moved <= 1 else None


def cac(spend: float, new: int, clv: float | None, margin_per_month: float | None) -> Cac:
    """Cost of acquisition = spend / new customers, held against the margin that a customer brings.

    5000 for 100 new: 50. With a clv of 150 that is 3 : 1, up to 50 may be spent; at 50 a year payback takes 12 months.
    """
    allowable = clv / TARGET_RATIO if clv is not None else None
    if new == 0:
        return Cac(spend, 0, None, clv, None, None, allowable, None, "nobody was new in the time of the spend")
    each = spend / new
    ratio = clv / each if clv is not None and each > 0 else None
    payback = each / margin_per_month if margin_per_month else None
    target = None if ratio is None else round(ratio, 9) >= TARGET_RATIO
    return Cac(spend, new, each, clv, ratio, target, allowable, payback)


def with_interval(found: Cac, low: float | None, high: float | None) -> Cac:
    """The same with the interval of the ratio, from that of the clv."""
    if found.ratio is None or not found.cac or low is None or high is None:
        return found
    lowest, highest = low / found.cac, high / found.cac
    unclear = lowest < TARGET_RATIO < highest
    target = None if unclear else found.reaches_target
    return replace(found, ratio_low=lowest, ratio_high=highest, reaches_target=target)
