"""What stands beside a log: customers and leads, marketing spend, subscriptions. All small enough for memory."""

from datetime import date

import numpy as np
import polars as pl

from clvcli.commands.simulate.ids import make_ids
from clvcli.commands.simulate.log import days_to_dates, money
from clvcli.commands.simulate.population import BESIDE, Population, Rows, stream

CHANNELS = {"search": 18.0, "social": 12.0, "referral": 6.0, "newsletter": 3.0, "shop": 9.0}
REGIONS = ("north", "east", "south", "west")
REASONS = ("moved away", "closed")
PLANS = {"basic": 900, "plus": 1900, "pro": 4900}
LEADS = 0.1  # leads who never bought, per buyer
SUBSCRIBERS = 0.1  # of the buyers
MONTHLY, YEARLY = (1.0, 14.0), (1.0, 3.0)  # Beta(a, b) of the chance to leave at a renewal: shifted beta-geometric


def customers_table(people: Population, days: int, start: date, style: str, seed: int) -> pl.DataFrame:
    """Attributes of every buyer, and a tenth as many leads without a purchase; a row each, in the order of ids.

    Columns: customer_id, email, signup_date, channel, region, acquisition_cost, visits, abandoned_cart, response_rate,
    birthday, left_reason. An eighth of the buyers and a third of the leads have no e-mail; 1 % left for a reason.
    """
    random = stream(seed, BESIDE + 1)
    buyers = people.arrival.size
    n = buyers + round(LEADS * buyers)
    lead = np.arange(n) >= buyers
    wait = np.where(random.random(n) < 0.6, 0, random.integers(1, 31, n))
    arrival = np.concatenate([people.arrival, np.sort(random.uniform(0, days, n - buyers))])
    signup = np.maximum(np.floor(arrival).astype(np.int64) - wait, 0)
    channel = random.choice(list(CHANNELS), n, p=[0.35, 0.25, 0.15, 0.1, 0.15])
    cost = np.rint(random.gamma(4.0, 25.0, n) * np.vectorize(CHANNELS.__getitem__)(channel)).astype(np.int64)
    return pl.DataFrame(
        {
            "customer_id": make_ids(n, style, seed),
            "has_email": random.random(n) > np.where(lead, 1 / 3, 1 / 8),
            "signup": signup,
            "channel": channel.tolist(),
            "region": random.choice(REGIONS, n).tolist(),
            "cost": cost,
            "visits": random.poisson(np.where(lead, 3.0, 9.0)),
            "abandoned_cart": random.random(n) < np.where(lead, 0.25, 0.08),
            "response_rate": np.where(lead, np.nan, random.beta(2.0, 8.0, n).round(2)),
            "born": random.integers(-20_000, -6_600, n),
            "reason": np.where(~lead & (random.random(n) < 0.01), random.integers(0, len(REASONS), n), -1),
        }
    ).select(
        "customer_id",
        email=pl.when("has_email").then(pl.col("customer_id").str.to_lowercase() + "@example.com"),
        signup_date=days_to_dates("signup", start),
        channel="channel",
        region="region",
        acquisition_cost=money(pl.col("cost")),
        visits="visits",
        abandoned_cart="abandoned_cart",
        response_rate=pl.col("response_rate").fill_nan(None),
        birthday=days_to_dates("born", date(2020, 1, 1)),
        left_reason=pl.col("reason").replace_strict(dict(enumerate(REASONS)), default=None, return_dtype=pl.String),
    )


def spend_table(customers: pl.DataFrame) -> pl.DataFrame:
    """Marketing spend by month and channel: the sum of what the customers and leads who signed up then had cost."""
    month = pl.col("signup_date").dt.strftime("%Y-%m").alias("month")
    spend = pl.col("acquisition_cost").sum().cast(pl.Decimal(18, 2)).alias("spend")
    return customers.group_by(month, "channel").agg(spend).sort("month", "channel")


def subscriptions_table(people: Population, days: int, start: date, style: str, seed: int) -> pl.DataFrame:
    """Contracts of a tenth of the buyers: customer_id, plan, start_date, end_date (null: runs on), monthly_revenue,
    prepaid_months (1, or 12 for who pays the year in advance).

    At each renewal a customer leaves with an own chance drawn from Beta(1, 14), yearly ones from Beta(1, 3).
    """
    random = stream(seed, BESIDE + 2)
    chosen = np.sort(random.permutation(people.arrival.size)[: round(SUBSCRIBERS * people.arrival.size)])
    n = chosen.size
    yearly = random.random(n) < 0.25
    leave = np.where(yearly, random.beta(*YEARLY, n), random.beta(*MONTHLY, n))
    months: Rows = random.geometric(np.maximum(leave, 1e-9)) * np.where(yearly, 12, 1)
    plan = random.choice(list(PLANS), n, p=[0.5, 0.35, 0.15])
    price = np.vectorize(PLANS.__getitem__)(plan)
    ids = make_ids(people.arrival.size, style, seed)
    begun = pl.Series("begun", np.floor(people.arrival[chosen]).astype(np.int64))
    last = start.toordinal() - date(1970, 1, 1).toordinal() + days
    return (
        pl.DataFrame({"customer_id": ids.gather(pl.Series(chosen)), "plan": plan.tolist(), "begun": begun})
        .with_columns(
            start_date=days_to_dates("begun", start),
            months=pl.Series(np.minimum(months, 1200)),
            monthly_revenue=money(pl.lit(pl.Series(price))),
            prepaid_months=pl.Series(np.where(yearly, 12, 1)),
        )
        .with_columns(end_date=pl.col("start_date").dt.offset_by(pl.format("{}mo", "months")))
        .select(
            "customer_id",
            "plan",
            "start_date",
            end_date=pl.when(pl.col("end_date").cast(pl.Int32) < last).then("end_date"),
            monthly_revenue="monthly_revenue",
            prepaid_months="prepaid_months",
        )
    )
