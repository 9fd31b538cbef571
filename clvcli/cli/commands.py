"""The table of commands: what `clv --help` lists. `clv NAME` runs `run(options, console)` of clvcli/cli/NAME.py."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clvcli.core.settings import Options


class Command(NamedTuple):
    """One command. `name` may have two words: `rules list` is `run_list` of clvcli/cli/rules.py."""

    name: str
    options_name: str
    help: str

    @property
    def options(self) -> "type[Options]":
        """Its class of clvcli/core/options, made when it is asked for: the list of commands needs none of them."""
        from clvcli.core import options

        return getattr(options, self.options_name)  # type: ignore[no-any-return]


COMMANDS: tuple[Command, ...] = (
    Command("init", "InitOptions", "Start: write a clv.yaml, rules to edit and a sample log."),
    Command("check", "CheckOptions", "Look at a log: columns, problems by line, is there enough data? Fits nothing."),
    Command("score", "ScoreOptions", "Score every customer: value, lifecycle stage, next action. The main job."),
    Command("fit", "FitOptions", "Fit the models and save their parameters; score --use-model reads them."),
    Command("compare", "CompareOptions", "Compare two scored tables: who moved, before and after, lift of campaigns."),
    Command("top", "TopOptions", "Whom to turn to now, what to do, and why in one sentence of figures."),
    Command("plan", "PlanOptions", "Plan contacts: who, when, how and why, within caps, capacity and budget."),
    Command("economics", "EconomicsOptions", "What customers are worth, cost and keep: LTV, churn, CAC, payback, MRR."),
    Command("crosssell", "CrosssellOptions", "What comparable good customers buy that this one does not."),
    Command("report", "ReportOptions", "The HTML page or its charts again, from a scored table's manifest."),
    Command("run", "RunOptions", "Run the nightly job of clv.yaml: check, score, compare, plan, report, behind gates."),
    Command("simulate", "SimulateOptions", "Draw a log from known parameters: to try things, to test, to teach."),
    Command("backtest", "BacktestOptions", "Judge models, heuristics and rules on the customers' own past."),
    Command("schema", "SchemaOptions", "List every output column: name, type, unit, meaning."),
    Command("explain", "ExplainOptions", "One customer: history, chances, why this stage, what would change it."),
    Command("rules list", "RulesListOptions", "List the shipped lifecycles."),
    Command("rules show", "RulesShowOptions", "Show a lifecycle on one screen: stages, goals, actions."),
    Command("rules check", "RulesCheckOptions", "Find stages nobody can reach, gaps, and conditions that never hold."),
    Command("rules schema", "RulesSchemaOptions", "Print the JSON Schema of rules files, for editors."),
)
