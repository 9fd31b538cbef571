"""Options of the commands that help to start: init, columns, rules, simulate."""

from dataclasses import dataclass

from clvcli.core.options.checks import (
    a_count,
    a_date,
    a_date_or_today,
    a_part,
    at_least_one,
    not_negative,
)
from clvcli.core.options.panels import CLEAN, DRAW, LOG, OUT
from clvcli.core.options.shared import JsonOptions, ListOptions, TalkOptions, WaitOptions
from clvcli.core.settings import arg, opt


@dataclass(frozen=True, kw_only=True, repr=False)
class ColumnsOptions(JsonOptions, ListOptions, TalkOptions):
    """`clv columns`."""


@dataclass(frozen=True, kw_only=True, repr=False)
class HelpOptions(TalkOptions):
    """`clv help`."""

    words: tuple[str, ...] = arg(
        (), "A topic, command, option, column, warning or stage; or search WORDS.", metavar="[TOPIC | search WORDS]"
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class ConfigOptions(JsonOptions, ListOptions, TalkOptions):
    """`clv config`."""

    command: str = arg("score", "Whose options to list (default: score).", metavar="[COMMAND]")
    all: bool = opt(False, "List the defaults too.", panel=OUT)
    schema: str | None = opt(
        None, "Print the JSON Schema of clv.yaml, or of manifests, instead.", choices=("config", "manifest"), panel=OUT
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class InitOptions(TalkOptions):
    """`clv init`."""

    folder: str = arg(".", "Where the files go (default: here).", metavar="DIR")


@dataclass(frozen=True, kw_only=True, repr=False)
class RulesListOptions(JsonOptions, ListOptions, TalkOptions):
    """`clv rules list`."""


@dataclass(frozen=True, kw_only=True, repr=False)
class RulesShowOptions(ListOptions, JsonOptions, TalkOptions):
    """`clv rules show`."""

    name: str = arg("rfm-lifecycle", "A preset or a rules file (default: rfm-lifecycle).", metavar="RULES")
    yaml: bool = opt(False, "Print the file itself, to start your own from.", "--yaml", panel=OUT)


@dataclass(frozen=True, kw_only=True, repr=False)
class RulesCheckOptions(ListOptions, JsonOptions, TalkOptions):
    """`clv rules check`."""

    rules: str = arg(..., "A rules file or a preset.", metavar="RULES")
    data: tuple[str, ...] = arg(
        (), "A log or a scored table: whom the stages get, and what moves.", metavar="[DATA...]"
    )
    customer: str | None = opt(None, "Column or SQL of customer ids.", metavar="COLUMN|SQL", panel=LOG, needs="data")
    date: str | None = opt(None, "Column or SQL of the date.", metavar="COLUMN|SQL", panel=LOG, needs="data")
    amount: str | None = opt(None, "Column or SQL of the amount.", metavar="COLUMN|SQL", panel=LOG, needs="data")
    where: str | None = opt(None, "Keep records where this holds.", metavar="SQL", panel=CLEAN, needs="data")
    as_of: str | None = opt(
        None, "Day of analysis.", metavar="DATE|today", check=a_date_or_today, panel=CLEAN, needs="data"
    )
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=LOG, needs="data")


@dataclass(frozen=True, kw_only=True, repr=False)
class SourcesListOptions(ListOptions, JsonOptions, TalkOptions):
    """`clv sources list`."""


@dataclass(frozen=True, kw_only=True, repr=False)
class SourcesShowOptions(TalkOptions):
    """`clv sources show`."""

    name: str = arg(..., "A known export or a file of one's own.", metavar="NAME|FILE")


@dataclass(frozen=True, kw_only=True, repr=False)
class RulesSchemaOptions(TalkOptions):
    """`clv rules schema`."""


@dataclass(frozen=True, kw_only=True, repr=False)
class SimulateOptions(WaitOptions, JsonOptions, TalkOptions):
    """`clv simulate`. The defaults draw sample_data/transactions.csv."""

    # Field names differ from the flags where score has an option of that name: one clv.yaml serves all commands.
    table: str = opt(
        "log",
        "Table to draw: the log, or another one of the same customers.",
        choices=("log", "lines", "customers", "spend", "subscriptions"),
        panel=DRAW,
    )
    buyers: int = opt(6000, "Number of customers.", "--customers", metavar="N", check=a_count, panel=DRAW)
    rows: int | None = opt(
        None, "About this many lines, instead of a number of customers.", metavar="N", check=a_count, panel=DRAW
    )
    start: str = opt("2023-01-01", "First day.", metavar="DATE", check=a_date, panel=DRAW)
    end: str = opt("2024-12-31", "Last day.", metavar="DATE", check=a_date, panel=DRAW)
    seed: int = opt(1, "The same seed and options give the same bytes.", metavar="N", check=not_negative, panel=DRAW)
    true_model: str = opt(
        "bg-nbd",
        "How customers buy and leave.",
        "--model",
        choices=("bg-nbd", "mbg-nbd", "pareto-nbd"),
        panel=DRAW,
    )
    params: str | None = opt(
        None, "Its parameters, in weeks, like r=0.7,alpha=7,a=0.8,b=2.5.", metavar="NAME=X,...", panel=DRAW
    )
    spend_params: str | None = opt(
        None, "Gamma-Gamma's parameters, like p=6,q=4,v=18.", metavar="NAME=X,...", panel=DRAW
    )
    lines: float = opt(1.3, "Lines a purchase, on average.", metavar="X", check=at_least_one, panel=DRAW)
    dirt: float = opt(
        0.02, "Share of lines added as dirt: returns, no id, twins, bad dates and amounts.", check=a_part, panel=DRAW
    )
    season: float = opt(0.0, "Swing of the year: 0.3 is 30 % more in December.", check=a_part, panel=DRAW)
    ids: str = opt("code", "C0000001, 1, or random UUIDs.", choices=("code", "integer", "uuid"), panel=DRAW)
    output_file: str | None = opt(
        None,
        "Where the table goes (default: transactions.csv or TABLE.csv); - for stdout.",
        "-o",
        "--output",
        metavar="FILE",
        panel=OUT,
    )
    format: str | None = opt(
        None,
        "Format (default: by the suffix of -o, else csv).",
        "-f",
        "--format",
        choices=("csv", "parquet", "ndjson"),
        panel=OUT,
    )
