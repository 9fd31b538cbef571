"""The same order in several files, as monthly exports that overlap have it: the version of the later file counts."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import marked, several
from clvcli.log.anomalies import records
from clvcli.log.column_values import quoted
from clvcli.log.names import is_order

Rows = npt.NDArray[np.intp]
NEARLY = 0.8
"""The share of orders from which on a file counts as exported again."""


def earlier_versions(rows: pl.DataFrame, names: Sequence[str]) -> tuple[Rows, list[Notice]]:
    """The places of the records of orders that a later file has too. `rows`: order, who, day, file, row (place). The
    same number of another customer, or of another day, is another order; the later file is the one whose last day is
    later, else the one that is named later. Only files that were exported again count: see _exported_again."""
    last = rows.group_by("file").agg(pl.col("day").max()).sort("day", "file")
    rank = last.with_row_index("rank").select("file", "rank")
    first = rows.join(rank, on="file").with_columns(begun=pl.col("day").min().over("order", "who", "file"))
    key = ["order", "who", "begun"]
    later = pl.col("rank") < pl.col("rank").max().over(key)
    old = first.filter(later).join(_exported_again(first, key), on="rank", how="semi").sort("row")
    if old.is_empty():
        return np.zeros(0, dtype=np.intp), []
    orders, files = old.select(key).n_unique(), old["file"].unique().sort().to_list()
    shown = ", ".join(names[file] for file in files[:3]) + (", ..." if len(files) > 3 else "")
    told = several(
        "{n:d} order of {files} stand in a later file too: its version counts, {records} of the earlier ones dropped "
        "as duplicates",
        "{n:d} orders of {files} stand in a later file too: its version counts, {records} of the earlier ones dropped "
        "as duplicates",
        orders, files=shown, records=records(old.height),
    )  # fmt: skip
    return old["row"].to_numpy().astype(np.intp), [Notice("orders_in_several_files", told)]


def _exported_again(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The ranks of files of which a later file has the last part again: from the first order that both have on, nearly
    every one, with as many records. Files between which the lines of a log are dealt out share orders otherwise."""
    each = rows.group_by([*key, "rank"]).agg(pl.len().alias("lines"))
    newest = (
        each.sort("rank")
        .group_by(key, maintain_order=True)
        .agg(newest=pl.col("rank").last(), as_many=pl.col("lines").last())
    )
    told = each.join(newest, on=key).with_columns(common=pl.col("rank") < pl.col("newest"))
    since = told.filter("common").group_by("rank").agg(since=pl.col("begun").min())
    found = (
        told.join(since, on="rank")
        .filter(pl.col("begun") >= pl.col("since"))
        .group_by("rank")
        .agg(shared=pl.col("common").mean(), alike=(pl.col("lines") == pl.col("as_many")).filter("common").mean())
    )
    return found.filter((pl.col("shared") >= NEARLY) & (pl.col("alike") >= NEARLY)).select("rank")


def about_overlaps(same: Rows, ends: npt.NDArray[np.intp], files: Sequence[int], names: Sequence[str],
                   columns: Sequence[str]) -> list[Notice]:  # fmt: skip
    """Files that hold lines of other files too, where no order id was named. `same`: places of lines that stand in the
    log before; `ends`: where each block of records ends; `files`: whose it is."""
    if len(set(files)) < 2 or not same.size:
        return []
    hit = sorted({files[int(i)] for i in np.searchsorted(ends, same, side="right")} - {files[0]})
    if not hit:
        return []
    order = next((c for c in columns if is_order(c)), None)
    shown = ", ".join(names[file] for file in hit[:3]) + (", ..." if len(hit) > 3 else "")
    escaped = quoted(order).replace('"', '\\"') if order else ""
    named = "" if order is None else f' "{order}"' if order != escaped else f" {order}"
    advice = marked("--duplicates drop counts such lines once")
    if order:
        advice = marked("{option} counts each order once", option=f"--order-id{named}")
    message = marked("{files} hold lines of earlier files too; {advice}", files=shown, advice=advice)
    return [Notice("files_overlap", message)]


def about_payments_of_orders(rows: pl.DataFrame, names: Sequence[str]) -> list[Notice]:
    """Records of which a file of another kind has the customer, the day and the amount, as orders and what was paid for
    them have. `rows`: who (0: nobody), day, amount, kind; `names`: a file of each kind."""
    each = rows.filter((pl.col("who") > 0) & (pl.col("amount") > 0)).unique()
    twice = each.group_by("who", "day", "amount").agg(pl.col("kind").sort()).filter(pl.col("kind").list.len() > 1)
    if twice.is_empty():
        return _sharing_nobody(each, names)
    kinds = twice.group_by("kind").agg(n=pl.len()).sort("n", "kind", descending=[True, False])["kind"][0]
    one, other = (names[kind] for kind in kinds[:2])
    told = several(
        "{n:d} purchase of {other} with the customer, day and amount of one of {one}: where these are payments of "
        "those orders, give one of the two files",
        "{n:d} purchases of {other} with the customer, day and amount of one of {one}: where these are payments of "
        "those orders, give one of the two files",
        twice.height, other=other, one=one,
    )  # fmt: skip
    return [Notice("kinds_overlap", told)]


def _sharing_nobody(rows: pl.DataFrame, names: Sequence[str]) -> list[Notice]:
    """Files of several kinds in which no customer of one is found in another: an e-mail here, a number there."""
    kinds = rows.group_by("who").agg(pl.col("kind").n_unique())["kind"]
    if kinds.is_empty() or kinds.max() != 1 or rows["kind"].n_unique() == 1:
        return []
    message = marked(
        "no customer of {files} is in two of them: who is named in another way in each counts twice; where they are "
        "the same people, give files that name customers alike",
        files=", ".join(names[:3]) + (", ..." if len(names) > 3 else ""),
    )
    return [Notice("kinds_share_nobody", message)]
