"""Actions that hang on a day: the dealer's 36 contacts, birthdays, renewals, holidays, steps; conditions and costs."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import GOOD, Clv

from clvcli.commands.plan.calls import Days, calls
from clvcli.core.errors import ConfigError
from clvcli.lifecycle.actions import of_rules
from clvcli.lifecycle.load import parse_rules

START = date(2026, 1, 1)


def planned(action: str, days: int = 90, more: str = "", earlier: Any = None, **columns: Any) -> pl.DataFrame:
    """The calls of customers in one stage with one action; `columns`: what differs from a usual customer."""
    rules = parse_rules(f"{more}\nstages:\n  - {{stage: s, when: purchases > 0, actions: [{action}]}}\n", "test.yaml")
    usual = {
        "customer_id": "A", "stage": "s", "first_purchase_date": date(2025, 1, 31), "stage_changed": False,
        "last_purchase_date": date(2025, 12, 1), "next_purchase_date": date(2026, 2, 1), "p_purchase": 0.5,
    }  # fmt: skip
    whole = usual | columns
    frame = pl.DataFrame({k: v if isinstance(v, list) else [v] for k, v in whole.items()})
    past = None
    if earlier:
        past = pl.DataFrame({"customer_id": ["A"], "day": [earlier[0]], "action": [earlier[1]]})
    end = START + timedelta(days=days - 1)
    found, _ = calls(frame, of_rules(rules), [], Days(START, end), past)
    return found.sort("day")


def test_the_dealers_36_contacts_in_three_years_hang_on_the_purchase() -> None:
    action = "{action: write, channel: email, after: {first_purchase: 1m}, every: 1m, times: 36}"
    found = planned(action, days=1200, first_purchase_date=date(2025, 12, 31))
    assert found.height == 36
    # A month after 31 December, then from that day on: January has 31 days, February its last.
    assert found["day"].head(3).to_list() == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert found["day"][-1] == date(2028, 12, 31)
    # Who bought a year before has had 12 of them; none is made up for.
    late = planned(action, days=1200, first_purchase_date=date(2024, 12, 31))
    assert late.height == 25
    assert late["day"][0] == date(2026, 1, 1)  # that of 31 December, a day late


def test_once_after_and_before_a_day() -> None:
    after = "{action: ask, channel: email, after: {last_purchase: 6w}}"
    assert planned(after).select("day", "due", "reason").rows() == [
        (date(2026, 1, 12), date(2025, 12, 1), "6w after last purchase 2025-12-01")
    ]
    assert planned(after, last_purchase_date=date(2025, 9, 1)).is_empty()
    before = "{action: remind, channel: email, before: {contract_end: 60d}}"
    assert planned(before, contract_end="2026-03-20")["day"].to_list() == [date(2026, 1, 19)]
    assert planned(before, contract_end="")["day"].to_list() == []
    done = planned(before, contract_end="2026-03-20", earlier=(date(2026, 1, 19), "remind"))
    assert done.is_empty()


def test_every_year_and_usage_and_replenishment() -> None:
    birthday = "{action: congratulate, channel: email, before: {birthday: 7d}, every: 1y}"
    assert planned(birthday, birthday="1980-02-10")["day"].to_list() == [date(2026, 2, 3)]
    replace = "{action: offer a new boiler, channel: mail, after: {boiler_bought: 10y}}"
    assert planned(replace, boiler_bought="2016-02-29")["day"].to_list() == [date(2026, 2, 28)]
    service = "{action: offer a service, channel: phone, before: {last_visit+15000/km_a_month: 14d}}"
    found = planned(service, last_visit="2025-01-15", km_a_month=1250.0)
    assert found["day"].to_list() == [date(2026, 1, 1)]  # due 15 January 2026
    refill = "{action: remind of the refill, channel: email, before: {next_purchase: 5d}}"
    assert planned(refill)["day"].to_list() == [date(2026, 1, 27)]


def test_entry_into_the_stage() -> None:
    action = "{action: welcome, channel: email, after: stage_entry}"
    assert planned(action, stage_changed=True)["day"].to_list() == [START]
    assert planned(action).is_empty()


def test_holidays_of_a_country_and_own_days() -> None:
    own = "holidays: {dates: {Open Day: [2026-03-07, 2027-03-06]}}"
    action = "{action: invite, channel: email, before: {Open Day: 2w}}"
    assert planned(action, more=own)["day"].to_list() == [date(2026, 2, 21)]
    pytest.importorskip("holidays")
    easter = "{action: greet, channel: email, before: {Easter Sunday: 7d}}"
    assert planned(easter, more="holidays: {country: NL}")["day"].to_list() == [date(2026, 3, 29)]
    with pytest.raises(ConfigError, match="no column, moment or holiday 'Easter Sonntag'"):
        planned(easter.replace("Sunday", "Sonntag"), more="holidays: {country: NL}")
    with pytest.raises(ConfigError, match="no country 'XQ'"):
        planned(easter, more="holidays: {country: XQ}")


STEPS = (
    "{action: letter 1, channel: email, every: once, "
    "steps: [{action: letter 2, wait: 3d}, {action: call, wait: 4d, channel: phone}]}"
)


def test_steps_in_order_unless_bought() -> None:
    found = planned(STEPS).select("day", "action", "channel").rows()
    assert found == [
        (date(2026, 1, 1), "letter 1", "email"), (date(2026, 1, 4), "letter 2", "email"),
        (date(2026, 1, 8), "call", "phone"),
    ]  # fmt: skip
    sent = (date(2025, 12, 30), "letter 1")
    assert planned(STEPS, earlier=sent)["action"].to_list() == ["letter 2", "call"]
    assert planned(STEPS, earlier=sent)["day"].to_list() == [date(2026, 1, 2), date(2026, 1, 6)]
    assert planned(STEPS, earlier=sent, last_purchase_date=date(2025, 12, 31)).is_empty()


def test_condition_cost_and_variants() -> None:
    two: dict[str, Any] = {"customer_id": ["A", "B"], "cart": [True, False], "response_rate": ["0.2", None]}
    usual: dict[str, Any] = {"stage": ["s", "s"], "stage_changed": [False, False], "p_purchase": [0.5, 0.1]}
    days: dict[str, Any] = {
        n: [date(2025, 12, 1)] * 2 for n in ("first_purchase_date", "last_purchase_date", "next_purchase_date")
    }
    action = "{action: remind, when: cart, channel: email, cost: {contact: 0.1, click: 0.5, sale: 2}, variants: [x, y]}"
    found = planned(action, more="attributes: {cart: {type: boolean}}", **two, **usual, **days)
    assert found["customer_id"].to_list() == ["A"]
    assert found["own_cost"].to_list() == [pytest.approx(0.1 + 0.5 * 0.2 + 2 * 0.5)]
    assert found["own_variant"][0] in ("x", "y")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("{action: a, after: {first_purchase: soon}}", "span like"),
        ("{action: a, after: {x: 1d, y: 2d}}", "is one day"),
        ("{action: a, after: x, before: y}", "both after and before"),
        ("{action: a, times: 3}", "times without after or before"),
        ("{action: a, steps: [{action: b, wayt: 3d}]}", "did you mean wait"),
        ("{action: a, cost: -1}", "greater than or equal to 0"),
    ],
)
def test_mistakes_are_told_with_their_place(action: str, words: str) -> None:
    with pytest.raises(ConfigError) as problem:
        planned(action)
    assert words in f"{problem.value.message} {problem.value.hint}"
    assert problem.value.message.startswith("test.yaml:")


def test_from_the_rules_through_the_manifest_to_the_calendar(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "people.csv").write_text(
        "customer_id,email,cart\n" + "".join(f"c{i},c{i}@x.org,{'true' if i < 5 else 'false'}\n" for i in range(40))
    )
    (tmp_path / "rules.yaml").write_text(
        "attributes: {cart: {type: boolean}}\nholidays: {dates: {Fair: 2025-01-20}}\nstages:\n  - stage: all\n"
        "    when: purchases > 0\n    actions:\n      - {action: remind, when: cart, channel: email, cost: 0.5}\n"
        "      - {action: invite, channel: email, before: {Fair: 10d}, variants: [a, b]}\n"
    )
    assert clv("score", "log.csv", "--customers", "people.csv", "--rules", "rules.yaml", "-o", "t.csv").code == 0
    done = clv("plan", "t.csv", "-o", "plan.csv")
    assert done.code == 0, done.err
    rows = pl.read_csv(tmp_path / "plan.csv")
    counts = dict(rows.group_by("action").len().iter_rows())
    assert counts == {"remind": 5, "invite": 40}
    assert set(rows.filter(pl.col("action") == "remind")["cost"]) == {0.5}
    assert set(rows.filter(pl.col("action") == "invite")["variant"]) == {"a", "b"}
    scored = pl.read_csv(tmp_path / "t.csv")
    first = dict(scored.group_by("action").len().iter_rows())
    assert first == {"remind": 5, "invite": 35}


def test_actions_of_every_stage_are_the_moments_of_the_rules() -> None:
    """Birthday, service by usage and replacement, as --on, --usage and --replace have them; stages without an action of
    their own have none of these.
    """
    rules = parse_rules(
        "attributes: {birthday: {type: date}, last_visit: {type: date}, km: {type: number}, boiler: {type: date}}\n"
        "actions:\n"
        "  - {action: greet, channel: email, before: {birthday: 7d}, every: 1y}\n"
        "  - {action: service, channel: phone, campaign: workshop, before: {last_visit+15000/km: 14d}}\n"
        '  - {action: replace, channel: email, before: {"boiler+10y": 60d}}\n'
        "stages:\n"
        "  - {stage: s, when: purchases > 1, actions: [{action: write, channel: email, every: 1y}]}\n"
        "  - {stage: t, when: purchases = 1, actions: [{action: call, channel: phone, every: 1y}]}\n"
        "  - {stage: quiet, when: purchases = 0}\n",
        "test.yaml",
    )
    frame = pl.DataFrame({
        "customer_id": ["A", "B", "C"], "stage": ["s", "t", "quiet"],
        "birthday": [date(1980, 3, 1), date(1990, 2, 28), date(1980, 3, 1)],
        "last_visit": [date(2025, 2, 5), None, None], "km": [1250.0, None, None],
        "boiler": [None, date(2016, 4, 1), None],
        "next_purchase_date": pl.Series([None] * 3, dtype=pl.Date),
    })  # fmt: skip
    found, _ = calls(frame, of_rules(rules), [], Days(START, date(2026, 3, 31)))
    moments = found.filter(pl.col("priority") == 0).sort("customer_id", "day")
    assert moments.select("customer_id", "action", "campaign", "day", "due").rows() == [
        ("A", "service", "workshop", date(2026, 1, 22), date(2026, 2, 5)),  # 15,000 km at 1,250 a month: a year
        ("A", "greet", "greet", date(2026, 2, 22), date(2026, 3, 1)),
        ("B", "replace", "replace", date(2026, 1, 31), date(2026, 4, 1)),
        ("B", "greet", "greet", date(2026, 2, 21), date(2026, 2, 28)),
    ]


def test_campaigns_may_have_a_control_group_of_their_own(clv: Clv, tmp_path: Path) -> None:
    """Who is in it gets no contact of this campaign, and those of another; the list beside the calendar has all."""
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "rules.yaml").write_text(
        "stages:\n  - stage: all\n    when: purchases > 0\n    actions:\n"
        "      - {action: write, campaign: spring, channel: email, every: 30d, control: 0.5}\n"
        "      - {action: call, channel: phone, every: 30d, cost: 2}\n"
    )
    assert clv("score", "log.csv", "--rules", "rules.yaml", "-o", "s.csv").code == 0
    done = clv("plan", "s.csv", "-o", "p.csv", "--cap", "9/1d", "--json")
    assert done.code == 0, done.err
    made = pl.read_csv(tmp_path / "p.csv", infer_schema=False)
    due = pl.read_csv(tmp_path / "p.csv.due.csv", infer_schema=False)
    held = due.filter(pl.col("in_control") == "true")
    assert set(held["campaign"]) == {"spring"}
    assert 0 < held.height < due.filter(pl.col("campaign") == "spring").height
    assert made.join(held, on=["customer_id", "campaign"], how="semi").is_empty()
    everybody = set(due["customer_id"])
    assert set(due.filter(pl.col("campaign") == "call")["customer_id"]) == everybody
    assert set(due.filter(pl.col("campaign") == "spring")["customer_id"]) == everybody
