"""The keys of a rules file: one line for whatever is wrong with one, and what is kept of what is right."""

import re
from typing import Any

import pytest

from clvcli.core.errors import ConfigError
from clvcli.lifecycle.kinds import as_given
from clvcli.lifecycle.load import parse_rules
from clvcli.lifecycle.schema import PARTS, json_schema

ACTION = "stages:\n  - {stage: a, when: purchases > 1, actions: [{action: x, %s}]}\n"
STAGES = "stages:\n  - {stage: a, when: purchases > 1}\n"
WRONG = [
    (ACTION % "times: 0, after: first_purchase", "r.yaml:2:59: times must be greater than or equal to 1 (stage 'a')"),
    (ACTION % "times: 2.0", "r.yaml:2:59: times must be a whole number (stage 'a')"),
    (ACTION % "times: true", "r.yaml:2:59: times must be a whole number (stage 'a')"),
    (ACTION % "times: 2",
     "r.yaml:2:47: an item of actions has times without after or before, from which to count (stage 'a')"),
    (ACTION % "control: 0", "r.yaml:2:59: control must be greater than 0 (stage 'a')"),
    (ACTION % "control: 1", "r.yaml:2:59: control must be less than 1 (stage 'a')"),
    (ACTION % "cost: much", "r.yaml:2:59: cost must be `key: value` lines (stage 'a')"),
    (ACTION % "cost: -1", "r.yaml:2:59: cost must be greater than or equal to 0 (stage 'a')"),
    (ACTION % "cost: {contacts: 1}", "r.yaml:2:66: unknown key 'contacts' (stage 'a')"),
    (ACTION % "when: 3", "r.yaml:2:59: when must be text (stage 'a')"),
    (ACTION % "steps: [{action: y}]", "r.yaml:2:67: an item of steps lacks the key 'wait' (stage 'a')"),
    (ACTION % "steps: [{action: 1, wait: 3d, weight: 2}]", "r.yaml:2:89: unknown key 'weight' (stage 'a')"),
    (ACTION % "after: {x: 1d, y: 2d}",
     "r.yaml:2:59: after is one day and how far from it, like {first_purchase: 30d} (stage 'a')"),
    (ACTION % f"campaign: {'c' * 81}", "r.yaml:2:59: campaign is too long (stage 'a')"),
    (ACTION % f"variants: [{'v,' * 101}]", "r.yaml:2:59: variants has more than 100 items (stage 'a')"),
    (STAGES + "balance: {max_share: 1.5}\n", "r.yaml:3:11: max_share must be less than or equal to 1"),
    (STAGES + "balance: {empty: 1}\n", "r.yaml:3:11: empty must be true or false"),
    (STAGES + "rfm: {f: [1, 2, 3, 4, 5]}\n", "r.yaml:3:7: f has more than 4 items"),
    (STAGES + "rfm: {f: [1, b, 3, 4]}\n", "r.yaml:3:14: an item of f must be a number"),
    (STAGES + "attributes: {x: {type: txt}}\n",
     "r.yaml:3:18: type must be 'text', 'number', 'integer', 'date' or 'boolean'"),
    (STAGES + "attributes: {x: {type: text, default: [a]}}\n", "r.yaml:3:30: default must be text"),
    (STAGES + "schema: 2\n", "r.yaml:3:1: schema is 1 in this version of clv, not '2'"),
    (STAGES + "holidays: {dates: {x: '2026-02-30'}}\n", "r.yaml:3:12: dates is out of range for month"),
    (STAGES + "consent: {'': TRUE, mail: 3}\n", "r.yaml:3:11:  must not be empty"),
    (STAGES + "otherwise: {stage: ' b'}\n",
     "r.yaml:3:13: stage must be a short line of text, without blanks at its ends"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), WRONG, ids=[line for _, line in WRONG])
def test_what_is_wrong_with_a_key(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rules(text, "r.yaml")
    assert caught.value.message == line


def test_what_is_kept_is_in_its_types() -> None:
    text = ACTION % "cost: 4, after: first_purchase, times: 3, control: 0.5, when: true, every: 3M, lead_time: 7 D"
    action = parse_rules(text.replace("3M", "once"), "r.yaml").stages[0].actions[0]
    assert as_given(action) == {
        "action": "x", "control": 0.5, "when": "TRUE", "every": "once", "lead_time": "7d",
        "after": {"first_purchase": "0d"}, "times": 3, "cost": {"contact": 4.0},
    }  # fmt: skip


def test_the_schema_defines_what_it_refers_to() -> None:
    def referred(value: Any) -> set[str]:
        return set(re.findall(r"#/\$defs/(\w+)", repr(value)))

    schema = json_schema()
    assert referred(schema) == set(schema["$defs"]) == {part.__name__ for part in PARTS}
