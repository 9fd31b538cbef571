"""The engines by their names. Nothing else knows of Spark."""

from typing import cast

from clvcli.core.errors import UsageError
from clvcli.core.options import ScoreOptions
from clvcli.engines import local
from clvcli.engines.base import Carrier
from clvcli.engines.summaries import Summaries


def engine_of(options: ScoreOptions) -> Carrier:
    """The engine of --engine, not open yet. Raises UsageError for what it cannot do."""
    if options.summary:
        return cast("Carrier", Summaries(options))
    if options.engine == local.name:
        return cast("Carrier", local)
    if options.engine == "spark":
        from clvcli.engines.spark.cluster import Cluster

        return Cluster(options)
    raise UsageError(f"--engine {options.engine}: is none", hint="--engine polars, or --engine spark")
