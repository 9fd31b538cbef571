"""The figures of one group of customers: averages, churn, lifetime, and lifetime value three ways."""

from dataclasses import dataclass

import polars as pl

from clvcli.commands.economics import ltv
from clvcli.commands.economics.churn import Churn, activity, churn_of
from clvcli.commands.economics.model_value import ModelValue
from clvcli.commands.economics.periods import PER_YEAR, Calendar


@dataclass(frozen=True)
class Ways:
    """Lifetime value three ways, in margin, and what goes into them.

    `churn` and `sales` are whole lives, `model` a new customer within the horizon; the `_within` values are all within
    the horizon, so that they can be held against each other.
    """

    churn_revenue: float | None
    churn: float | None
    sales_revenue: float | None
    sales: float | None
    purchases_per_year: float | None
    retention_years: float | None
    retention_source: str
    model: ModelValue
    churn_within: float | None
    sales_within: float | None


@dataclass(frozen=True)
class Figures:
    """Amounts in currency units; ARPA and AMPU per active customer and period; `margin` the mean rate of the group."""

    customers: int
    purchases: int
    revenue: float
    margin: float | None
    average_order_value: float | None
    purchases_per_customer: float | None
    arpa: float | None
    ampu: float | None
    churn: Churn
    churn_twice_the_window: float | None
    lifetime_periods: float | None
    lifetime_months: float | None
    ways: Ways

    period_months: float

    @property
    def margin_per_month(self) -> float | None:
        """AMPU of a month, whatever the period."""
        return None if self.ampu is None else self.ampu / self.period_months


@dataclass(frozen=True)
class Setting:
    """What is the same for every group."""

    calendar: Calendar
    window: int
    decimals: int
    horizon_months: float
    retention_years: float | None


def figures_of(visits: pl.DataFrame | None, periods: pl.DataFrame, model: ModelValue, setting: Setting) -> Figures:
    """`visits` and `periods` of one group, as churn.py makes them; without `visits` churn has no window to doubt."""
    calendar, window = setting.calendar, setting.window
    churn = churn_of(periods, calendar, window)
    base = _base(periods, churn, calendar)
    money = 10.0**setting.decimals
    revenue, profit = int(periods["revenue"].sum()) / money, float(periods["profit"].sum()) / money
    purchases = int(periods["purchases"].sum())
    customers = int(periods["new"].sum())
    margin = _over(profit, revenue)
    active = int(base["active"].sum())
    arpa = _over(int(base["revenue"].sum()) / money, active)
    ampu = _over(float(base["profit"].sum()) / money, active)
    per_year = PER_YEAR[calendar.unit]
    sale = _over(revenue, purchases)
    ways = _ways(periods, churn, arpa, ampu, sale, margin, customers, model, setting)
    life = ltv.lifetime(churn.rate)
    twice = None
    if visits is not None:
        twice = churn_of(activity(visits, calendar, 2 * window), calendar, 2 * window).rate
    return Figures(
        customers=customers,
        purchases=purchases,
        revenue=revenue,
        margin=margin,
        average_order_value=sale,
        purchases_per_customer=_over(purchases, customers) if purchases else None,
        arpa=arpa,
        ampu=ampu,
        churn=churn,
        churn_twice_the_window=twice,
        lifetime_periods=life,
        lifetime_months=None if life is None else life * 12 / per_year,
        ways=ways,
        period_months=12 / per_year,
    )


def _ways(
    periods: pl.DataFrame, churn: Churn, arpa: float | None, ampu: float | None, sale: float | None,
    margin: float | None, customers: int, model: ModelValue, setting: Setting,
) -> Ways:  # fmt: skip
    per_year = PER_YEAR[setting.calendar.unit]
    done = periods.filter("complete") if periods["complete"].any() else periods
    active = int(done["active"].sum())
    rate = _over(int(done["purchases"].sum()) * per_year, active)
    observed = _over(active, customers * per_year)
    years = setting.retention_years if setting.retention_years is not None else observed
    sales = ltv.by_sales(sale, rate, years)
    horizon = setting.horizon_months
    within = None if years is None else min(years, horizon / 12)
    short = ltv.by_sales(sale, rate, within)
    return Ways(
        churn_revenue=ltv.by_churn(arpa, churn.rate),
        churn=ltv.by_churn(ampu, churn.rate),
        sales_revenue=sales,
        sales=_times(sales, margin),
        purchases_per_year=rate,
        retention_years=years,
        retention_source="given" if setting.retention_years is not None else "observed so far",
        model=model,
        churn_within=ltv.by_churn_within(ampu, churn.rate, horizon * per_year / 12) if churn.rate else None,
        sales_within=_times(short, margin),
    )


def _base(periods: pl.DataFrame, churn: Churn, calendar: Calendar) -> pl.DataFrame:
    """The periods whose customers' staying is known: ARPA and churn then speak of the same customers."""
    if churn.at_risk:
        return periods.filter((pl.col("period") >= churn.first - 1) & (pl.col("period") < churn.last))
    done = periods.filter(pl.col("period") <= calendar.over)
    return done if done.height else periods


def _over(value: float, whole: float) -> float | None:
    return value / whole if whole else None


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor
