"""Evidence for the order of `clv top`: what the first tenth of the customers bring and lose, out of time.

`python tests/bench/ranking.py [ONLINE_RETAIL.csv.gz]` writes .github/RANKING.md. Each log is scored on a past day; then
what each customer spent in the months after (came), and how much less than in as many months before (lost), is summed
over the tenth that an order puts first.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from conftest import ROOT, cdnow_rows

from clvcli.core.horizon import add_months
from clvcli.core.options import ScoreOptions, SimulateOptions
from clvcli.lifecycle.ranking import AT_STAKE, IF_KEPT, with_stake
from clvcli.scoring.scored import score_log

TARGET = ROOT / ".github" / "RANKING.md"
ORDERS: Mapping[str, pl.Expr] = {
    "value at stake: clv x (1 - p_alive)": pl.col(AT_STAKE),
    "clv / p_alive - clv": pl.col(IF_KEPT) - pl.col("clv"),
    "clv": pl.col("clv"),
    "spend so far": pl.col("total_spend"),
    "recency": -pl.col("days_since_last_purchase"),
    "random": pl.col("customer_id").hash(7).cast(pl.Float64),
}


DRAWN: Mapping[str, Any] = {
    "simulated": {"buyers": 8000, "true_model": "pareto-nbd", "seed": 5, "season": 0.3},
    "simulated, leaving after a purchase": {"buyers": 8000, "true_model": "bg-nbd", "seed": 6},
}
"""Name -> options of `clv simulate`: customers who leave at any time, and who leave right after buying."""


@dataclass(frozen=True)
class Bench:
    """A log, the day on which it is scored, the months after it that the log has."""

    name: str
    path: str
    cut: date
    months: tuple[int, ...]
    options: Mapping[str, Any]


def logs(folder: Path, online_retail: str | None) -> Iterator[Bench]:
    """The logs at hand."""
    cdnow = folder / "cdnow.csv"
    rows = "".join(",".join(row) + "\n" for row in cdnow_rows("CDNOW_master.txt"))
    cdnow.write_text("customer_id,date,amount\n" + rows)
    yield Bench("CDNOW", str(cdnow), date(1997, 9, 30), (3, 6, 9), {})
    yield Bench("CDNOW", str(cdnow), date(1997, 6, 30), (12,), {})
    if online_retail:
        more = {"amount": "Quantity * UnitPrice", "order_id": "InvoiceNo"}
        yield Bench("Online Retail", online_retail, date(2011, 6, 8), (3, 6), more)
    yield Bench("sample", str(ROOT / "sample_data" / "transactions.csv"), date(2023, 12, 31), (3, 6, 12), {})
    from clvcli.commands.simulate.job import simulate

    for name, kind in DRAWN.items():
        drawn = folder / f"{len(name)}.csv"
        simulate(SimulateOptions(start="2022-01-01", end="2024-12-31", output_file=str(drawn), **kind))
        yield Bench(name, str(drawn), date(2023, 12, 31), (3, 6, 12), {})


def captured(bench: Bench) -> Iterator[tuple[str, int, str, float, float]]:
    """(log, months, order, share of what came, share of what was lost) of the first tenth of each order."""
    whole = score_log(ScoreOptions(data=(bench.path,), no_model=True, **bench.options)).log.purchases
    scored = score_log(ScoreOptions(data=(bench.path,), as_of=bench.cut.isoformat(), **bench.options)).table
    buyers = with_stake(scored.filter(pl.col("purchases") > 0))
    for months in bench.months:
        end, start = add_months(bench.cut, months), add_months(bench.cut, -months)
        after, before = (
            whole.filter((pl.col("day") > low) & (pl.col("day") <= high))
            .group_by("customer_id").agg(pl.col("amount").sum().alias(name))
            for low, high, name in ((bench.cut, end, "came"), (start, bench.cut, "was"))
        )  # fmt: skip
        judged = buyers.join(after, on="customer_id", how="left").join(before, on="customer_id", how="left")
        judged = judged.with_columns(pl.col("came", "was").fill_null(0))
        judged = judged.with_columns(lost=(pl.col("was") - pl.col("came")).clip(lower_bound=0))
        for name, order in ORDERS.items():
            first = judged.sort([order, pl.col("clv"), pl.col("customer_id")], descending=[True, True, False])
            first = first.head(buyers.height // 10)
            came, lost = (float(first[n].sum()) / max(float(judged[n].sum()), 1.0) for n in ("came", "lost"))
            yield bench.name, months, name, came, lost


TEXT = """\
# Whom to turn to first

`clv top` goes by the value at stake: what a customer would bring if surely still one, less what is expected, times the
chance that there is still somebody to keep, p_alive x (clv / p_alive - clv) = clv x (1 - p_alive); where that is equal
(a model in which nobody leaves, as BG/NBD fits Online Retail) by clv. Made by `python tests/bench/ranking.py`.

Share of what came (all spend in the months after the day of scoring) and of what was lost (how much less a customer
spent than in as many months before) that the first tenth of the customers holds. In the mean of all logs and months:

{means}

Twelve months are measured where a log has them behind the day of scoring: the sample, both simulated logs, and CDNOW
scored after half a year (so that its loss is against these six months alone). Online Retail has a year in all.

So the value at stake is no better guess of who will spend than `clv`, nor of who will spend less than `clv` or the
spend so far:
{verdict}.
Whoever asks who will buy sorts by clv (`--stake clv` in a plan). What the order is for is another question, which no
log without an experiment can answer: for whom a contact may still change something. It puts first those of whom much is
expected and who may as well have left, not the surest buyers, and not those whom nobody can keep, as the plain
difference clv / p_alive - clv does, which holds less of both.

"""


def means(rows: list[tuple[str, int, str, float, float]]) -> tuple[str, str]:
    """A table of the mean shares of each order, and in how many of the cases the value at stake holds most."""
    lines = ["| order | came | lost |", "|---|---|---|"]
    for name in ORDERS:
        mine = [r for r in rows if r[2] == name]
        came, lost = (sum(values) / len(mine) for values in ([r[3] for r in mine], [r[4] for r in mine]))
        lines.append(f"| {name} | {came:.0%} | {lost:.0%} |")
    cases = {(r[0], r[1]) for r in rows}
    best = [sum(_alone(rows, case, k) for case in cases) for k in (3, 4)]
    told = f"of {len(cases)} cases it alone holds most of what came in {best[0]}, most of the loss in {best[1]}"
    return "\n".join(lines), told


def _alone(rows: list[tuple[str, int, str, float, float]], case: tuple[str, int], k: int) -> bool:
    """Whether the value at stake holds more than every other order, of one log and span."""
    shares = {row[2]: float(row[k]) for row in rows if row[:2] == case}
    own = shares.pop(next(iter(ORDERS)))
    return own > max(shares.values())


def main() -> None:
    """Measures and writes."""
    retail = sys.argv[1] if len(sys.argv) > 1 else None
    lines = ["| log | months | order | came | lost |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for bench in logs(Path(folder), retail) for row in captured(bench)]
    lines += [f"| {log} | {months} | {name} | {came:.0%} | {lost:.0%} |" for log, months, name, came, lost in rows]
    table, verdict = means(rows)
    TARGET.write_text(TEXT.format(means=table, verdict=verdict) + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
