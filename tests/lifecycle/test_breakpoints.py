"""Fixed bounds in the rules take the place of fifths."""

from pathlib import Path

from conftest import GOOD

from clvcli.core.options import ScoreOptions
from clvcli.scoring.scored import score_log

RULES = """
rfm: {r: [300, 200, 100, 30], f: [2, 9, 10, 11], m: [50.00, 100.00, 130.00, 136.50]}
stages:
  - {stage: recent, when: r_score = 5}
  - {stage: other, when: r_score < 5}
"""


def by_hand(value: float, bounds: list[float], *, falling: bool = False) -> int:
    return 1 + sum(value <= b if falling else value >= b for b in bounds)


def test_scores_follow_the_bounds(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD + "late,2024-01-01,60\n")
    (tmp_path / "rules.yaml").write_text(RULES)
    options = ScoreOptions(data=(str(tmp_path / "log.csv"),), rules=str(tmp_path / "rules.yaml"), no_model=True)
    table = score_log(options).table
    scores = set()
    for row in table.iter_rows(named=True):
        assert row["r_score"] == by_hand(row["days_since_last_purchase"], [300, 200, 100, 30], falling=True)
        assert row["f_score"] == by_hand(row["purchases"], [2, 9, 10, 11])
        assert row["m_score"] == by_hand(row["total_spend"], [50, 100, 130, 136.5])
        assert row["stage"] == ("recent" if row["r_score"] == 5 else "other")
        scores.add(row["rfm_score"])
    assert len(scores) > 2
