"""Caps, capacity and budget: by hand, and over random caps and cadences."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clvcli.commands.plan.job import Planned, planned_from
from clvcli.commands.plan.limits import Call, Limits, allot, allowed, capacity_of, caps_of, costs_of
from clvcli.core.errors import UsageError
from clvcli.core.horizon import parse_span
from clvcli.core.options import PlanOptions
from clvcli.output.scored_table import ScoredTable

AS_OF = date(2026, 1, 1)


def call(customer: str, day: int, channel: str = "email", max_cost: float | None = None) -> Call:
    return Call(customer, channel, day, max_cost)


def test_cap_moves_a_contact_to_the_first_free_day() -> None:
    # 1 in 7 days: 0, then 1 -> 7; 20 stays; 22 -> 27.
    found = allot([call("A", 0), call("A", 1), call("A", 20), call("A", 22)], Limits(caps=((1, 7),), late=7), 99, {})
    assert found.days == (0, 7, 20, 27)
    late = allot([call("A", 0), call("A", 1)], Limits(caps=((1, 7),), late=3), 99, {})
    assert (late.days, late.dropped) == ((0, None), {"cap": 1})


def test_two_caps_and_earlier_contacts() -> None:
    # 1 in 3 days and 2 in 10: contacts on 0 and 3 fill 10 days; the next is 10. An earlier one on -2 counts.
    limits = Limits(caps=((1, 3), (2, 10)), late=30)
    assert allot([call("A", 0)] * 3, limits, 99, {}).days == (0, 3, 10)
    assert allot([call("A", 0)] * 2, limits, 99, {"A": [-2]}).days == (1, 8)


def test_capacity_of_a_day_and_of_a_channel() -> None:
    calls = [call("A", 5, "phone"), call("B", 5, "phone"), call("C", 5), call("D", 5)]
    found = allot(calls, Limits(capacity={None: 2, "phone": 1}, late=1), 99, {})
    assert found.days == (5, 6, 5, 6)  # phone once a day, two contacts a day in all
    full = allot(calls, Limits(capacity={None: 1}, late=1), 99, {})
    assert (full.days, full.dropped) == ((5, 6, None, None), {"capacity": 2})


def test_budget_and_max_cost() -> None:
    # Phone costs 4. The budget of 9 pays two calls; e-mail is free. B may cost 3: no call for B.
    limits = Limits(cost={"phone": 4.0}, budget=9.0)
    calls = [
        call("A", 1, "phone"),
        call("B", 1, "phone", 3.0),
        call("C", 1, "phone"),
        call("D", 1, "phone"),
        call("E", 1),
    ]
    found = allot(calls, limits, 99, {})
    assert found.days == (1, None, 1, None, 1)
    assert (found.cost, found.dropped) == (8.0, {"budget": 1, "max_cost": 1})


def test_options_of_limits() -> None:
    assert caps_of(("1/7d", "4/1m")) == ((1, 7), (4, 31))
    assert capacity_of(("200", "phone=20")) == {None: 200, "phone": 20}
    assert costs_of(("phone=4.5",)) == {"phone": 4.5}
    for function, text in ((capacity_of, "phone=many"), (costs_of, "4"), (costs_of, "phone=-1")):
        with pytest.raises(UsageError):
            function((text,))


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(1, 3), st.integers(1, 12), st.integers(0, 60))
def test_allowed_agrees_with_counting_every_window(made: list[int], count: int, span: int, day: int) -> None:
    kept: list[int] = []
    for d in made:
        if allowed(kept, d, ((count, span),)):
            kept = sorted([*kept, d])
    everything = [*kept, day]
    windows = max(sum(s <= d < s + span for d in everything) for s in range(-20, 80))
    assert allowed(kept, day, ((count, span),)) == (windows <= count and day not in kept)


SPANS = st.builds("{}{}".format, st.integers(1, 40), st.sampled_from("dw"))
ACTIONS = st.fixed_dictionaries(
    {"action": st.sampled_from(["write", "call", "visit"]), "channel": st.sampled_from(["email", "phone", None])},
    optional={"every": st.one_of(SPANS, st.just("once")), "lead_time": SPANS},
)
CAPS = st.lists(st.builds("{}/{}d".format, st.integers(1, 4), st.integers(1, 30)), min_size=1, max_size=2)


@st.composite
def tables(draw: st.DrawFn) -> ScoredTable:
    n = draw(st.integers(1, 12))
    day = st.one_of(st.none(), st.integers(1, 200).map(lambda k: AS_OF + timedelta(k)))
    rows = [
        {
            "customer_id": f"c{i}", "stage": draw(st.sampled_from(["a", "b", "quiet"])), "variant": None,
            "in_control": draw(st.booleans()), "clv": draw(st.one_of(st.none(), st.floats(0, 1000))),
            "next_purchase_date": draw(day), "birthday": draw(day),
        }
        for i in range(n)
    ]  # fmt: skip
    schema = {"clv": pl.Float64, "variant": pl.String, "next_purchase_date": pl.Date, "birthday": pl.Date}
    stages: dict[str, Any] = {
        "a": {"max_cost": "0.01 * clv", "actions": draw(st.lists(ACTIONS, max_size=3))},
        "b": {"max_cost": 5.0, "actions": draw(st.lists(ACTIONS, max_size=3))},
        "quiet": {"max_cost": None, "actions": []},
    }
    manifest = {"as_of": AS_OF.isoformat(), "horizon": "12m", "rules": {"stages": stages}}
    return ScoredTable("t.csv", pl.DataFrame(rows, schema_overrides=schema), manifest)


@given(tables(), CAPS, st.integers(1, 5), st.floats(0, 40), st.sampled_from(["7d", "30d", "120d"]))
def test_no_limit_is_ever_broken(table: ScoredTable, caps: list[str], capacity: int, budget: float, days: str) -> None:
    options = PlanOptions(
        scored="t.csv", days=days, caps=tuple(caps), capacity=(str(capacity), "phone=1"), budget=budget,
        cost=("phone=2", "email=0.5"), occasions=("birthday:3d",),
    )  # fmt: skip
    planned = planned_from(table, options)
    contacts = planned.contacts
    people = {row["customer_id"]: row for row in table.frame.to_dicts()}
    wished = {stage: what["actions"] for stage, what in table.manifest["rules"]["stages"].items()}
    each: dict[str, list[date]] = {}
    for row in contacts.to_dicts():
        person = people[row["customer_id"]]
        each.setdefault(row["customer_id"], []).append(row["date"])
        assert not person["in_control"]
        assert wished[person["stage"]]  # never one whose stage has no action
        assert row["action"] in {"birthday", *(a["action"] for a in wished[person["stage"]])}
        assert_explained(row, person)
    end = parse_span(days).after(AS_OF)
    for dates in each.values():
        assert len(set(dates)) == len(dates)  # no double contact
        assert all(AS_OF < d <= end for d in dates)
        for text in caps:
            count, span = text.removesuffix("d").split("/")
            assert all(sum(s <= d < s + timedelta(int(span)) for d in dates) <= int(count) for s in dates)
    assert max(Counter(contacts["date"]).values(), default=0) <= capacity
    assert max(Counter(contacts.filter(pl.col("channel") == "phone")["date"]).values(), default=0) <= 1
    assert_affordable(planned, people, budget)


def assert_explained(row: dict[str, Any], person: dict[str, Any]) -> None:
    reason = row["reason"]
    if reason.startswith("next purchase"):
        assert reason == f"next purchase expected {person['next_purchase_date']}"
    elif reason.startswith("birthday"):
        born = person["birthday"]
        assert (row["due_date"].month, row["due_date"].day) in {(born.month, born.day), (2, 28)}
        assert reason == f"birthday {row['due_date']}"
    else:
        assert reason == "once in this stage" or reason.startswith("every ")


def assert_affordable(planned: Planned, people: dict[str, Any], budget: float) -> None:
    total = sum(planned.contacts["cost"])
    assert total <= budget + 1e-6
    assert planned.cost == pytest.approx(total)
    for customer, cost in planned.contacts.group_by("customer_id").agg(pl.col("cost").sum()).iter_rows():
        person = people[customer]
        limit = 5.0 if person["stage"] == "b" else 0.01 * (person["clv"] or 0.0)
        assert cost <= limit + 1e-6


def test_the_highest_value_comes_first() -> None:
    rows = [
        {"customer_id": c, "stage": "a", "in_control": False, "clv": v} for c, v in (("x", 1.0), ("y", 9.0), ("z", 5.0))
    ]
    manifest = {
        "as_of": AS_OF.isoformat(), "horizon": "12m",
        "rules": {"stages": {"a": {"actions": [{"action": "call", "channel": "phone"}]}}},
    }  # fmt: skip
    options = PlanOptions(scored="t", capacity=("1",), late="1d")
    planned = planned_from(ScoredTable("t", pl.DataFrame(rows), manifest), options)
    assert planned.contacts.select("customer_id", "date").rows() == [
        ("y", AS_OF + timedelta(1)), ("z", AS_OF + timedelta(2))
    ]  # fmt: skip
    assert planned.dropped == {"capacity": 1}


def test_the_same_table_gives_the_same_calendar_in_any_order() -> None:
    rows = [{"customer_id": f"{i}", "stage": "a", "in_control": False, "clv": float(i % 3)} for i in range(30)]
    manifest = {
        "as_of": AS_OF.isoformat(), "horizon": "12m",
        "rules": {"stages": {"a": {"actions": [{"action": "call", "channel": "phone", "every": "9d"}]}}},
    }  # fmt: skip
    options = PlanOptions(scored="t", capacity=("4",))
    there = planned_from(ScoredTable("t", pl.DataFrame(rows), manifest), options).contacts
    back = planned_from(ScoredTable("t", pl.DataFrame(rows[::-1]), manifest), options).contacts
    assert there.equals(back)
