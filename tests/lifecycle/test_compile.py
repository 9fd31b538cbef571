"""Rules compiled to one chain: nulls, order, defaults, batches, control group."""

import hashlib
from datetime import date

import polars as pl
import pytest
from lifecycle.people import customers

from clvcli.core.errors import ConfigError
from clvcli.engines import local
from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.load import load_rules, parse_rules
from clvcli.scoring.series.stages import Campaign

TEXT = """
stages:
  - {stage: big, phase: up, when: clv > 50, actions: [{action: call}, {action: mail}]}
  - {stage: late, when: overdue > 2}
  - {stage: buyer, when: purchases >= 1}
otherwise: {stage: rest, phase: down}
"""


def frame(**columns: list[object]) -> pl.DataFrame:
    height = len(next(iter(columns.values())))
    base = {"customer_id": [f"c{i}" for i in range(height)], "clv": [None] * height, "overdue": [None] * height}
    base |= {"purchases": [0] * height, **columns}
    types = {"clv": pl.Float64, "overdue": pl.Float64, "purchases": pl.Int64}
    return pl.DataFrame(base, schema_overrides={k: v for k, v in types.items() if k in base})


def test_the_first_that_matches_wins_and_null_is_no_match() -> None:
    rules = compile_rules(parse_rules(TEXT, "t.yaml"), {})
    found = rules.classify(
        frame(clv=[60.0, 10.0, None, None, None], overdue=[3.0, 3.0, 3.0, None, None], purchases=[1, 1, 1, 1, 0])
    )
    assert found["stage"].to_list() == ["big", "late", "late", "buyer", "rest"]
    assert found["phase"].to_list() == ["up", None, None, None, "down"]
    assert found["action"].to_list() == ["call", None, None, None, None]
    assert found["in_control"].to_list() == [False] * 5
    assert found["variant"].to_list() == [None] * 5
    assert found.schema["variant"] == pl.String
    assert rules.needs == {"clv", "overdue", "purchases"}
    assert rules.stage_names == (("big", "up"), ("late", None), ("buyer", None), ("rest", "down"))


def test_constant_conditions_fill_every_row() -> None:
    rules = compile_rules(parse_rules("stages:\n- {stage: all, when: true}\n- {stage: none, when: false}\n", "t"), {})
    assert rules.classify(frame(clv=[1.0, 2.0, None]))["stage"].to_list() == ["all"] * 3
    assert rules.classify(frame(clv=[1.0, 2.0, None])[:0])["stage"].to_list() == []


def test_columns_of_null_type_and_narrow_ones_are_taken() -> None:
    rules = compile_rules(parse_rules(TEXT, "t.yaml"), {})
    odd = pl.DataFrame(
        {"customer_id": ["a"], "clv": [None], "overdue": [None], "purchases": pl.Series([3], dtype=pl.UInt8)}
    )
    assert rules.classify(odd)["stage"].to_list() == ["buyer"]


def test_attributes_take_their_defaults() -> None:
    text = """
attributes: {vip: {type: boolean, default: true}, since: {type: date, default: 2024-01-01}, region: {type: text}}
stages:
  - {stage: a, when: vip AND since = DATE '2024-01-01' AND region IS NULL AND NOT contactable}
"""
    rules = compile_rules(parse_rules(text, "t.yaml"), {})
    assert rules.classify(frame(clv=[1.0, 2.0]))["stage"].to_list() == ["a", "a"]
    given = compile_rules(
        parse_rules(text, "t.yaml"), {"vip": pl.Boolean(), "since": pl.Date(), "contactable": pl.Boolean()}
    )
    people = frame(clv=[1.0, 2.0, 3.0]).with_columns(
        vip=pl.Series([True, None, True]),
        since=pl.Series([date(2024, 1, 1)] * 3),
        contactable=pl.Series([None, False, True]),
    )
    assert given.classify(people)["stage"].to_list() == ["a", "a", "otherwise"]  # a null takes the default too
    assert "region" not in given.classify(people).columns


def test_fields_may_use_earlier_fields() -> None:
    text = "fields: {double: purchases * 2, four: double * 2}\nstages:\n- {stage: a, when: four = 8}\n"
    rules = compile_rules(parse_rules(text, "t.yaml"), {})
    found = rules.classify(frame(purchases=[1, 2]))
    assert found["stage"].to_list() == ["otherwise", "a"]
    assert "four" not in found.columns
    assert rules.needs == {"purchases"}


@pytest.mark.parametrize("preset", ["rfm-lifecycle", "saas"])
def test_the_same_on_any_batch_size(preset: str) -> None:
    rules = compile_rules(load_rules(preset), {})
    people = customers(257, 7)
    whole = rules.classify(people)
    for size in (1, 16, 100):
        parts = [rules.classify(people[i : i + size]) for i in range(0, people.height, size)]
        assert pl.concat(parts).equals(whole)
    shuffled = people.sample(fraction=1.0, shuffle=True, seed=3)
    assert rules.classify(shuffled).sort("customer_id").equals(whole.sort("customer_id"))


CONTROL = TEXT + "control_group: {share: 0.3, salt: spring}\nvariants: [A, B, C]\n"


def number(customer: str, salt: str) -> float:
    """The contract, word by word: first 8 bytes of SHA-256(salt + 0x1F + id, UTF-8), big-endian, over 2^64."""
    digest = hashlib.sha256((salt + "\x1f" + customer).encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def test_control_group_and_variants_are_the_contracts_hash() -> None:
    rules = compile_rules(parse_rules(CONTROL, "t.yaml"), {})
    ids = [f"kunde-ü{i}" for i in range(3_000)]
    people = frame(clv=[None] * 3_000).with_columns(customer_id=pl.Series(ids))
    found = rules.classify(people)
    assert found["in_control"].to_list() == [number(i, "spring") < 0.3 for i in ids]
    assert found["variant"].to_list() == ["ABC"[int(number(i, "spring/variant") * 3)] for i in ids]
    assert 0.26 < float(found["in_control"].mean()) < 0.34  # type: ignore[arg-type]
    assert found["variant"].value_counts()["count"].min() > 900  # type: ignore[operator]
    assert rules.classify(people[100:200]).equals(found[100:200])


def test_share_zero_controls_nobody() -> None:
    rules = compile_rules(parse_rules(CONTROL.replace("0.3", "0"), "t.yaml"), {})
    found = rules.classify(frame(clv=[None] * 100))
    assert not found["in_control"].any()
    assert found["variant"].null_count() == 0


def test_errors_name_file_line_and_stage() -> None:
    with pytest.raises(ConfigError, match=r"^t\.yaml:3:18: stage 'big': unknown column clw") as caught:
        compile_rules(parse_rules(TEXT.replace("clv > 50", "clw > 50").replace("phase: up, ", ""), "t.yaml"), {})
    assert caught.value.hint == "did you mean clv?"


def test_a_column_of_the_run_may_be_used() -> None:
    rules = compile_rules(
        parse_rules("stages:\n- {stage: a, when: region = 'UK'}\n", "t.yaml"), {"region": pl.String()}
    )
    assert rules.classify(frame(clv=[1.0]).with_columns(region=pl.lit("UK")))["stage"].to_list() == ["a"]


def test_the_campaign_in_the_manifest() -> None:
    rules = compile_rules(parse_rules(CONTROL, "t.yaml"), {})
    found = rules.classify(frame(clv=[None] * 500))
    counts = local.reduce(found, Campaign(tuple(rules.rules.variants)))
    assert counts["in_control"] == found["in_control"].sum()
    assert counts["treated"] == sum(counts["variants"].values()) == 500 - counts["in_control"]
    assert list(counts["variants"]) == ["A", "B", "C"]
