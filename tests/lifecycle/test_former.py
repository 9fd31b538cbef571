"""An earlier table may be the very output, and changes that other rules make are told apart."""

import json
from pathlib import Path

import pytest
from conftest import GOOD, Clv

RULES = """\
stages:
  - {{stage: few, when: purchases < {0}, actions: []}}
  - {{stage: many, when: purchases >= {0}, actions: []}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "log.csv").write_text(GOOD + "d1,2024-12-01,5.00\n")
    for name, bound in (("old", 3), ("new", 100)):
        (tmp_path / f"{name}.yaml").write_text(RULES.format(bound))
    return tmp_path


def changes(folder: Path) -> dict[str, int]:
    found = json.loads((folder / "today.csv.run.json").read_text())["previous"]
    return {name: found[name] for name in ("new", "changed", "left")}


def test_previous_may_be_the_output(clv: Clv, folder: Path) -> None:
    score = ("score", "log.csv", "-o", "today.csv", "--previous", "today.csv", "--rules", "old.yaml", "--no-model")
    first = clv(*score, "--strict")
    assert (first.code, changes(folder)) == (0, {"new": 41, "changed": 0, "left": 0})
    assert "there is no earlier table yet" in first.err
    (folder / "log.csv").write_text(GOOD + "d2,2024-12-01,5.00\n")
    again = clv(*score)
    assert (again.code, changes(folder)) == (0, {"new": 1, "changed": 0, "left": 1})
    assert clv("score", "log.csv", "-o", "other.csv", "--previous", "nosuch.csv").code == 3


def test_the_shipped_rules_are_no_others_on_the_second_night(clv: Clv, folder: Path) -> None:
    """Their stages for leads are left out of a run without --customers, and of what its manifest tells."""
    score = ("score", "log.csv", "-o", "today.csv", "--previous", "today.csv")
    assert clv(*score).code == 0
    assert "rules are others" not in clv(*score).err
    (folder / "people.csv").write_text("customer_id,email\nc1,a@x.example\nlead,b@x.example\n")
    assert "rules are others" not in clv(*score, "--customers", "people.csv").err


@pytest.mark.usefixtures("folder")
def test_changes_of_the_rules_are_told_apart(clv: Clv) -> None:
    score = ("score", "log.csv", "--previous", "today.csv", "--no-model", "-o", "today.csv")
    assert clv(*score, "--rules", "old.yaml").code == 0
    assert "rules are others" not in clv(*score, "--rules", "old.yaml").err
    clv("score", "log.csv", "--no-model", "-o", "before.csv", "--rules", "old.yaml")
    done = clv(*score, "--rules", "new.yaml")
    told = " ".join(done.err.split())
    assert "40 customers moved because the rules are others than those of today.csv [clv help other_rules]" in told
    both = clv("compare", "before.csv", "today.csv")
    assert both.code == 0, both.err
    assert "40 of 41 customers are in another stage because the rules are others" in both.err
    assert clv("compare", "today.csv", "today.csv").code == 2
