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
    Command("check", o.CheckOptions, "Look at a log: columns, problems by line, is there enough data? Fits nothing."),
    Command("score", o.ScoreOptions, "Score every customer: value, lifecycle stage, next action. The main job."),
    Command("fit", o.FitOptions, "Fit the models and save their parameters; score --use-model reads them."),
    Command("compare", o.CompareOptions, "Compare two scored tables: who moved, before and after, lift of campaigns."),
    Command("plan", o.PlanOptions, "Plan contacts: who, when, how and why, within caps, capacity and budget."),
    Command("economics", o.EconomicsOptions, "What customers are worth, cost and keep: LTV, churn, CAC, payback, MRR."),
    Command("crosssell", o.CrosssellOptions, "What comparable good customers buy that this one does not."),
    Command("report", o.ReportOptions, "The HTML page or its charts again, from a scored table's manifest."),
    Command("run", o.RunOptions, "Run the nightly job of clv.yaml: check, score, compare, plan, report, behind gates."),
    Command("simulate", o.SimulateOptions, "Draw a log from known parameters: to try things, to test, to teach."),
    Command("backtest", o.BacktestOptions, "Judge models, heuristics and rules on the customers' own past."),
    Command("schema", o.SchemaOptions, "List every output column: name, type, unit, meaning."),
    Command("explain", o.ExplainOptions, "One customer: history, chances, why this stage, what would change it."),
    Command("rules list", o.RulesListOptions, "List the shipped lifecycles."),
    Command("rules show", o.RulesShowOptions, "Show a lifecycle on one screen: stages, goals, actions."),
    Command("rules check", o.RulesCheckOptions, "Find stages nobody can reach, gaps, and conditions that never hold."),
    Command("rules schema", o.RulesSchemaOptions, "Print the JSON Schema of rules files, for editors."),
)
