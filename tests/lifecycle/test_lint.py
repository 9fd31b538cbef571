"""What the lint of rules proves, and what it shows on data."""

import polars as pl
import pytest
from lifecycle.people import customers

from clvcli.lifecycle.compile import compile_rules
from clvcli.lifecycle.lint import Finding, grid, lint
from clvcli.lifecycle.load import parse_rules


def findings(text: str, table: pl.DataFrame | None = None) -> list[tuple[str, str, str | None]]:
    found: tuple[Finding, ...] = lint(compile_rules(parse_rules(text, "t.yaml"), {}), table)
    return [(f.level, f.code, f.stage) for f in found]


def stages(*conditions: str, more: str = "") -> str:
    lines = [f"- {{stage: s{i}, when: {c}, actions: []}}" for i, c in enumerate(conditions)]
    return "stages:\n" + "\n".join(lines) + "\n" + more


PROVED = {
    "narrower after wider": (["purchases >= 2", "purchases >= 3"], [("error", "shadowed", "s1")]),
    "wider after narrower": (["purchases >= 3", "purchases >= 2"], []),
    "covered by two": (["r_score >= 3", "r_score <= 2", "r_score = 2 AND m_score = 5"], [("error", "shadowed", "s2")]),
    "never": (["r_score > 5"], [("error", "never", "s0")]),
    "never by the contract": (["purchases = 1 AND f_score >= 2"], [("error", "never", "s0")]),
    "contradiction": (["r_score > 3 AND r_score < 3"], [("error", "never", "s0")]),
    "always": (["purchases >= 0", "r_score > 3"], [("error", "always", "s0"), ("error", "shadowed", "s1")]),
    "after everybody": (
        ["purchases >= 1", "purchases = 0", "days_since_last_purchase > 3"],
        [("error", "shadowed", "s2")],
    ),
    "the same text": (
        ["days_since_last_purchase > 3", "days_since_last_purchase  >  3"],
        [("error", "shadowed", "s1")],
    ),
    "not provable": (["days_since_last_purchase > 3", "days_since_last_purchase > 5"], []),
}


@pytest.mark.parametrize("case", PROVED)
def test_proofs(case: str) -> None:
    conditions, expected = PROVED[case]
    assert [f for f in findings(stages(*conditions)) if f[0] == "error"] == expected


def test_gaps_are_named() -> None:
    found = lint(compile_rules(parse_rules(stages("r_score >= 2", "m_score = 5"), "t.yaml"), {}))
    gaps = [f.message for f in found if f.code == "gap"]
    assert len(gaps) == 2
    assert "111" in gaps[0]
    assert "leads" in gaps[1]


def test_own_fields_are_followed() -> None:
    more = "fields: {fm: (f_score + m_score) / 2.0}\n"
    assert ("error", "never", "s0") in findings(stages("fm > 5", more=more))
    assert ("error", "never", "s0") not in findings(stages("fm >= 5", more=more))


def test_breakpoints_free_the_frequency_score() -> None:
    fixed = "rfm: {f: [3, 6, 9, 12]}\n"
    assert ("error", "never", "s0") not in findings(stages("purchases = 2 AND f_score = 1", more=fixed))
    assert ("error", "never", "s0") in findings(stages("purchases = 2 AND f_score = 1"))


def test_the_grid_is_every_combination() -> None:
    points = grid(compile_rules(parse_rules(stages("purchases >= 2"), "t.yaml"), {}))
    assert points.filter(pl.col("purchases") > 0)["rfm_score"].n_unique() == 125
    assert points.filter(pl.col("purchases") == 0)["r_score"].null_count() == 2


def test_a_stage_with_nothing_to_do() -> None:
    assert findings("stages:\n- {stage: a, when: clv > 1}\n") == [("warning", "no_action", "a")]
    assert findings("stages:\n- {stage: a, when: clv > 1, actions: []}\n") == []


def test_data_show_the_rest() -> None:
    table = customers(400, 1).with_columns(clv=pl.lit(None, pl.Float64))
    text = stages(
        "days_since_last_purchase >= 0",
        "days_since_last_purchase > 100",
        "clv > 1",
        "total_spend > 1e9",
    )
    found = lint(compile_rules(parse_rules(text, "t.yaml"), {}), table)
    shown = {f.stage: (f.code, f.message) for f in found}
    assert shown["s1"][0] == "hidden"
    assert "s0" in shown["s1"][1]
    assert shown["s2"][0] == "empty"
    assert "clv is empty" in shown["s2"][1]
    assert shown["s3"][0] == "empty"
    assert shown["otherwise"][0] == "gap"
    assert all(f.level in ("warning", "note") for f in found)


def test_places_are_lines_of_the_file() -> None:
    (found,) = lint(compile_rules(parse_rules(stages("r_score > 5", "m_score > 2"), "t.yaml"), {}))[:1]
    assert found.where == "t.yaml:2:3"
