"""Lift by campaign: small programmes by hand; coverage and false alarms where campaigns overlap; nightly looks."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from compare_tables import OLD_DAY
from numpy.typing import NDArray

from clvcli.commands.compare.campaigns import Campaign, campaigns
from clvcli.commands.compare.contacts import Contacts
from clvcli.commands.compare.lift import TOO_SMALL, LiftRow
from clvcli.commands.compare.pair import Pair, pair_up
from clvcli.commands.compare.power import NIGHTLY, control_share, waiting_days
from clvcli.output.scored_table import ScoredTable

FIRST, EARLIER, LATER = date(2025, 6, 1), date(2025, 12, 1), date(2026, 2, 10)
Flags = NDArray[np.bool_]
Array = NDArray[np.float64]


def pair_of(
    bought: Flags, spent: NDArray[np.floating[Any]], control: Flags, stage: NDArray[np.str_], before: Array
) -> Pair:
    """Two tables 56 days apart. `before`: total_spend in OLD."""
    n = bought.size
    same = {
        "customer_id": pl.Series(range(n)).cast(pl.String), "stage": stage, "in_control": control,
        "action": ["write"] * n, "phase": ["p"] * n, "variant": pl.Series([None] * n, dtype=pl.String),
        "first_purchase_date": [FIRST] * n, "clv": before / 2,
    }  # fmt: skip
    old = pl.DataFrame({**same, "total_spend": before, "purchases": [2] * n}).with_columns(
        last_purchase_date=pl.lit(EARLIER)
    )
    new = pl.DataFrame({**same, "total_spend": before + spent, "purchases": 2 + bought}).with_columns(
        last_purchase_date=pl.when(pl.Series(bought)).then(pl.lit(LATER)).otherwise(pl.lit(EARLIER))
    )
    tables = [
        ScoredTable("t", frame, {"as_of": str(day), "horizon": "12m"})
        for frame, day in zip((old, new), (OLD_DAY, OLD_DAY + timedelta(56)), strict=True)
    ]
    return pair_up(*tables)


def contacts_of(due: dict[str, Flags], control: dict[str, Flags], cost: float = 0.0) -> Contacts:
    """A calendar that reached everybody treated, and the list of those for whom each campaign was due."""
    made, listed = [], []
    for name, flags in due.items():
        ids = pl.Series("customer_id", np.flatnonzero(flags)).cast(pl.String)
        held = pl.Series("in_control", control[name][flags])
        rows = pl.DataFrame([ids, held]).with_columns(campaign=pl.lit(name), variant=pl.lit(None, pl.String))
        listed.append(rows)
        made.append(rows.filter(~pl.col("in_control")).select("customer_id", "campaign", "variant", cost=pl.lit(cost)))
    return Contacts(pl.concat(made), pl.concat(listed))


def row_of(found: tuple[Campaign, ...], name: str, outcome: str) -> LiftRow:
    return next(row for c in found if c.name == name for row in c.rows if row.outcome == outcome)


class Programme:
    """Three campaigns that overlap: `new` and `half` of the stages, `some` of anybody; one control group of a fifth.

    Who buys has a chance of its own; a campaign adds to it what `effects` says.
    """

    NAMES = ("new", "half", "some")

    def __init__(self, random: np.random.Generator, n: int, effects: tuple[float, ...]) -> None:
        stage = random.choice(["new", "regular", "lost"], n)
        base = np.select([stage == "new", stage == "regular"], [0.25, 0.4], 0.15) * random.uniform(0.5, 1.5, n)
        before = base * random.gamma(2, 150, n)
        due = {"new": stage != "lost", "half": (stage != "new") & (random.random(n) < 0.5),
               "some": random.random(n) < 0.4}  # fmt: skip
        self.control = random.random(n) < 0.2
        chance = base + sum(e * (due[name] & ~self.control) for name, e in zip(self.NAMES, effects, strict=True))
        bought = random.random(n) < chance
        spent = np.where(bought, random.gamma(3, 20, n), 0.0)
        self.pair = pair_of(bought, spent, self.control, stage, before)
        self.contacts = contacts_of(due, dict.fromkeys(self.NAMES, self.control))

    def found(self) -> tuple[Campaign, ...]:
        return campaigns(self.pair, self.contacts, 1e9, 1.0)[0]


@pytest.mark.slow
def test_a_thousand_programmes_of_overlapping_campaigns() -> None:
    """93 to 97 % of the intervals hold the truth; the campaign without an effect is claimed in at most 6 %."""
    random, effects = np.random.default_rng(11), (0.08, 0.0, 0.05)
    covered = dict.fromkeys([(name, out) for name in Programme.NAMES for out in ("bought", "spend")], 0)
    alarms = 0
    for _ in range(1000):
        found = Programme(random, 3000, effects).found()
        for name, effect in zip(Programme.NAMES, effects, strict=True):
            for outcome, truth in (("bought", effect), ("spend", 60 * effect)):
                best = row_of(found, name, outcome).best
                assert best is not None
                covered[name, outcome] += best.low <= truth <= best.high
        alarms += any(row_of(found, "half", outcome).verdict != TOO_SMALL for outcome in ("bought", "spend"))
    assert all(930 <= number <= 970 for number in covered.values()), covered
    assert alarms <= 60, alarms


@pytest.mark.slow
def test_a_thousand_programmes_without_an_effect() -> None:
    """At most 6 % of them claim anything."""
    random = np.random.default_rng(12)
    alarms = sum(
        any(row.verdict != TOO_SMALL for c in Programme(random, 2000, (0, 0, 0)).found() for row in c.rows)
        for _ in range(1000)
    )
    assert alarms <= 60, alarms


def by_hand(n: int = 1000) -> tuple[Flags, Flags, NDArray[np.str_], Array]:
    """Bought, control, stage and spend before of n customers: every fifth in control, of whom 10 % buy, else 30 %."""
    number = np.arange(n)
    control = number % 5 == 0
    bought = np.where(control, number % 50 < 5, number % 10 < 3)
    return bought, control, np.repeat("regular", n), np.full(n, 100.0)


def test_one_campaign_by_hand() -> None:
    """240 or 320 of 800 treated against 20 of 200: by hand; ten a purchase, two a contact."""
    bought, control, stage, before = by_hand()
    due = {"spring": np.ones(1000, dtype=bool)}
    pair = pair_of(bought, bought * 10.0, control, stage, before)
    (found,), variants, notices = campaigns(pair, contacts_of(due, {"spring": control}, 2.0), 1e9, 0.5)
    treated, untreated = bought[~control].mean(), bought[control].mean()
    row = row_of((found,), "spring", "bought")
    assert (found.contacts, found.contacted, found.treated, found.control, found.cost) == (800, 800, 800, 200, 1600.0)
    assert row.best is not None
    assert row.best.estimate == pytest.approx(treated - untreated)
    assert row.verdict == "more"
    assert found.brought is not None
    assert found.brought[0] == pytest.approx((treated - untreated) * 10 * 800 * 0.5)
    assert found.returned is not None
    assert found.returned[0] == pytest.approx((found.brought[0] - 1600) / 1600)
    assert (variants, notices) == ((), ())


def test_who_was_not_reached_counts() -> None:
    """Intention to treat: half of the calls were refused by a limit; the arms are as if all had been made."""
    bought, control, stage, before = by_hand()
    pair = pair_of(bought, bought * 10.0, control, stage, before)
    whole = contacts_of({"spring": np.ones(1000, dtype=bool)}, {"spring": control})
    half = Contacts(whole.made.head(400), whole.due)
    (all_made,), _, _ = campaigns(pair, whole, 1e9, 1.0)
    (some_made,), _, _ = campaigns(pair, half, 1e9, 1.0)
    assert (all_made.contacted, some_made.contacted) == (800, 400)
    assert some_made.rows == all_made.rows


def test_campaigns_of_the_same_people_stand_together() -> None:
    bought, control, stage, before = by_hand()
    pair = pair_of(bought, bought * 10.0, control, stage, before)
    due = dict.fromkeys(("letter", "call"), np.ones(1000, dtype=bool))
    found, _, _ = campaigns(pair, contacts_of(due, dict.fromkeys(due, control)), 1e9, 1.0)
    assert [(c.name, c.contacts) for c in found] == [("call + letter", 1600)]


def test_a_control_group_of_its_own_parts_campaigns_of_the_same_people() -> None:
    """Both were due for everybody; the letter, which does nothing, has its own control group beside the common one."""
    random = np.random.default_rng(5)
    n = 6000
    control, own = random.random(n) < 0.2, random.random(n) < 0.3
    bought = random.random(n) < np.where(control, 0.2, 0.35)
    pair = pair_of(bought, bought * 10.0, control, np.repeat("regular", n), random.gamma(2, 50, n))
    due = dict.fromkeys(("call", "letter"), np.ones(n, dtype=bool))
    found, _, _ = campaigns(pair, contacts_of(due, {"call": control, "letter": control | own}), 1e9, 1.0)
    call, letter = row_of(found, "call", "bought"), row_of(found, "letter", "bought")
    assert (call.verdict, letter.verdict) == ("more", TOO_SMALL)
    assert call.best is not None
    assert call.best.low <= 0.15 <= call.best.high


def test_what_others_brought_is_not_claimed() -> None:
    """Due for the same people but 5: nothing tells the two apart, so neither has an estimate."""
    bought, control, stage, before = by_hand()
    pair = pair_of(bought, bought * 10.0, control, stage, before)
    nearly = np.arange(1000) >= 5
    due = {"call": np.ones(1000, dtype=bool), "letter": nearly}
    found, _, _ = campaigns(pair, contacts_of(due, dict.fromkeys(due, control)), 1e9, 1.0)
    assert {row.verdict for c in found for row in c.rows} == {TOO_SMALL}
    assert all(row.best is None for c in found for row in c.rows)


def test_contacts_without_a_list_count_the_stages() -> None:
    bought, control, _, before = by_hand()
    stage = np.where(np.arange(1000) < 500, "regular", "lost")
    pair = pair_of(bought, bought * 10.0, control, stage, before)
    made = pl.DataFrame(
        {"customer_id": ["1", "2"], "campaign": ["spring"] * 2, "variant": [None] * 2, "cost": [1.0] * 2}
    )
    (found,), _, notices = campaigns(pair, Contacts(made, None), 1e9, 1.0)
    assert (found.treated, found.control, found.contacted) == (400, 100, 2)
    assert [n.code for n in notices] == ["not_due"]


def test_contacts_of_nobody_are_told() -> None:
    bought, control, stage, before = by_hand()
    pair = pair_of(bought, bought * 10.0, control, stage, before)
    made = pl.DataFrame({"customer_id": ["x"], "campaign": ["spring"], "variant": [None], "cost": [1.0]})
    found, _, notices = campaigns(
        pair,
        Contacts(made, made.clear().select("customer_id", "campaign", "variant", in_control=pl.lit(True))),
        1e9,
        1.0,
    )
    assert (found, [n.code for n in notices]) == ((), ["no_contacts"])


def test_how_long_and_how_large() -> None:
    """(1.96 + .8416)^2 = 7.849. With 500 in each arm: .2 p >= 2.8016 sqrt(p (1 - p) / 250) from p = .4395 on."""
    days = waiting_days(0.2, 30, 500, 500)
    assert days is not None
    reached, before = (1 - 0.8 ** (d / 30) for d in (days, days - 1))
    assert reached >= 0.43973 > before
    assert waiting_days(0.001, 30, 500, 500) is None
    # 4,000 customers, a half of whom buy: c (1 - c) >= 7.849 * .25 / (.01 * 4000) = .04906.
    assert control_share(0.5, 4000) == pytest.approx(0.0517, abs=1e-4)
    assert control_share(0.1, 400) is None


@pytest.mark.slow
def test_what_an_interval_covers_when_it_is_looked_at_every_night() -> None:
    """56 nights of 400 programmes without an effect: 95 % intervals hold on all nights in far fewer; NIGHTLY does."""
    random, n, nights = np.random.default_rng(6), 2000, 56
    once = always = 0
    for _ in range(400):
        rate = random.gamma(0.8, 1 / 80, n)
        day = random.exponential(1 / np.maximum(rate, 1e-9))
        control = random.random(n) < 0.2
        z = []
        for night in range(7, nights + 1):
            bought = day < night
            one, zero = bought[~control], bought[control]
            z.append(abs(one.mean() - zero.mean()) / np.sqrt(one.var() / one.size + zero.var() / zero.size))
        once += max(z) <= 1.96
        always += max(z) <= NIGHTLY
    assert once <= 0.9 * 400, once
    assert always >= 0.95 * 400, always
