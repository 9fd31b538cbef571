"""The table of commands: what `clv --help` lists. `clv NAME` runs `run(options, console)` of clvcli/cli/NAME.py.

A new command is a file there, a class in clvcli/core/options and an entry here.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from clvcli.core.settings import OptionInfo, Options

START, SCORE, ACT, SET_UP = "Start", "Score", "Act", "Set up"


class Command(NamedTuple):
    """One command. `name` may have two words: `rules list` is `run_list` of clvcli/cli/rules.py.

    `common` are the options that its help of one screen shows (all of them where it is empty); `examples` are command
    lines with what they do, run by a test in the order in which they stand, in a folder with the sample data.
    """

    name: str
    options_name: str
    group: str
    help: str
    common: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def options(self) -> "type[Options]":
        """Its class of clvcli/core/options, made when it is asked for: the list of commands needs none of them."""
        from clvcli.core import options

        return getattr(options, self.options_name)  # type: ignore[no-any-return]

    @property
    def declared(self) -> "dict[str, tuple[Any, Any, OptionInfo]]":
        """Name -> (type, default, info) of its options: arguments first, how it speaks last."""
        from clvcli.core.options.panels import TALK
        from clvcli.core.settings import declared

        known = declared(self.options).items()
        return dict(sorted(known, key=lambda item: (not item[1][2].positional, item[1][2].panel == TALK)))


COMMANDS: tuple[Command, ...] = (
    Command(
        "init", "InitOptions", START, "Write a clv.yaml, rules to edit and a sample log.",
        examples=(("clv init myshop", "a folder to start from"),),
    ),
    Command(
        "check", "CheckOptions", START, "Look at a log: columns, problems by line, is there enough data? Fits nothing.",
        ("data", "customer", "date", "amount", "order_id", "where", "date_format", "as_of", "max_rejects", "json"),
        (
            ("clv check transactions.csv", "what is in the log, and what is wrong with it"),
            ('clv check lines.csv --amount "quantity * unit_price" --order-id order_id', "order lines"),
        ),
    ),
    Command(
        "simulate", "SimulateOptions", START, "Draw a log from known parameters: to try things, to test, to teach.",
        ("table", "buyers", "rows", "start", "end", "seed", "true_model", "dirt", "output_file", "format"),
        (
            ("clv simulate --customers 500 -o try.csv", "a small log with some dirt"),
            ("clv simulate --rows 100000 --dirt 0 -o big.parquet", "a clean one of 100,000 lines"),
        ),
    ),
    Command(
        "score", "ScoreOptions", SCORE, "Score every customer: value, lifecycle stage, next action.",
        (
            "data", "output", "format", "customer", "date", "amount", "order_id", "where", "as_of", "horizon", "rules",
            "customers", "margin", "report",
        ),
        (
            ("clv score transactions.csv", "a table, a summary here"),
            ("clv score transactions.csv -o scored.csv --report report.html", "and a page"),
            ('clv score lines.csv --amount "quantity * unit_price"', "order lines"),
        ),
    ),
    Command(
        "fit", "FitOptions", SCORE, "Fit the models and save their parameters; score --use-model reads them.",
        ("data", "output", "model", "by", "horizon", "spend_basis", "as_of", "acquired_from", "json"),
        (
            ("clv fit transactions.csv -o model.json", "the parameters of today"),
            ("clv score transactions.csv --use-model model.json", "scores that move only with the customers"),
        ),
    ),
    Command(
        "backtest", "BacktestOptions", SCORE, "Judge models, heuristics and rules on the customers' own past.",
        ("data", "holdout", "folds", "model", "horizon", "rules", "as_of", "output", "json"),
        (("clv backtest transactions.csv --folds 1", "how good the forecasts would have been"),),
    ),
    Command(
        "explain", "ExplainOptions", SCORE, "One customer: history, chances, why this stage, what would change it.",
        ("data", "id", "rules", "customers", "horizon", "as_of", "html", "svg", "json"),
        (
            ("clv explain scored.csv C0000002", "from the scored table: why this stage, what is in force"),
            ("clv explain scored.csv transactions.csv C0000002 --html c2.html", "with every purchase, and as a page"),
            ("clv explain transactions.csv C0000002", "from the log: also what would change the stage"),
        ),
    ),
    Command(
        "top", "TopOptions", SCORE, "Whom to turn to now, what to do, and why in one sentence of figures.",
        examples=(
            ("clv top scored.csv", "the ten customers to turn to first"),
            ("clv top scored.csv --for call -n 3", "whom to call"),
        ),
    ),
    Command(
        "report", "ReportOptions", SCORE, "The HTML page or its charts again, from a scored table's manifest.",
        examples=(("clv report scored.csv -o page.html", "the page of an earlier run"),),
    ),
    Command(
        "plan", "PlanOptions", ACT, "Plan contacts: who, when, how and why, within caps, capacity and budget.",
        ("scored", "rules", "start", "days", "caps", "capacity", "cost", "budget", "output", "format"),
        (
            ("clv plan scored.csv", "the contacts of the next 30 days"),
            ("clv plan scored.csv --capacity phone=20 --cost phone=4 --budget 2000", "as many as can be made"),
        ),
    ),
    Command(
        "compare", "CompareOptions", ACT, "Compare two scored tables: who moved, before and after, lift of campaigns.",
        (
            "old", "new", "contacts", "movers", "spend", "cap", "first_stage", "last_stage", "output", "result_format",
            "json",
        ),
        (
            ("clv score transactions.csv --as-of 2024-11-30 -o november.csv -q", ""),
            ("clv compare november.csv scored.csv", "who moved since"),
        ),
    ),
    Command(
        "history", "HistoryOptions", ACT, "Audit the base: stages over time, why sales changed, deciles, cohorts.",
        (
            "data", "every", "between", "rules", "customers", "last_stage", "horizon", "as_of", "output",
            "result_format", "json",
        ),
        (("clv history transactions.csv --every 6m", "how the stages filled"),),
    ),
    Command(
        "economics", "EconomicsOptions", ACT, "What customers are worth, cost and keep: LTV, churn, CAC, payback, MRR.",
        (
            "data", "by", "period", "customers", "spend", "margin", "retention", "end", "output", "result_format",
        ),
        (
            ("clv economics transactions.csv", "sales, retention, lifetime value by month"),
            ("clv economics transactions.csv --customers customers.csv --spend spend.csv --by channel", "by channel"),
        ),
    ),
    Command(
        "crosssell", "CrosssellOptions", ACT, "What comparable good customers buy that this one does not.",
        (
            "data", "product", "amount", "by", "top", "value", "together", "due", "output", "result_format",
            "json",
        ),
        (('clv crosssell lines.csv --product product --amount "quantity * unit_price"', "whom to offer what"),),
    ),
    Command(
        "rules list", "RulesListOptions", SET_UP, "List the shipped lifecycles.",
        examples=(("clv rules list", "the presets of --rules"),),
    ),
    Command(
        "rules show", "RulesShowOptions", SET_UP, "Show a lifecycle on one screen: stages, goals, actions.",
        examples=(("clv rules show predictive", "its stages"), ("clv rules show --yaml", "a file to start from")),
    ),
    Command(
        "rules check", "RulesCheckOptions", SET_UP, "Find stages nobody can reach, gaps, conditions that never hold.",
        examples=(
            ("clv rules check predictive transactions.csv", "on the customers of a log"),
            ("clv rules check predictive scored.csv", "whom its stages get, and who moves against the table's own"),
        ),
    ),
    Command("rules schema", "RulesSchemaOptions", SET_UP, "Print the JSON Schema of rules files, for editors."),
    Command(
        "sources list", "SourcesListOptions", SET_UP, "List the exports that are known by their header.",
        examples=(("clv sources list", "shops, banks and marketplaces whose exports need no options"),),
    ),
    Command(
        "sources show", "SourcesShowOptions", SET_UP, "Print how a known export is read, to start your own from.",
        examples=(("clv sources show shopify", "columns, amount, what counts"),),
    ),
    Command(
        "columns", "ColumnsOptions", SET_UP, "List every output column: name, type, unit, meaning.",
        examples=(("clv columns", "what the columns of the scored table mean"),),
    ),
    Command(
        "config", "ConfigOptions", SET_UP, "Show the options in force and where each comes from.",
        examples=(("clv config", "what clv.yaml and CLV_* set for score"), ("clv config fit --all", "and all else")),
    ),
    Command("run", "RunOptions", SET_UP, "Run the nightly job of clv.yaml: check, score, compare, plan, report."),
    Command(
        "help", "HelpOptions", SET_UP, "Explain a topic, option, column, warning, stage or exit code.",
        examples=(
            ("clv help", "the topics"), ("clv help p_alive", "a column"),
            ("clv help search returns", "wherever it stands"),
        ),
    ),
)  # fmt: skip
GROUPS = {
    "rules": "The lifecycle rules: shipped presets, and a check of your own.",
    "sources": "Known exports: what tells them, how they are read.",
}


def children(words: str) -> dict[str, tuple[str, str]]:
    """Name -> (part of the work, what it does) of what may be typed after `clv`, or after the words of a group."""
    found: dict[str, tuple[str, str]] = {}
    for command in COMMANDS:
        first, _, second = command.name.partition(" ")
        if not words:
            found[first] = (command.group, GROUPS.get(first, command.help))
        elif first == words:
            found[second] = ("Commands", command.help)
    return found


def every_option() -> dict[str, str]:
    """Name -> metavar of the options of all commands: clv.yaml and the environment serve them all."""
    from clvcli.core.settings import declared

    found: dict[str, str] = {}
    for command in COMMANDS:
        for name, (_, _, info) in declared(command.options).items():
            found[name] = found.get(name) or info.metavar or ""
    return found
