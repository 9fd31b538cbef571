"""What else is asked of the records of a log: attributes of customers, the records themselves, orders, examples."""

import numpy as np
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.language import marked
from clvcli.log import anomalies
from clvcli.log.collect import without_runs
from clvcli.log.customers import Settled
from clvcli.log.expressions import text_of
from clvcli.log.fates import Fates, Settling
from clvcli.log.ids import BLANKS
from clvcli.log.odd import Odd, records_of_block
from clvcli.log.reading import texts_of
from clvcli.log.same import with_others

SHOWN = 3
"""Examples of each problem."""


def attributes_of(rows: pl.DataFrame, keep: tuple[str, ...]) -> pl.DataFrame:
    """`rows`: customer, day and the values as `kept 0`, `kept 1`, ... -> customer_id and the values of the first
    day, the smallest text where that day has several. A column that is called customer_id is not there twice."""
    first = rows.filter(pl.col("day") == pl.col("day").min().over("customer"))
    names = {f"kept {i}": name for i, name in enumerate(keep) if name != "customer_id"}
    found = first.group_by("customer").agg(pl.col(*names).min() if names else [])
    return found.rename({"customer": "customer_id", **names}).sort("customer_id")


def attributes_of_log(log: Settling, fates: Fates, odd: Odd, people: Settled) -> pl.DataFrame:
    """The kept columns of each customer's first day."""
    rows = pl.concat(log.found.kept)
    if "row" in rows.columns:
        rows = rows.filter(pl.Series(fates.plain[rows["row"].to_numpy()])).drop("row")
    who = people.rank[rows["who"].to_numpy()]
    plain = np.zeros(people.ids.len() + 1, dtype=bool)
    plain[fates.who[fates.plain]] = True
    rows = rows.with_columns(who=pl.Series(who)).filter(pl.Series(plain[who]))
    names = [f"kept {i}" for i in range(len(log.keep))]
    of_odd = _bought(odd).select((pl.col("who") + 1).cast(pl.UInt32), "day", *names)
    both = pl.concat([rows.select("who", "day", *names), of_odd])
    customer = people.ids.gather(both["who"].to_numpy() - 1)
    return attributes_of(both.with_columns(customer=customer), log.keep)


def _bought(odd: Odd) -> pl.DataFrame:
    """The used records of odd customers; by --returns net and reverse without those that take something back."""
    used = odd.fate.is_null()
    return odd.records.filter(used if odd.kept else used & (odd.records["amount"] >= 0))


def orders_of(log: Settling, fates: Fates, odd: Odd, people: Settled) -> list[Notice]:
    """One order id under several customers or on several days."""
    told = pl.concat(log.found.orders).with_columns(text="order").with_columns(pl.col("order").hash(seed=1))
    rows = told.drop("text")
    if "row" in rows.columns:
        rows = rows.filter(pl.Series(fates.plain[rows["row"].to_numpy()])).drop("row")
    who = people.rank[rows["who"].to_numpy()]
    plain = np.zeros(people.ids.len() + 1, dtype=bool)
    plain[fates.who[fates.plain]] = True
    rows = rows.with_columns(who=pl.Series(who)).filter(pl.Series(plain[who]))
    used = odd.records.filter(odd.fate.is_null()).drop_nulls("order")
    of_odd = without_runs(used.select("order", who=(pl.col("who") + 1).cast(pl.UInt32), day="day"))
    both = pl.concat([rows.select("order", "who", "day"), of_odd])
    repeated = both[with_others(both["order"].to_numpy())]
    orders = repeated.group_by("order").agg(
        customers=pl.col("who").min() != pl.col("who").max(), days=pl.col("day").min() != pl.col("day").max()
    )
    hits = {}
    for column in anomalies.ORDERS:
        hit = orders.filter(pl.col(column))["order"]
        first = told.filter(pl.col("order").is_in(hit.implode()))["text"].min() if hit.len() else None
        hits[column] = (hit.len(), first)
    return anomalies.order_notices(hits)


def lines_of_log(log: Settling, fates: Fates, odd: Odd, people: Settled) -> pl.DataFrame:
    """customer_id, day, amount (minor units, as in the record), order, and a String column a role, null where empty.

    Sorted by every column, so that the order of rows and files does not matter. Records that take something back are
    not among them, but by --returns keep.
    """
    assert log.lines is not None
    used = fates.plain.copy()
    used[_bought(odd)["row"].to_numpy()] = True
    reads = sorted(frozenset[str]().union(*(role.reads for role in log.lines.values())))
    parts, start = [], 0
    for i, block in enumerate(log.found.blocks):
        count = log.found.who[i].size
        kept = pl.Series(used[start : start + count])
        frame = records_of_block(log.found, i, block, log.tables.read)[0].filter(kept)
        order = log.terms.of(block.file).order_of(frame)
        texts = {f"column {n}": texts_of(frame, [n]).to_series() for n in reads}
        parts.append(pl.DataFrame({"order": order, **texts}))
        start += count
    whole = pl.concat(parts)
    named = whole.select(pl.col(f"column {n}").alias(n) for n in reads)
    texts = {name: text_of(role, named).str.strip_chars(BLANKS) for name, role in log.lines.items()}
    lines = pl.DataFrame({
        "customer_id": people.ids.gather(fates.who[used] - 1), "day": pl.Series(fates.day[used]).cast(pl.Date),
        "amount": fates.amount[used], "order": whole["order"], **texts,
    })  # fmt: skip
    lines = lines.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts)
    return lines.sort(lines.columns, nulls_last=True)


def examples_of(
    log: Settling, fates: Fates, odd: Odd, people: Settled, rejects: pl.DataFrame
) -> list[dict[str, object]]:
    """fate, reason, file, line, column, value of the first records of each reason; rejected ones first."""
    numbered = rejects.with_columns(n=pl.int_range(pl.len()).over("reason"))
    first = numbered.filter(pl.col("n") < SHOWN).sort("reason", "n").drop("n")
    found: list[dict[str, object]] = [{"fate": "rejected", **row} for row in first.iter_rows(named=True)]
    settled = odd.records.select("row").with_columns(fate=odd.fate)
    rows = {
        "after_as_of": np.flatnonzero(fates.late), "duplicate": fates.twice,
        "no_customer_id": np.flatnonzero(fates.nobody),
        **{fate: settled.filter(pl.col("fate") == fate)["row"].to_numpy() for fate in ("return", "reversed")},
    }  # fmt: skip
    left_out = _left_out(log)
    for reason in sorted({name for name, at in rows.items() if at.size} | ({"where"} if left_out else set())):
        if reason == "where":
            found += left_out
            continue
        for row in rows[reason][:SHOWN].tolist():
            found.append(_example(log, fates, people, int(row), reason))
    return found


def _example(log: Settling, fates: Fates, people: Settled, row: int, reason: str) -> dict[str, object]:
    start = 0
    for i, block in enumerate(log.found.blocks):
        count = log.found.who[i].size
        if row < start + count:
            lines = records_of_block(log.found, i, block, log.tables.read)[1]
            name = log.tables.by_file[block.file].name
            customer = people.ids[int(fates.who[row]) - 1] if fates.who[row] else None
            day = pl.Series([int(fates.day[row])], dtype=pl.Int32).cast(pl.Date)[0]
            return example(reason, name, int(lines[row - start]), customer, day, int(fates.amount[row]),
                           log.terms.options.decimals)  # fmt: skip
        start += count
    raise IndexError(row)


def example(
    reason: str, file: str, line: int, customer: str | None, day: object, amount: int | None, decimals: int
) -> dict[str, object]:
    """A record that is not used, as `clv check` shows it."""
    money = marked("no amount") if amount is None else f"{amount / 10**decimals:.{decimals}f}"
    who, when = customer or marked("no customer"), day or marked("no date")
    text = marked("{customer}, {day}, {money}", customer=who, day=when, money=money)
    fate = "duplicate" if reason == "duplicate" else "excluded"
    return {"fate": fate, "reason": reason, "file": file, "line": line, "column": "", "value": text}


def _left_out(log: Settling) -> list[dict[str, object]]:
    """The first records that --where leaves out."""
    decimals = log.terms.options.decimals
    return [example("where", *told, decimals) for told in log.found.left_out_first[:SHOWN]]
