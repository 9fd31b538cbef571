"""Derived fields by hand, stage changes, and warnings of a lopsided portfolio."""

from datetime import date

import polars as pl
import pytest

from clvcli.core.errors import InputError
from clvcli.lifecycle.balance import balance_notices
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.derived import Facts, derive
from clvcli.lifecycle.load import parse_rules
from clvcli.lifecycle.names import DERIVED
from clvcli.lifecycle.previous import gone_since, with_previous

AS_OF = date(2024, 12, 31)
BATCH = pl.DataFrame(
    {
        "customer_id": ["a", "b", "c", "lead"],
        "purchases": [5, 1, 4, 0],
        "first_purchase_date": [date(2024, 1, 1), date(2024, 12, 1), date(2024, 6, 1), None],
        "last_purchase_date": [date(2024, 12, 11), date(2024, 12, 1), date(2024, 9, 9), None],
        "days_since_last_purchase": [20, 30, 113, None],
        "p_alive": [0.9, 1.0, 0.5, None],
        "p_purchase": [0.9, 0.3, 0.3, None],
        "clv": [30.0, 10.0, 0.0, None],
        "total": [1000, 500, 300, 0],
        "last3_total": [900, 500, 300, 0],
    }
)
FACTS = Facts(AS_OF, typical_gap=99.0, mean_gap=60.0, mean_p_purchase=0.5, total_clv=40.0)


def field(name: str, facts: Facts = FACTS) -> list[object]:
    found = derive(BATCH, {name, "purchases", "own_field"}, facts)
    assert set(found.columns) - set(BATCH.columns) == {name}
    assert found.schema[name] == DERIVED[name][0]
    return found[name].to_list()


def test_fields_by_hand() -> None:
    assert field("as_of") == [AS_OF] * 4
    assert field("customer_age_days") == [365, 30, 213, None]
    assert field("typical_gap") == [99.0] * 4
    assert field("p_purchase_vs_average") == pytest.approx([1.8, 0.6, 0.6, None])
    assert field("value_share") == [0.75, 0.25, 0.0, None]
    # (345 active days + 60) / (4 gaps + 1) = 81; 60 / 1; (100 + 60) / (3 + 1) = 40
    assert field("overdue") == pytest.approx([20 / 81, 0.5, 113 / 40, None])
    # The last three: 900 / 3; the two earlier: 100 / 2. Four purchases of which the earlier one was free: unknown.
    assert field("spend_trend") == [6.0, None, None, None]


def test_unknown_facts_give_nulls() -> None:
    nothing = Facts(AS_OF)
    for name in ("typical_gap", "overdue", "p_purchase_vs_average", "value_share"):
        assert field(name, nothing) == [None] * 4
    assert field("value_share", Facts(AS_OF, total_clv=0.0)) == [None] * 4


def test_the_same_on_a_batch_of_one() -> None:
    whole = derive(BATCH, set(DERIVED), FACTS)
    assert pl.concat([derive(BATCH[i : i + 1], set(DERIVED), FACTS) for i in range(4)]).equals(whole)


def test_previous_stage_and_change() -> None:
    table = pl.DataFrame({"customer_id": ["a", "b", "c", "d"], "stage": ["x", "y", "x", None]})
    earlier = pl.DataFrame(
        {"customer_id": ["e", "b", "a", "d"], "stage": ["x", "x", "x", None], "clv": ["1", "2", "3", None]}
    )
    beside = with_previous(table, earlier)
    assert beside.columns == ["customer_id", "stage", "previous_stage", "_previous_clv", "_known", "stage_changed"]
    assert beside["customer_id"].to_list() == ["a", "b", "c", "d"]
    assert beside["previous_stage"].to_list() == ["x", "x", None, None]
    assert beside["_previous_clv"].to_list() == [3.0, 2.0, None, None]
    assert beside["stage_changed"].to_list() == [False, True, True, False]
    assert beside["_known"].to_list() == [True, True, None, True]
    assert gone_since(table, earlier) == {"x": 1}
    assert with_previous(beside, earlier).equals(beside)


@pytest.mark.parametrize(
    "earlier",
    [
        pl.DataFrame({"customer_id": ["a"]}),
        pl.DataFrame({"stage": ["a"]}),
        pl.DataFrame({"customer_id": ["a", "a"], "stage": ["x", "y"]}),
        pl.DataFrame({"customer_id": [None], "stage": ["x"]}, schema_overrides={"customer_id": pl.String}),
    ],
)
def test_previous_refuses_what_is_no_scored_table(earlier: pl.DataFrame) -> None:
    with pytest.raises(InputError, match=r"old\.csv"):
        with_previous(pl.DataFrame({"customer_id": ["a"], "stage": ["x"]}), earlier, "old.csv")


def test_balance_warns_of_empty_and_heavy_stages() -> None:
    text = "balance: {empty: true, max_share: 0.5}\nstages:\n- {stage: a, when: clv > 1}\n- {stage: b, when: clv < 0}\n"
    rules = compile_rules(parse_rules(text, "t.yaml"), {})
    notices = balance_notices(rules, {"a": 2, "otherwise": 1})
    assert [n.code for n in notices] == ["leaning_stage", "empty_stage"]
    assert "67%" in notices[0].message
    silent = compile_rules(parse_rules(text.split("\n", 1)[1], "t.yaml"), {})
    assert balance_notices(silent, {"a": 1}) == []
