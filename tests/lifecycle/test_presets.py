"""Every preset loads, lints clean, tells what to do, and puts every customer in exactly one of its stages."""

import io
import itertools
import json
from functools import cache
from typing import Any

import polars as pl
import pytest
from conftest import ROOT, Clv
from hypothesis import given
from hypothesis import strategies as st
from lifecycle.broken_rules import BROKEN
from lifecycle.people import attribute_types, customers, with_attributes
from rich.console import Console

from clvcli.core.strict_yaml import load
from clvcli.lifecycle.compile import Compiled, compile_rules
from clvcli.lifecycle.lint import lint
from clvcli.lifecycle.load import load_rules, parse_rules, presets, source_text
from clvcli.lifecycle.schema import json_schema
from clvcli.report.rules import rules_page
from clvcli.sql import columns_of

PRESETS = presets()
ISSUED = {
    "rfm-lifecycle", "predictive", "client-portfolio", "shop-journey", "saas", "sme-banking", "service-reminder",
    "seven-stages", "clm-five", "awareness-five", "radar", "rfm-six", "value-and-cost",
}  # fmt: skip


@cache
def compiled(name: str, *, attributes: bool = True) -> Compiled:
    rules = load_rules(name)
    return compile_rules(rules, attribute_types(rules) if attributes else {})


def test_the_list_is_complete() -> None:
    assert set(PRESETS) == ISSUED


@pytest.mark.parametrize("name", PRESETS)
def test_lints_clean(name: str) -> None:
    for attributes in (True, False):
        findings = lint(compiled(name, attributes=attributes))
        assert [f for f in findings if f.level != "note"] == []


@pytest.mark.parametrize("name", PRESETS)
def test_is_complete(name: str) -> None:
    """Who, goal and actions for every stage; nothing to do only where people are gone for good."""
    rules = load_rules(name)
    assert rules.name == name
    assert rules.description
    for stage in rules.stages:
        assert stage.who, stage.stage
        assert stage.goal, stage.stage
        assert stage.actions or stage.stage == "left-natural", stage.stage
        assert stage.max_cost is not None or stage.stage == "left-natural", stage.stage


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_decides_on_p_alive(name: str) -> None:
    """BG/NBD says 1 for every one-time buyer."""
    rules = load_rules(name)
    texts = [*(stage.when for stage in rules.stages), *rules.fields.values()]
    assert not any("p_alive" in columns_of(text) for text in texts)


@pytest.mark.parametrize("name", PRESETS)
@given(seed=st.integers(0, 10_000), model=st.booleans(), attributes=st.booleans())
def test_every_customer_is_in_exactly_one_stage(name: str, seed: int, model: bool, attributes: bool) -> None:
    rules = compiled(name, attributes=attributes)
    people = customers(30, seed, model=model)
    people = with_attributes(people, rules.rules, seed) if attributes else people
    found = rules.classify(people)
    names = [stage for stage, _ in rules.stage_names]
    assert found["stage"].null_count() == 0
    assert set(found["stage"]) <= set(names)
    assert found["customer_id"].equals(people["customer_id"])
    # The same from each condition alone, in order: the first that is true, else otherwise.
    frame = rules.prepared(people)
    held = [frame.with_columns(_=condition.fill_null(False))["_"].to_list() for _, condition in rules.stages]
    expected = [next((n for n, h in zip(names, row, strict=False) if h), names[-1]) for row in zip(*held, strict=True)]
    assert found["stage"].to_list() == expected


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"predictive", "rfm-six", "service-reminder", "value-and-cost"}))
def test_otherwise_stays_empty_without_a_model(name: str) -> None:
    """Model columns null: the stages that need none have everybody. (rfm-six knows no leads.)"""
    rules = compiled(name, attributes=False)
    found = rules.classify(customers(500, 3, model=False))
    assert rules.rules.otherwise.stage not in set(found["stage"])


@pytest.mark.parametrize("name", ["predictive", "value-and-cost"])
def test_everybody_has_a_stage_with_a_model(name: str) -> None:
    rules = compiled(name, attributes=False)
    assert rules.rules.otherwise.stage not in set(rules.classify(customers(500, 4))["stage"])


def test_those_who_left_stand_beside_the_fourteen() -> None:
    """Only where the attribute exists, before all other stages, with no action."""
    without, with_it = compiled("rfm-lifecycle", attributes=False), compiled("rfm-lifecycle")
    assert len(without.stages) == 14
    assert [s for s, _ in with_it.stage_names[1:]] == [s for s, _ in without.stage_names]
    known = {"left_reason": pl.lit("moved away"), "contactable": pl.lit(True), "abandoned_cart": pl.lit(True)}
    people = customers(100, 5).with_columns(**known)
    found = with_it.classify(people.with_columns(response_rate=pl.lit(None, pl.Float64)))
    assert set(found.select("stage", "phase", "action").iter_rows()) == {("left-natural", "left", None)}


def test_the_fourteen_stages_and_five_phases() -> None:
    rules = compiled("rfm-lifecycle", attributes=False)
    phases: dict[Any, list[str]] = {}
    for stage, phase in rules.stage_names[:-1]:
        phases.setdefault(phase, []).append(stage)
    assert phases == {
        "attract": ["guests", "known guests"],
        "cherish": ["champions", "loyal"],
        "reactivate": ["can't lose", "at risk", "need attention", "about to sleep", "hibernating", "lost"],
        "retain": ["first-time buyers", "recent buyers"],
        "grow": ["potential loyalists", "promising"],
    }


def test_caps_fall_with_value() -> None:
    """Within the phase, in the order of the evidence, nobody is worth a larger share of value than those before."""
    costs = {stage.stage: stage.max_cost for stage in load_rules("rfm-lifecycle").stages}

    def share(name: str) -> float:
        return float(str(costs[name]).removesuffix("* clv").removesuffix("* value_at_stake"))

    for order in (
        ["champions", "loyal"],
        ["can't lose", "at risk", "need attention", "about to sleep", "hibernating", "lost"],
        ["potential loyalists", "promising"],
    ):
        shares = [share(name) for name in order]
        assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("name", PRESETS)
def test_one_screen_shows_it(name: str) -> None:
    for width, lines in ((120, 60), (100, 66)):
        screen = Console(file=io.StringIO(), width=width, markup=False)
        screen.print(rules_page(load_rules(name)))
        text = screen.file.getvalue()  # type: ignore[attr-defined]
        assert text.count("\n") <= lines
        assert all(stage.stage in text for stage in load_rules(name).stages)


def test_more_words_show_order_conditions_channels_and_cadence(clv: Clv) -> None:
    words = " ".join(clv("rules", "show", "-v").out.decode().split())
    assert "4. champions" in words
    assert "(email, every 30d)" in words
    assert "fm = (f_score + m_score) / 2.0" in words
    assert "conditions, channels" in clv("rules", "show").out.decode()


def test_the_page_and_json_tell_control_group_variants_and_bounds(clv: Clv, tmp_path: Any) -> None:
    text = (
        "rfm: {r: [90, 60, 30, 10]}\nstages:\n  - {stage: a, when: purchases > 1, at_risk: true}\n"
        "control_group: {share: 0.2, salt: s}\nvariants: [red, blue]\n"
    )
    (tmp_path / "mine.yaml").write_text(text)
    page = clv("rules", "show", "mine.yaml").out.decode()
    assert "Control group: 20.0% of all get no campaign; the others get a variant: red, blue" in page
    assert "Scores change r at 90, 60, 30, 10" in page
    told = json.loads(clv("rules", "show", "mine.yaml", "--json").out)
    assert told["control_group"] == {"share": 0.2, "salt": "s"}
    assert (told["variants"], told["rfm"]) == (["red", "blue"], {"r": [90, 60, 30, 10]})
    assert told["stages"][0]["at_risk"] is True


def test_the_command_shows_page_and_file(clv: Clv, tmp_path: Any) -> None:
    """A file made with --yaml is a file of one's own."""
    page = clv("rules", "show", "seven-stages")
    assert page.code == 0
    assert max(len(line) for line in page.out.decode().splitlines()) <= 120
    (tmp_path / "mine.yaml").write_bytes(clv("rules", "show", "seven-stages", "--yaml").out)
    assert clv("rules", "check", "mine.yaml").code == 0


def test_the_schema_for_editors_takes_every_preset() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name in PRESETS:
        jsonschema.validate(load(source_text(name), name).value, schema)
    for broken in ("misspelt key", "unknown key", "number as a name", "share above one", "unknown type"):
        value = load(BROKEN[broken][0], "t").value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, schema)


def test_the_example_of_the_topic_loads() -> None:
    """The indented block after `name: mine`."""
    lines = (ROOT / "clvcli" / "help" / "rules.md").read_text().splitlines()
    start = lines.index("    name: mine")
    block = itertools.takewhile(lambda line: line.startswith("    "), lines[start:])
    rules = compile_rules(parse_rules("\n".join(line[4:] for line in block), "rules.md"), {})
    assert [stage for stage, _ in rules.stage_names] == ["friends", "slipping", "everybody else"]
    assert [f.code for f in lint(rules)] == []
