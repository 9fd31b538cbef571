"""What an engine makes on the way: collapsed tables and cuts, as JSON. Run by the Python that the engine needs.

python tests/engines/inside.py ENGINE OPTIONS-AS-JSON OUTPUT
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.options import ScoreOptions
from clvcli.engines.base import CUSTOMER_COLUMNS
from clvcli.scoring.thresholds import Cuts


def of_polars(options: ScoreOptions) -> tuple[pl.DataFrame, Any, Any, Cuts]:
    """Customers, history, spending, cuts of the default engine."""
    from clvcli.engines import local as engine
    from clvcli.scoring.scored import score_log

    done = score_log(options)
    customers = done.table.select(list(CUSTOMER_COLUMNS))
    history = engine.history(customers, done.log.as_of)
    return customers, history, engine.spending(customers, options.spend_basis, options.decimals), done.cuts


def of_spark(options: ScoreOptions) -> tuple[pl.DataFrame, Any, Any, Cuts]:
    """The same of the cluster."""
    from clvcli.engines.spark.cluster import Cluster
    from clvcli.engines.spark.frames import collected
    from clvcli.scoring.scored import quiet, score_log

    engine = Cluster(options)
    engine.open(quiet)
    done = score_log(options, quiet, engine)
    customers = done.table
    history = engine.history(customers, done.log.as_of)
    spending = engine.spending(customers, options.spend_basis, options.decimals)
    return collected(customers.select(*CUSTOMER_COLUMNS)), history, spending, done.cuts


ENGINES = {"polars": of_polars, "spark": of_spark}


def main() -> None:
    """Writes what the engine made."""
    name, options, output = sys.argv[1:]
    given = json.loads(options)
    customers, history, spending, cuts = ENGINES[name](ScoreOptions(**{**given, "data": tuple(given["data"])}))
    told = {
        "history": [np.asarray(values).tolist() for values in (history.x, history.t_x, history.T, history.weight)],
        "spending": [np.asarray(values).tolist() for values in (spending.n, spending.mean, spending.weight)],
        "cuts": {n: v for n, v in replace(cuts).as_json().items() if not n.startswith("clv_")},
    }
    Path(f"{output}.json").write_text(json.dumps(told))
    customers.sort("customer_id").write_parquet(f"{output}.parquet")


if __name__ == "__main__":
    main()
