"""The contacts of campaigns between OLD and NEW: calendars of `clv plan`, or a list of another tool."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clvcli.core.errors import InputError, Notice
from clvcli.core.language import marked
from clvcli.core.whole_json import read_json
from clvcli.output.scored_table import read_own

DUE = ".due.csv"
CONTACTS = {"customer_id": pl.String, "campaign": pl.String, "variant": pl.String, "cost": pl.Float64}
DUE_COLUMNS = {"customer_id": pl.String, "campaign": pl.String, "variant": pl.String, "in_control": pl.Boolean}


@dataclass(frozen=True)
class Contacts:
    """`made`: one row a contact, in CONTACTS. `due`: one row a customer and campaign for whom it was due, in
    DUE_COLUMNS; None where the calendars do not say.
    """

    made: pl.DataFrame
    due: pl.DataFrame | None
    notices: tuple[Notice, ...] = ()


def read_contacts(paths: Sequence[str], as_of: str) -> Contacts:
    """Reads the files, and beside each the list of those for whom it was due. `as_of`: the day of OLD.

    Raises InputError for a file without customer_id and campaign (or action).
    """
    made, due, late = [], [], []
    for path in paths:
        table = read_own(path)
        made.append(_contacts(path, table))
        if os.path.exists(path + DUE):
            due.append(_due(path + DUE))
        if _planned_from(path, as_of) > as_of:
            late.append(path)
    told: tuple[Notice, ...] = ()
    if late:
        text = marked(
            "{files}: planned later than OLD, so who was due may follow from what the campaigns did",
            files=", ".join(late),
        )
        told = (Notice("later_plan", text),)
    whole = pl.concat(due).unique(["customer_id", "campaign"], keep="first", maintain_order=True) if due else None
    return Contacts(pl.concat(made), whole if len(due) == len(paths) else None, told)


def _planned_from(path: str, default: str) -> str:
    """The day of the table that a calendar was planned from, as its manifest says."""
    try:
        content = read_json(Path(f"{path}.run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return default
    return str(content.get("as_of") or default) if isinstance(content, dict) else default


def _contacts(path: str, table: pl.DataFrame) -> pl.DataFrame:
    name = "campaign" if "campaign" in table.columns else "action"
    if not {"customer_id", name} <= set(table.columns):
        hint = marked("a calendar of clv plan, or a table with customer_id, campaign and perhaps variant and cost")
        raise InputError(marked("{place}: has no columns customer_id and campaign", place=path), hint=hint)
    table = table.with_columns(campaign=pl.col(name))
    missing = [pl.lit(None, kind).alias(n) for n, kind in CONTACTS.items() if n not in table.columns]
    try:
        return table.with_columns(missing).select(*CONTACTS).cast(CONTACTS)  # type: ignore[arg-type]
    except pl.exceptions.PolarsError:
        raise InputError(
            marked("{place}: a cost is no number", place=path), hint="a calendar that clv plan wrote"
        ) from None


def _due(path: str) -> pl.DataFrame:
    table = read_own(path)
    if not set(DUE_COLUMNS) <= set(table.columns):
        raise InputError(
            marked(
                "{place}: lacks {due_columns}", place=path, due_columns=", ".join(set(DUE_COLUMNS) - set(table.columns))
            ),
            hint="clv plan again",
        )
    return table.with_columns(pl.col("in_control").cast(pl.String) == "true").select(*DUE_COLUMNS)
