"""`clv rules check RULES SCORED|LOG`: whom the stages get, and what moves."""

import json
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

MINE = """\
stages:
  - {stage: some, when: purchases > 2 AND clv > 0}
  - {stage: few, when: purchases > 0 AND overdue < 1e9}
"""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory, cdnow_csv: Path) -> Path:
    from clvcli.core.options import ScoreOptions
    from clvcli.scoring.job import score

    folder = tmp_path_factory.mktemp("coverage")
    score(ScoreOptions(data=(str(cdnow_csv),), output=str(folder / "s.csv")))
    (folder / "mine.yaml").write_text(MINE)
    return folder


def test_on_a_scored_table(scored: Path, clv: Clv) -> None:
    done = clv("rules", "check", "mine.yaml", "s.csv", "--json", cwd=scored)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    table = pl.read_csv(scored / "s.csv")
    more = table.filter((pl.col("purchases") > 2) & (pl.col("clv") > 0))
    some = next(s for s in told["stages"] if s["stage"] == "some")
    assert (some["customers"], some["clv"]) == (more.height, pytest.approx(more["clv"].sum()))
    assert sum(s["customers"] for s in told["stages"]) == told["customers"] == table.height
    assert (told["against"], told["moved"]) == ("rfm-lifecycle", table.height)  # no stage has a name of the preset
    assert sum(m["customers"] for m in told["moves"]) == table.height
    champions = table.filter(pl.col("stage") == "champions")
    assert sum(m["customers"] for m in told["moves"] if m["before"] == "champions") == champions.height


def test_the_rules_of_the_table_move_nobody(scored: Path, clv: Clv) -> None:
    """What the manifest tells is enough to put everybody where the run put them."""
    told = json.loads(clv("rules", "check", "rfm-lifecycle", "s.csv", "--json", cwd=scored).out)
    assert (told["moved"], told["moves"]) == (0, [])


def test_on_a_log_against_the_preset(scored: Path, cdnow_csv: Path, clv: Clv) -> None:
    by_log = json.loads(clv("rules", "check", "mine.yaml", cdnow_csv, "--json", cwd=scored).out)
    by_table = json.loads(clv("rules", "check", "mine.yaml", "s.csv", "--json", cwd=scored).out)
    for name in ("stages", "against", "moved", "moves"):
        assert by_log[name] == by_table[name]
    page = clv("rules", "check", "mine.yaml", cdnow_csv, cwd=scored).page
    assert "stand elsewhere than by rfm-lifecycle" in page
    alone = json.loads(clv("rules", "check", "mine.yaml", "--json", cwd=scored).out)  # without data the findings alone
    assert {finding["code"] for finding in alone} == {"no_action"}


def test_compare_tells_moves_of_the_rules_apart(scored: Path, cdnow_csv: Path, clv: Clv) -> None:
    """Half of the champions' bound: who moved for that alone would have on the day of OLD."""
    assert clv("score", cdnow_csv, "--as-of", "1997-11-30", "-o", "old.csv", "-q", cwd=scored).code == 0
    rules = clv("rules", "show", "--yaml", cwd=scored).out.decode().replace("fm >= 4.5", "fm >= 3.5")
    (scored / "other.yaml").write_text(rules)
    assert (
        clv("score", cdnow_csv, "--as-of", "1998-01-31", "--rules", "other.yaml", "-o", "n.csv", "-q", cwd=scored).code
        == 0
    )
    done = clv("compare", "old.csv", "n.csv", "--allow-different", "-o", "moves.csv", cwd=scored)
    assert done.code == 0, done.err
    moves = pl.read_csv(scored / "moves.csv")
    moved, by_rules = moves.filter("moved").height, moves.filter("moved_by_rules").height
    assert 0 < by_rules < moved
    assert f"{by_rules:,} moved because the rules are others, {moved - by_rules:,} for what they did" in done.err
    same = clv("compare", "old.csv", "s.csv", "-o", "same.csv", cwd=scored)
    assert same.code == 0, same.err
    assert pl.read_csv(scored / "same.csv")["moved_by_rules"].sum() == 0
