"""`--previous` on a cluster: an earlier scored table, read and joined there, of any size."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clvcli.core.deprecated import new_columns
from clvcli.core.errors import InputError
from clvcli.engines.spark.frames import collected
from clvcli.engines.spark.reduce import reduced
from clvcli.engines.spark.session import failures
from clvcli.engines.spark.sources import globless
from clvcli.scoring.cluster.output import ADDRESS, Written
from clvcli.scoring.cluster.sums.moves import Moves
from clvcli.scoring.cluster.sums.totals import unpacked
from clvcli.scoring.series.moves import Movers, transitions_of

PARQUET = b"PAR1"
CHANGED = "known is null or not (stage <=> previous_stage) as stage_changed"


@dataclass(frozen=True)
class Earlier:
    """An earlier table: a Spark frame of customer_id, previous_stage, previous_clv and `known`, true."""

    frame: Any

    def beside(self, table: Any) -> Any:
        """The table with previous_stage and stage_changed, as lifecycle/previous.py has them. One shuffle."""
        joined = table.join(self.frame, "customer_id", "left")
        return joined.selectExpr(*table.columns, "previous_stage", CHANGED)

    def told(self, written: Written, path: str, stages: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The series of transitions, and what the manifest says of the earlier table."""
        both = written.table.join(self.frame.drop("previous_stage"), "customer_id", "left")
        total = reduced(both, Moves(), Moves().merge)
        assert total is not None
        rest = self.frame.join(written.table.select("customer_id"), "customer_id", "left_anti")
        left = dict(collected(rest.groupBy("previous_stage").count()).iter_rows())
        people = Movers(total["moved"], unpacked(total["named"]))
        counts = {"path": path, "new": total["new"], "changed": total["changed"], "left": sum(left.values())}
        return transitions_of(total["moves"], left, people, stages), counts


def read_earlier(session: Any, path: str, *, valued_alike: bool) -> Earlier:
    """A table in Parquet, a file or a folder; without its clv where it was valued in another way. Raises InputError
    for what is no scored table."""
    with failures(f"reading {path}"):
        frame = session.read.parquet(globless(_place(path)))
        frame = frame.withColumnsRenamed(new_columns(frame.columns))
        for name in ("customer_id", "stage"):
            if name not in frame.columns:
                raise InputError(
                    f"{path}: is no scored table: it has no column {name}", hint="clv score DATA writes one"
                )
        clv = "cast(clv as double)" if valued_alike and "clv" in frame.columns else "cast(null as double)"
        frame = frame.selectExpr(
            "cast(customer_id as string) as customer_id",
            "cast(stage as string) as previous_stage",
            f"{clv} as previous_clv",
            "true as known",
        )
        bad = frame.groupBy("customer_id").count().where("customer_id is null or count > 1").limit(1)
        if collected(bad).height:
            raise InputError(f"{path}: a customer_id is empty or stands twice", hint="score again: clv score DATA")
    return Earlier(frame)


def _place(path: str) -> str:
    """The address of the table. A path of this machine when it is there, else, if absolute, one of the cluster's."""
    if ADDRESS.match(path) or (os.path.isabs(path) and not os.path.exists(path)):
        return path
    if not os.path.exists(path):
        raise InputError(f"{path}: no such file", hint="name a table that clv score wrote")
    if os.path.isfile(path):
        with open(path, "rb") as stream:
            if stream.read(4) != PARQUET:
                raise InputError(
                    f"{path}: --engine spark reads earlier tables in Parquet alone", hint="clv score -f parquet"
                )
    elif not any(name.endswith(".parquet") for name in os.listdir(path)):
        raise InputError(f"{path}: no Parquet file in it", hint="name a table that clv score wrote")
    return Path(path).resolve().as_uri()
