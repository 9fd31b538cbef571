"""`--previous` on a cluster: an earlier scored table, read and joined there, of any size."""

import os
from pathlib import Path
from typing import Any

from clvcli.core.deprecated import new_columns
from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.engines.place import ADDRESS
from clvcli.engines.spark.frames import collected
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import globless

PARQUET = b"PAR1"
SCHEMA = "customer_id string, previous_stage string, _previous_clv double, _known boolean"
CHANGED = "_known is null or not (stage <=> previous_stage) as stage_changed"


def beside(table: Any, earlier: Any) -> Any:
    """The table with the columns of lifecycle/previous.py. One shuffle."""
    mine = [f"`{name}`" for name in table.columns]
    joined = table.join(earlier, "customer_id", "left")
    return joined.selectExpr(*mine, "previous_stage", "_previous_clv", "_known", CHANGED)


def gone(table: Any, earlier: Any) -> dict[str | None, int]:
    """Count customers that only the earlier table has, by their stage there."""
    rest = earlier.join(table.select("customer_id"), "customer_id", "left_anti")
    return dict(collected(rest.groupBy("previous_stage").count()).iter_rows())


def read_earlier(session: Any, path: str, *, with_clv: bool) -> Any:
    """customer_id, previous_stage, _previous_clv and _known (true) of a table in Parquet, a file or a folder. Raises
    InputError for what is no scored table."""
    with failures(f"reading {path}"):
        frame = session.read.parquet(globless(_place(path)))
        frame = frame.withColumnsRenamed(new_columns(frame.columns))
        for name in ("customer_id", "stage"):
            if name not in frame.columns:
                raise InputError(
                    marked("{place}: is no scored table: it has no column {column}", place=path, column=name),
                    hint="clv score DATA writes one",
                )
        clv = "cast(clv as double)" if with_clv and "clv" in frame.columns else "cast(null as double)"
        frame = frame.selectExpr(
            "cast(customer_id as string) as customer_id",
            "cast(stage as string) as previous_stage",
            f"{clv} as _previous_clv",
            "true as _known",
        )
        bad = frame.groupBy("customer_id").count().where("customer_id is null or count > 1").limit(1)
        if collected(bad).height:
            raise InputError(
                marked("{place}: a customer_id is empty or appears twice", place=path),
                hint="score again: clv score DATA",
            )
    return frame


def _place(path: str) -> str:
    """The address of the table. A path of this machine when it is there, else, if absolute, one of the cluster's."""
    if ADDRESS.match(path) or (os.path.isabs(path) and not os.path.exists(path)):
        return path
    if not os.path.exists(path):
        raise InputError(marked("{place}: no such file", place=path), hint="name a table that clv score wrote")
    if os.path.isfile(path):
        with open(path, "rb") as stream:
            if stream.read(4) != PARQUET:
                raise InputError(
                    marked("{place}: --engine spark reads earlier tables in Parquet alone", place=path),
                    hint="clv score -f parquet",
                )
    elif not any(name.endswith(".parquet") for name in os.listdir(path)):
        raise InputError(marked("{place}: no Parquet file in it", place=path), hint="name a table that clv score wrote")
    return Path(path).resolve().as_uri()
