"""The table of commands: what `clv --help` lists. `clv NAME` runs `run(options, console)` of clvcli/cli/NAME.py."""

from typing import NamedTuple

from clvcli import options as o
from clvcli.settings import Options


class Command(NamedTuple):
    """One command. `name` may have two words: `rules list` is `run_list` of clvcli/cli/rules.py."""

    name: str
    options: type[Options]
    help: str


COMMANDS: tuple[Command, ...] = (
    Command("init", o.InitOptions, "Start: write a clv.yaml, rules to edit and a sample log."),
    Command("score", o.ScoreOptions, "Score every customer: value, lifecycle stage, next action. The main job."),
    Command("fit", o.FitOptions, "Fit the models and save their parameters; score --use-model reads them."),
    Command("simulate", o.SimulateOptions, "Draw a log from known parameters: to try things, to test, to teach."),
    Command("schema", o.SchemaOptions, "List every output column: name, type, unit, meaning."),
)
