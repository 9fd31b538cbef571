"""`clv simulate`: see simulate/job.py."""

import dataclasses
import json
import sys

from clvcli.cli.console import Console
from clvcli.core.errors import UsageError
from clvcli.core.options import SimulateOptions
from clvcli.core.printable import counted


def run(options: SimulateOptions, console: Console) -> None:
    """Draws one table and says how."""
    from clvcli.commands.simulate.job import simulate

    if options.json and options.output_file == "-":
        raise UsageError("--json and the table cannot both go to stdout", "-o FILE")
    with console.working() as working:
        working.stage("drawing")
        drawn = simulate(options)
    plan, dirt = drawn.plan, ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in drawn.dirt.items() if n)
    values = ", ".join(f"{name} {value:g}" for name, value in {**plan.params, **plan.spend}.items())
    console.note(
        f"{drawn.output}: {counted(drawn.rows, 'row')}, {counted(plan.customers, 'customer')}, seed {plan.seed}"
    )
    console.note(f"{plan.model} and gamma-gamma, in weeks: {values}")
    if dirt:
        console.note(f"dirt: {dirt}")
    if options.json:
        sys.stdout.write(json.dumps(dataclasses.asdict(drawn), indent=2, default=str) + "\n")
