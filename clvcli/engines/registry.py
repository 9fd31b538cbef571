"""The engines by their names. Nothing else knows of Spark."""

from typing import cast

from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import ScoreOptions, SummaryOptions
from clvcli.engines import local
from clvcli.engines.base import Carrier
from clvcli.engines.summaries import Summaries


def machine_of(options: SummaryOptions) -> Carrier:
    """The engine of one machine: on a log, or on a summary."""
    return cast("Carrier", Summaries() if options.summary else local)


def engine_of(options: ScoreOptions) -> Carrier:
    """The engine of --engine, not open yet. Raises UsageError for what it cannot do."""
    if options.engine == local.name:
        return machine_of(options)
    if options.engine == "spark":
        from clvcli.engines.spark.cluster import Cluster

        return Cluster(options)
    raise UsageError(
        marked("--engine {engine}: is none", engine=options.engine), hint="--engine polars, or --engine spark"
    )
