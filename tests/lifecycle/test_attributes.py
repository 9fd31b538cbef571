"""--customers: types, contactable, ids, and what is refused."""

from datetime import date

import polars as pl
import pytest

from clvcli.core.errors import InputError
from clvcli.lifecycle.attributes import attribute_schema, attributes
from clvcli.lifecycle.load import parse_rules

RULES = parse_rules(
    """
attributes:
  visits: {type: integer, default: 0}
  rate: {type: number}
  since: {type: date}
  vip: {type: boolean}
  city: {type: text, default: nowhere}
stages: [{stage: a, when: purchases > 0}]
""",
    "t.yaml",
)


def frame(**columns: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def test_values_take_the_declared_types() -> None:
    found = attributes(
        frame(
            customer_id=[" b ", "a"], visits=["3", ""], rate=["0.5", None], since=["2024-06-01", "2024-06-02T10:00:00"],
            vip=["Yes", "0"], city=["  ", "Ulm"], note=["x", " "],
        ),
        RULES,
    )  # fmt: skip
    assert found.to_dicts() == [
        {"customer_id": "a", "contactable": False, "visits": 0, "rate": None, "since": date(2024, 6, 2), "vip": False,
         "city": "Ulm", "note": None},
        {"customer_id": "b", "contactable": False, "visits": 3, "rate": 0.5, "since": date(2024, 6, 1), "vip": True,
         "city": "nowhere", "note": "x"},
    ]  # fmt: skip
    assert attribute_schema(RULES, found)["visits"] == pl.Int64
    assert "customer_id" not in attribute_schema(RULES, found)


@pytest.mark.parametrize("column", ["email", "E-Mail", "phone", "Phone Number", "address"])
def test_contactable_by_any_way(column: str) -> None:
    ways: list[str | None] = ["x", " ", None]
    found = attributes(frame(customer_id=["a", "b", "c"], **{column: ways}), RULES)
    assert found["contactable"].to_list() == [True, False, False]


def test_contactable_by_itself_wins() -> None:
    found = attributes(frame(id=["a", "b"], email=["x", "y"], contactable=["no", None]), RULES)
    assert found["contactable"].to_list() == [False, False]


@pytest.mark.parametrize("column", ["customer_id", "Customer ID", "CustomerID", "id", "user-id"])
def test_the_id_column_is_found(column: str) -> None:
    assert attributes(pl.DataFrame({column: ["a"], "visits": ["1"]}), RULES)["customer_id"].to_list() == ["a"]


def test_equal_rows_count_once() -> None:
    assert attributes(frame(customer_id=["a", "a "], visits=["1", "1"]), RULES).height == 1


BAD = {
    "two rows": ({"customer_id": ["a", "a"], "visits": ["1", "2"]}, "different rows"),
    "empty id": ({"customer_id": ["a", " "]}, "no customer_id"),
    "no id": ({"name": ["a"]}, "no customer id column"),
    "bad integer": ({"customer_id": ["a"], "visits": ["1.5"]}, "visits are not a whole number"),
    "bad number": ({"customer_id": ["a"], "rate": ["nan"]}, "rate are not a number"),
    "bad date": ({"customer_id": ["a"], "since": ["2024-02-30"]}, "since are not a date"),
    "bad boolean": ({"customer_id": ["a"], "vip": ["maybe"]}, "vip are not true or false"),
    "bad contactable": ({"customer_id": ["a"], "contactable": ["perhaps"]}, "contactable are not true or false"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_refused(case: str) -> None:
    columns, words = BAD[case]
    with pytest.raises(InputError) as caught:
        attributes(frame(**columns), RULES, name="people.csv")  # type: ignore[arg-type]
    assert caught.value.message.startswith("people.csv: ")
    assert words in caught.value.message
