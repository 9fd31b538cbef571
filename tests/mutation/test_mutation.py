"""`make mutants` itself: what is changed, what is not, and that a process runs the changed code."""

import ast
import os
import signal
from pathlib import Path

import pytest
from mutation.changes import ROOT, Change, changes
from mutation.judge import replace, verdict
from mutation.reach import Plan

SOURCE = """
LOW: int = 3


class Shop:
    @property
    def worth(self, share: float = 0.5) -> float:
        if share > 1:
            raise ValueError(f"{1 + 1}: {share}")
        return -share * (2 if share else 4)
"""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Change]:
    (tmp_path / "shop.py").write_text(SOURCE)
    monkeypatch.setattr("mutation.changes.ROOT", tmp_path)
    return list(changes("shop.py"))


def test_operators_numbers_signs_and_conditions_but_no_words_and_no_defaults(made: list[Change]) -> None:
    assert sorted(change.what for change in made) == [
        "-share * (2 if share else 4) -> -share / (2 if share else 4)",
        "-share -> +share",
        "1 -> 0",
        "2 -> 3",
        "2 if share else 4 -> 4 if share else 2",
        "3 -> 4",
        "4 -> 5",
        "share > 1 -> share >= 1",
    ]
    assert {change.function for change in made} == {"", "Shop.worth"}
    assert {tuple(sorted(change.lines)) for change in made} == {(), (8,), (10,)}
    for change in made:
        assert ast.dump(ast.parse(change.source)) != ast.dump(ast.parse(SOURCE))


def test_a_changed_function_runs_in_place() -> None:
    from clvcli.models import units

    change = next(c for c in changes("clvcli/models/units.py") if c.function)
    name = change.function.partition(".")[0]
    before = getattr(units, name).__code__.co_code, getattr(units, name).__code__.co_consts
    child = os.fork()
    if not child:
        replace(change)
        after = getattr(units, name).__code__.co_code, getattr(units, name).__code__.co_consts
        os._exit(0 if after != before else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (ROOT / change.path).exists()


def test_the_tests_of_a_change_are_those_that_reach_it_the_likely_ones_first() -> None:
    plan = Plan({"a.py": {1: {"slow", "quick"}, 2: {"other"}}}, {"slow": 9.0, "quick": 1.0, "other": 1.0}, 1e9)
    inside = Change("a.py", 1, "", "", "f", frozenset({1}))
    assert plan.tests(inside) == ["quick", "slow"]
    plan.caught["a.py", "slow"] = 20
    assert plan.tests(inside) == ["slow", "quick"]
    assert plan.tests(Change("a.py", 1, "", "", "", frozenset())) == ["slow", "other", "quick"]
    assert plan.tests(Change("a.py", 3, "", "", "f", frozenset({3}))) == []
    assert len(plan.tests(Change("b.py", 1, "", "", "", frozenset()))) == 3
    assert Plan(plan.reach, plan.seconds, 5.0).tests(inside) == ["quick"]


@pytest.mark.parametrize(
    ("status", "word"),
    [(0, "survived"), (256, "caught"), (512, "caught"), (signal.SIGXCPU, "late"), (signal.SIGALRM, "stuck")],
)
def test_verdicts(status: int, word: str) -> None:
    assert verdict(status) == word
