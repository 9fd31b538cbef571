"""A log at many moments: steps, stays and the full cycle by hand; nothing of the future gets in."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from conftest import Clv

from clvcli.commands.compare.months import counts, cycle, stays, steps
from clvcli.core.horizon import parse_span

JAN, FEB, MAR, APR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)


def test_steps() -> None:
    start = date(2026, 1, 10)
    assert steps(start, date(2026, 4, 30), parse_span("1m")) == [JAN, FEB, MAR, APR]
    assert steps(start, date(2026, 4, 29), parse_span("1m")) == [JAN, FEB, MAR]
    assert steps(start, date(2026, 5, 2), parse_span("2m")) == [FEB, APR]
    assert steps(start, date(2026, 1, 31), parse_span("1w")) == [date(2026, 1, d) for d in (10, 17, 24, 31)]
    assert steps(date(2024, 1, 1), APR, parse_span("1y")) == [date(2024, 4, 30), date(2025, 4, 30), APR]


@pytest.fixture
def rows() -> pl.DataFrame:
    """A: new, regular, regular, lost. B: from February new, lost, lost. C: regular all the time."""
    stages = {
        ("A", JAN): "new", ("A", FEB): "regular", ("A", MAR): "regular", ("A", APR): "lost",
        ("B", FEB): "new", ("B", MAR): "lost", ("B", APR): "lost",
        ("C", JAN): "regular", ("C", FEB): "regular", ("C", MAR): "regular", ("C", APR): "regular",
    }  # fmt: skip
    first = {"A": date(2026, 1, 1), "B": date(2026, 2, 9), "C": date(2025, 12, 1)}
    return pl.DataFrame(
        [{"customer_id": c, "as_of": d, "stage": s, "clv": 10.0, "first_day": first[c]} for (c, d), s in stages.items()]
    )


def test_stays_by_hand(rows: pl.DataFrame) -> None:
    found = {s.stage: (s.spells, s.ended, s.mean_days) for s in stays(rows, ["new", "regular", "lost", "none"])}
    # new: A 31 Jan to 28 Feb 28 days, B 28 Feb to 31 Mar 31 days: 59 / 2.
    # regular: A 28 Feb to 30 Apr 61 days, C 31 Jan to 30 Apr 89 days and running: 150 / 1.
    # lost: A 0 days, B 30 days, both running: no end, no mean.
    assert found == {"new": (2, 2, 29.5), "regular": (2, 1, 150.0), "lost": (2, 0, None), "none": (0, 0, None)}


def test_cycle_by_hand(rows: pl.DataFrame) -> None:
    # A: 1 January to 30 April, 119 days. B: 9 February to 31 March, 50 days. C not yet.
    found = cycle(rows, "lost")
    assert (found.completed, found.running, found.mean_days, found.median_days) == (2, 1, 84.5, 84.5)
    nobody = cycle(rows, "gone")
    assert (nobody.completed, nobody.running, nobody.mean_days) == (0, 3, None)


def test_counts_by_hand(rows: pl.DataFrame) -> None:
    found = counts(rows, [JAN, FEB, MAR, APR], ["new", "regular", "lost"])
    table = {(r["as_of"], r["stage"]): (r["customers"], r["share"], r["clv"]) for r in found.to_dicts()}
    assert len(table) == 12
    assert table[JAN, "new"] == (1, 0.5, 10.0)
    assert table[FEB, "regular"] == (2, 2 / 3, 20.0)
    assert table[APR, "new"] == (0, 0.0, None)


RULES = """\
stages:
  - {stage: new, phase: a, when: purchases = 1}
  - {stage: regular, phase: b, when: days_since_last_purchase <= 60}
  - {stage: lost, phase: c, when: purchases > 1}
"""


@pytest.mark.parametrize("returns", ["", "c1,2026-03-20,-10\n"], ids=["one read", "read again"])
def test_only_earlier_records_count(clv: Clv, tmp_path: Path, returns: str) -> None:
    """At each step the stages are those of a log that ends there. A return in March does not undo January before."""
    log = [
        "c1,2026-01-05,10",
        "c2,2026-01-07,5",
        "c2,2026-01-29,5",
        "c3,2026-02-10,7",
        "c1,2026-03-02,4",
        "c3,2026-04-28,7",
    ]
    text = "customer_id,date,amount\n" + "\n".join(log) + "\n" + returns
    (tmp_path / "log.csv").write_text(text)
    (tmp_path / "rules.yaml").write_text(RULES)
    done = clv(
        "history", "log.csv", "--every", "1m", "--as-of", "2026-04-30", "--no-progress", "--rules", "rules.yaml",
        "-o", "months.csv", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["dates"] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    each = {(r["as_of"], r["stage"]): r["customers"] for r in found["counts"]}
    # January: c1 new, c2 regular. February: c1, c3 new, c2 regular (30 days). March: c1 bought again (or, with the
    # return of the 10, has one purchase left), c2 61 days silent: lost. April: c3 regular; c1 59 days silent.
    once = bool(returns)
    assert [each[d, "new"] for d in found["dates"]] == [1, 2, 2 if once else 1, 1 if once else 0]
    assert [each[d, "regular"] for d in found["dates"]] == [1, 1, 0 if once else 1, 1 if once else 2]
    assert [each[d, "lost"] for d in found["dates"]] == [0, 0, 1, 1]
    assert (tmp_path / "months.csv").read_text().splitlines()[0] == "as_of,stage,customers,share,clv"


def test_a_log_too_short_for_steps(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("customer_id,date,amount\nc1,2026-01-05,10\nc2,2026-01-25,10\n")
    done = clv("history", "log.csv", "--every", "1m")
    assert done.code == 3
    assert "fewer than two steps" in done.err


def test_a_rule_that_changed_in_between_is_refused(clv: Clv, tmp_path: Path) -> None:
    """The same file, the same names of stages, another condition: the moves would be the rules', not the customers'."""
    (tmp_path / "log.csv").write_text("customer_id,date,amount\nc1,2026-01-05,10\nc2,2026-02-25,10\n")
    for day, rules in (("2026-01-31", RULES), ("2026-02-28", RULES.replace("<= 60", "<= 90"))):
        (tmp_path / "rules.yaml").write_text(rules)
        done = clv("score", "log.csv", "--as-of", day, "--rules", "rules.yaml", "-o", f"{day}.csv", "-q")
        assert done.code == 0, done.err
    done = clv("compare", "2026-01-31.csv", "2026-02-28.csv")
    assert done.code == 2
    assert "rules rules.yaml, which changed in between" in done.err
    assert clv("compare", "2026-01-31.csv", "2026-02-28.csv", "--allow-different").code == 0
