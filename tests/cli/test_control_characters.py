"""No page lets a control character of ids, stages or rules through to the terminal; styles of our own stay."""

from pathlib import Path

import pytest
from conftest import GOOD, Clv

from clvcli.cli.console import Console

RULES = """
description: "\\e[31mred\\a"
phases: {one: "\\e]0;title\\a"}
stages:
  - {stage: a, phase: one, when: r_score >= 3, who: "\\e[2J", goal: "\\u202e",
     actions: [{action: "\\e[31mx", every: 1d}]}
otherwise: {stage: b}
"""


def test_pages_hold_no_control_character(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD.replace("c1", "\x1b[31mc\x07"))
    (tmp_path / "mine.yaml").write_text(RULES)
    shown = [clv("rules", "show", "mine.yaml").out, clv("rules", "show", "mine.yaml", "-v").out]
    for day, name in (("2024-10-31", "old.csv"), ("2024-12-28", "new.csv")):
        done = clv("score", "log.csv", "--rules", "mine.yaml", "--as-of", day, "-o", name)
        assert done.code == 0
        shown.append(done.err.encode())
    shown += [clv(*args).out for args in (("compare", "old.csv", "new.csv"), ("plan", "new.csv", "-o", "p.csv"))]
    found = clv("explain", "log.csv", "\x1b[31mc\x070", "--rules", "mine.yaml")
    assert found.code == 0
    for text in [*shown, found.out]:
        assert len(text) > 100
        assert not set(text.decode()) & {"\x1b", "\x07", "\u202e"}


def test_styles_of_our_own_reach_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.text import Text

    Console(color="always").page(Text("\x1b[31mred", style="bold"))
    assert capsys.readouterr().out == "\x1b[1m\N{REPLACEMENT CHARACTER}[31mred\x1b[0m\n"
