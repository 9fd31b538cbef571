"""Every option of every command, declared once: name, type, default, flags, help.

Imports nothing heavy: the help is made from it. `clvcli/settings.py` says how an option gets its value.
"""

import re
from dataclasses import dataclass
from typing import Any

from clvcli.horizon import parse_span
from clvcli.settings import Options, arg, declared, opt

LOG, CLEAN, MODEL, OUT, TALK = "The log", "What counts", "Model and value", "Output", "Running"
VALUE, CONTRACT = "What to show", "Subscriptions"


def _date_or_today(text: str) -> None:
    from datetime import date

    if text == "today":
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is a date like 2024-12-31, or today") from None


def _date(text: str) -> None:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is a date like 2024-12-31") from None


def _tolerance(text: str) -> None:
    number = text.removesuffix("%")
    try:
        value = float(number) if text.endswith("%") else int(number)
    except ValueError:
        raise ValueError("is a count like 100 or a share like 1%") from None
    if not 0 <= value < float("inf") or (text.endswith("%") and value > 100):
        raise ValueError("is a count of 0 or more, or a share from 0% to 100%")


def _share(text: str) -> None:
    if not 0 < float(text) < 1:
        raise ValueError("is between 0 and 1")


def _not_negative(text: str) -> None:
    if float(text) < 0:
        raise ValueError("is 0 or more")


def _decimals(text: str) -> None:
    if not 0 <= int(text) <= 6:
        raise ValueError("is a whole number from 0 to 6")


def _folds(text: str) -> None:
    if not 1 <= int(text) <= 24:
        raise ValueError("is a whole number from 1 to 24")


def _span(text: str) -> None:
    parse_span(text, infinite=False)


def _what_if(text: str) -> None:
    if not re.fullmatch(r"[+-][0-9]+(\.[0-9]+)?pp|(100|[0-9]{1,2}(\.[0-9]+)?)%", text.strip()):
        raise ValueError("is a step like +5pp, or a retention like 85%")


def _whole_share(text: str) -> None:
    if not 0 < float(text) <= 1:
        raise ValueError("is above 0 and at most 1")


def _one_or_more(text: str) -> None:
    if int(text) < 1:
        raise ValueError("is 1 or more")


@dataclass(frozen=True, kw_only=True)
class TalkOptions(Options):
    """How a command speaks."""

    config: str | None = opt(
        None, "Options from this YAML file instead of clv.yaml in the current folder.", metavar="FILE", panel=TALK
    )
    log_file: str | None = opt(None, "Append what happens to FILE as JSON lines.", metavar="FILE", panel=TALK)
    quiet: bool = opt(False, "Say nothing unless it fails.", "-q", "--quiet", panel=TALK)
    verbose: int = opt(0, "Say more; -vv shows the traceback of a bug.", "-v", "--verbose", panel=TALK)
    progress: bool = opt(
        True, "Show the stage of a long run (on a terminal only).", "--progress/--no-progress", panel=TALK
    )
    color: str = opt("auto", "Colour on stderr.", choices=("auto", "always", "never"), panel=TALK)


@dataclass(frozen=True, kw_only=True)
class LogOptions(TalkOptions):
    """How a transaction log is read and what of it counts."""

    data: tuple[str, ...] = arg(
        ..., "CSV or Parquet: a file, several, a glob, a folder, or - for stdin.", metavar="DATA..."
    )

    customer: str | None = opt(None, "Column (or SQL) of the customer id.", metavar="COLUMN|SQL", panel=LOG)
    date: str | None = opt(None, "Column (or SQL) of the date.", metavar="COLUMN|SQL", panel=LOG)
    amount: str | None = opt(
        None, 'Column (or SQL) of the amount: "Quantity * UnitPrice".', metavar="COLUMN|SQL", panel=LOG
    )
    order_id: str | None = opt(None, "Column (or SQL) of the order id.", metavar="COLUMN|SQL", panel=LOG)
    line_id: str | None = opt(None, "Column (or SQL) of the line within an order.", metavar="COLUMN|SQL", panel=LOG)
    currency: str | None = opt(
        None, "Column (or SQL) of the currency; one currency or the log is refused.", metavar="COLUMN|SQL", panel=LOG
    )
    date_format: str | None = opt(None, "Format of the dates, like %d/%m/%Y.", metavar="FORMAT", panel=LOG)
    tz: str | None = opt(
        None, "Zone whose calendar day counts for times with an offset (default UTC).", metavar="ZONE", panel=LOG
    )
    decimals: int = opt(2, "Decimals of the currency.", check=_decimals, panel=LOG)
    decimal_mark: str | None = opt(
        None, "Decimal mark of the amounts when the data do not prove it.", choices=(".", ","), panel=LOG
    )
    encoding: str | None = opt(
        None, "Encoding of a file that is not UTF-8 or UTF-16, like latin-1.", metavar="NAME", panel=LOG
    )
    header: bool = opt(
        True,
        "The first line names the columns; without it they are column_1, column_2, ...",
        "--header/--no-header",
        panel=LOG,
    )

    where: str | None = opt(None, "Use only records for which this SQL condition holds.", metavar="SQL", panel=CLEAN)
    as_of: str | None = opt(
        None,
        "The day on which to stand (default: the latest date of the log).",
        metavar="DATE|today",
        check=_date_or_today,
        panel=CLEAN,
    )
    returns: str = opt(
        "reverse",
        "Negative records: pair them with what they reverse, net them, or keep them.",
        choices=("reverse", "net", "keep"),
        panel=CLEAN,
    )
    duplicates: str = opt("keep", "Identical lines.", choices=("keep", "drop"), panel=CLEAN)
    max_rejects: str = opt(
        "1%", "Stop when more records than this are rejected.", metavar="N|P%", check=_tolerance, panel=CLEAN
    )
    max_age: str | None = opt(
        None, "Warn when the newest record is older than this.", metavar="SPAN", check=_span, panel=CLEAN
    )
    acquired_from: str | None = opt(
        None, "Fit on customers first seen on or after this day; score all.", metavar="DATE", check=_date, panel=CLEAN
    )
    strict: bool = opt(False, "Warnings end the run with status 3.", panel=CLEAN)


@dataclass(frozen=True, kw_only=True)
class ValueOptions(LogOptions):
    """How value is predicted, whoever is asked about."""

    model: str = opt("bg-nbd", "Purchase model, or auto: the best out of time.", metavar="NAME|auto", panel=MODEL)
    spend_basis: str = opt(
        "all",
        "Spend model sees all purchases, or repeat ones (the literature).",
        choices=("all", "repeat"),
        panel=MODEL,
    )
    horizon: str = opt("12m", "How far ahead: 12m, 52w, 365d, 2y, inf.", metavar="SPAN", check=parse_span, panel=MODEL)
    time_unit: str = opt(
        "week",
        "Unit of printed parameters and of frequency, recency, T.",
        choices=("day", "week", "month", "year"),
        panel=MODEL,
    )
    margin: str = opt(
        "1", "Profit per unit of spend: a rate, or a column of --customers.", metavar="RATE|COLUMN", panel=MODEL
    )
    discount_rate: float = opt(0.0, "Per year, 0.1 is 10 %.", check=_not_negative, panel=MODEL)
    alert: float = opt(0.5, "P(alive) below which a customer's silence is alarming.", check=_share, panel=MODEL)
    seasonality: str | None = opt(
        None, "Scale finite horizons by the month (two full years needed).", choices=("month",), panel=MODEL
    )


@dataclass(frozen=True, kw_only=True)
class ModelOptions(ValueOptions):
    """How value is predicted, group by group where that is asked for."""

    by: str | None = opt(
        None,
        "Fit one model for each value of this column where groups are large enough.",
        metavar="COLUMN",
        panel=MODEL,
    )


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(ModelOptions):
    """`clv score`."""

    output: str | None = opt(
        None, "Where the scored table goes; - for stdout.", "-o", "--output", metavar="FILE", panel=OUT
    )
    format: str | None = opt(
        None,
        "Format of the table (default: by the suffix of -o, else csv).",
        "-f",
        "--format",
        choices=("csv", "parquet", "ndjson", "xlsx"),
        panel=OUT,
    )
    rules: str = opt(
        "rfm-lifecycle", "Lifecycle rules: a YAML file or a preset (clv rules list).", metavar="FILE|PRESET", panel=OUT
    )
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=OUT)
    previous: str | None = opt(
        None, "An earlier scored table: adds previous_stage and stage_changed.", metavar="FILE", panel=OUT
    )
    changed_only: bool = opt(False, "With --previous: write only customers whose stage changed.", panel=OUT)
    counts: int | None = opt(
        None, "Add the chance of 0, 1, ... K purchases within the horizon.", metavar="K", check=_not_negative, panel=OUT
    )
    report: str | None = opt(None, "Write the HTML report.", metavar="FILE.html", panel=OUT)
    backtest: str | None = opt(None, "A file of `clv backtest -o` for the report.", metavar="FILE", panel=OUT)
    json: bool = opt(False, "Print the manifest on stdout.", "--json", panel=OUT)
    manifest: str | None = opt(None, "Where the manifest goes (default: OUTPUT.run.json).", metavar="FILE", panel=OUT)
    rejects: str | None = opt(
        None, "Where rejected records are listed (default: OUTPUT.rejects.csv).", metavar="FILE", panel=OUT
    )
    excel: bool = opt(False, "CSV that Excel opens safely: byte-order mark, no formulas.", panel=OUT)
    dry_run: bool = opt(False, "Do everything but write.", panel=OUT)
    use_model: str | None = opt(None, "Score with this saved model instead of fitting.", metavar="FILE", panel=MODEL)
    require_model: bool = opt(False, "Fail with status 5 when no model can be fitted.", panel=MODEL)
    no_model: bool = opt(False, "Fit nothing: recency, frequency, monetary value and stages only.", panel=MODEL)
    engine: str = opt("polars", "What does the heavy work.", choices=("polars", "spark"), panel=TALK)
    remote: str | None = opt(None, "Spark Connect address, like sc://host:15002.", metavar="URL", panel=TALK)
    wait: float | None = opt(
        None,
        "Wait this many seconds for an output that another run is writing.",
        metavar="SECONDS",
        check=_not_negative,
        panel=TALK,
    )


@dataclass(frozen=True, kw_only=True)
class FitOptions(ModelOptions):
    """`clv fit`."""

    output: str | None = opt(
        None, "Where the model goes; - for stdout.", "-o", "--output", metavar="FILE.json", panel=OUT
    )
    rules: str = opt("rfm-lifecycle", "Rules whose breakpoints the saved scores use.", metavar="FILE|PRESET", panel=OUT)
    json: bool = opt(False, "Print the model on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class BacktestOptions(ModelOptions):
    """`clv backtest`."""

    holdout: str | None = opt(
        None,
        "Time held out at each origin (default: a quarter of the log, at most the horizon).",
        metavar="SPAN",
        check=_span,
        panel=MODEL,
    )
    folds: int | None = opt(
        None, "Origins (default: up to 3 that do not overlap).", metavar="N", check=_folds, panel=MODEL
    )
    rules: str | None = opt(None, "Judge the stages of these rules too.", metavar="FILE|PRESET", panel=OUT)
    output: str | None = opt(
        None, "Where the figures go; - for stdout.", "-o", "--output", metavar="FILE.json", panel=OUT
    )
    json: bool = opt(False, "Print the figures on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class CheckOptions(LogOptions):
    """`clv check`."""

    json: bool = opt(False, "Print what was found as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class SchemaOptions(TalkOptions):
    """`clv schema`."""

    json: bool = opt(False, "Print the columns as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(ModelOptions):
    """`clv explain`."""

    id: str = arg(..., "The customer.", metavar="ID")
    rules: str = opt("rfm-lifecycle", "Lifecycle rules: a YAML file or a preset.", metavar="FILE|PRESET", panel=OUT)
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=OUT)
    use_model: str | None = opt(None, "Score with this saved model instead of fitting.", metavar="FILE", panel=MODEL)
    no_model: bool = opt(False, "Fit nothing: stages only.", panel=MODEL)
    json: bool = opt(False, "Print the explanation as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class RulesListOptions(TalkOptions):
    """`clv rules list`."""

    json: bool = opt(False, "Print the list as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class RulesShowOptions(TalkOptions):
    """`clv rules show`."""

    name: str = arg("rfm-lifecycle", "A preset or a rules file (default: rfm-lifecycle).", metavar="RULES")
    yaml: bool = opt(False, "Print the file itself, to start your own from.", "--yaml", panel=OUT)
    json: bool = opt(False, "Print the rules as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class RulesCheckOptions(TalkOptions):
    """`clv rules check`."""

    rules: str = arg(..., "A rules file or a preset.", metavar="RULES")
    data: tuple[str, ...] = arg((), "A log: shows on its customers what cannot be proved.", metavar="[DATA...]")
    customer: str | None = opt(None, "Column (or SQL) of the customer id.", metavar="COLUMN|SQL", panel=LOG)
    date: str | None = opt(None, "Column (or SQL) of the date.", metavar="COLUMN|SQL", panel=LOG)
    amount: str | None = opt(None, "Column (or SQL) of the amount.", metavar="COLUMN|SQL", panel=LOG)
    where: str | None = opt(None, "Use only records for which this SQL condition holds.", metavar="SQL", panel=CLEAN)
    as_of: str | None = opt(
        None, "The day on which to stand.", metavar="DATE|today", check=_date_or_today, panel=CLEAN
    )
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=LOG)
    json: bool = opt(False, "Print the findings as JSON.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class RulesSchemaOptions(TalkOptions):
    """`clv rules schema`."""


@dataclass(frozen=True, kw_only=True)
class InitOptions(TalkOptions):
    """`clv init`."""

    folder: str = arg(".", "Where the files go (default: here).", metavar="DIR")


def _count(text: str) -> None:
    if int(text) < 1:
        raise ValueError("is 1 or more")


def _at_least_one(text: str) -> None:
    if not 1 <= float(text) <= 100:
        raise ValueError("is a number from 1 to 100")


def _part(text: str) -> None:
    if not 0 <= float(text) < 1:
        raise ValueError("is 0 or more and below 1")


DRAW = "What is drawn"


@dataclass(frozen=True, kw_only=True)
class SimulateOptions(TalkOptions):
    """`clv simulate`. The defaults draw sample_data/transactions.csv."""

    # Field names differ from the flags where score has an option of that name: one clv.yaml serves all commands.
    table: str = opt(
        "log",
        "What to draw: the log, or what stands beside it for the same seed.",
        choices=("log", "lines", "customers", "spend", "subscriptions"),
        panel=DRAW,
    )
    buyers: int = opt(6000, "Customers.", "--customers", metavar="N", check=_count, panel=DRAW)
    rows: int | None = opt(
        None, "About this many lines, instead of a number of customers.", metavar="N", check=_count, panel=DRAW
    )
    start: str = opt("2023-01-01", "First day.", metavar="DATE", check=_date, panel=DRAW)
    end: str = opt("2024-12-31", "Last day.", metavar="DATE", check=_date, panel=DRAW)
    seed: int = opt(1, "The same seed and options give the same bytes.", metavar="N", check=_not_negative, panel=DRAW)
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
    lines: float = opt(1.3, "Lines a purchase, on average.", metavar="X", check=_at_least_one, panel=DRAW)
    dirt: float = opt(
        0.02, "Share of lines added as dirt: returns, no id, twins, bad dates and amounts.", check=_part, panel=DRAW
    )
    season: float = opt(0.0, "Swing of the year: 0.3 is 30 % more in December.", check=_part, panel=DRAW)
    ids: str = opt("code", "C0000001, 1, or random UUIDs.", choices=("code", "integer", "uuid"), panel=DRAW)
    output_file: str | None = opt(
        None,
        "Where it goes (default: transactions.csv or TABLE.csv); - for stdout.",
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
    json: bool = opt(False, "Print what was drawn, as JSON, on stdout.", "--json", panel=OUT)
    wait: float | None = opt(
        None, "Wait this many seconds for a busy output.", metavar="SECONDS", check=_not_negative, panel=TALK
    )


@dataclass(frozen=True, kw_only=True)
class EconomicsOptions(ValueOptions):
    """`clv economics`."""

    by: tuple[str, ...] = opt(
        (), "Figures for each value of this column (of --customers or the log), or of stage; repeatable.",
        metavar="COLUMN", panel=VALUE,
    )  # fmt: skip
    period: str = opt("month", "Length of a period.", choices=("week", "month", "quarter", "year"), panel=VALUE)
    active_window: int | None = opt(
        None, "Periods without a purchase after which a customer counts as gone (default: from the log).",
        check=_one_or_more, panel=VALUE,
    )  # fmt: skip
    retention_time: str | None = opt(
        None, "How long customers stay, for sale x purchases x time (default: as observed so far).",
        metavar="SPAN", check=_span, panel=VALUE,
    )  # fmt: skip
    retention: str | None = opt(
        None, "What if retention changed: +5pp, -2pp, or to 85%.", metavar="STEP", check=_what_if, panel=VALUE
    )
    new_per_month: float | None = opt(
        None, "New customers a month, for the revenue forecast.", check=_not_negative, panel=VALUE
    )
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=VALUE)
    spend: str | None = opt(
        None, "What acquisition cost: a date or month, an amount, and any --by column.", metavar="FILE", panel=VALUE
    )
    signup: str | None = opt(
        None, "Column of --customers with the day they became a lead (default: recognised).", metavar="COLUMN",
        panel=VALUE,
    )  # fmt: skip
    service: str | None = opt(
        None, "SQL that holds for records of service: the share of buyers who come back for it.", metavar="SQL",
        panel=VALUE,
    )  # fmt: skip
    end: str | None = opt(
        None, "Column (or SQL) of the last day of a contract, empty while it runs: makes this a subscription log.",
        metavar="COLUMN|SQL", panel=CONTRACT,
    )  # fmt: skip
    term: str | None = opt(
        None, "Months that an amount pays for: a number, a column or SQL. 12 makes 1,200 an MRR of 100.",
        metavar="N|COLUMN|SQL", panel=CONTRACT,
    )  # fmt: skip
    renewal: str | None = opt(
        None, "Months from one renewal to the next (default: --term).", metavar="N|COLUMN|SQL", panel=CONTRACT
    )
    rules: str = opt("rfm-lifecycle", "Rules of the stages, for --by stage.", metavar="FILE|PRESET", panel=VALUE)
    output: str | None = opt(
        None, "Where the table of periods and groups goes; - for stdout.", "-o", "--output", metavar="FILE", panel=OUT
    )
    format: str | None = opt(
        None, "Format of that table.", "-f", "--format", choices=("csv", "parquet", "ndjson", "xlsx"), panel=OUT
    )
    json: bool = opt(False, "Print every figure on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class CrosssellOptions(ValueOptions):
    """`clv crosssell`."""

    product: str | None = opt(None, "Column (or SQL) of the product.", metavar="COLUMN|SQL", panel=VALUE)
    by: str | None = opt(
        None, "Compare within this column of --customers or the log, or `all` (default: stage).", metavar="COLUMN",
        panel=VALUE,
    )  # fmt: skip
    top: float = opt(0.2, "Share of a group that counts as its good customers.", check=_whole_share, panel=VALUE)
    min_share: float = opt(
        0.5, "Share of the good customers that must buy a product to make it part of the profile.",
        check=_whole_share, panel=VALUE,
    )  # fmt: skip
    value: str = opt("total_spend", "What makes a good customer.", choices=("total_spend", "clv"), panel=VALUE)
    together: bool = opt(False, "Show what is bought together instead: support, confidence, lift.", panel=VALUE)
    due: bool = opt(False, "Show when repeated products are due instead.", panel=VALUE)
    min_support: float = opt(
        0.01, "With --together: share of the baskets that must hold both.", check=_whole_share, panel=VALUE
    )
    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=VALUE)
    rules: str = opt("rfm-lifecycle", "Rules of the stages.", metavar="FILE|PRESET", panel=VALUE)
    output: str | None = opt(None, "Where the table goes; - for stdout.", "-o", "--output", metavar="FILE", panel=OUT)
    format: str | None = opt(
        None, "Format of the table.", "-f", "--format", choices=("csv", "parquet", "ndjson", "xlsx"), panel=OUT
    )
    json: bool = opt(False, "Print everything on stdout.", "--json", panel=OUT)


def scoring(options: ValueOptions, **more: Any) -> ScoreOptions:
    """The options under which `options` would have the log scored; `more` wins."""
    shared = set(declared(ValueOptions)) | ({"rules", "customers"} & set(declared(type(options))))
    values = {name: getattr(options, name) for name in shared}
    return ScoreOptions(**(values | more), sources=options.sources)


LIFT, CALENDAR, LIMITS = "Comparing", "The calendar", "Limits"


def _caps(text: str) -> None:
    count, _, span = text.partition("/")
    if not (count.strip().isdigit() and int(count) >= 1 and span):
        raise ValueError("is a number of contacts per span, like 1/7d")
    parse_span(span, infinite=False)


@dataclass(frozen=True, kw_only=True)
class CompareOptions(ModelOptions):
    """`clv compare`. The options of the log and the models are for --every."""

    data: tuple[str, ...] = arg(..., "Two scored tables, OLD NEW; with --every a log.", metavar="OLD NEW | DATA...")
    every: str | None = opt(
        None, "Score a log at each step from earlier records only: 1m is every month-end.", metavar="SPAN", check=_span,
        panel=LIFT,
    )  # fmt: skip
    old_manifest: str | None = opt(None, "Manifest of OLD (default: OLD.run.json).", metavar="FILE", panel=LIFT)
    new_manifest: str | None = opt(None, "Manifest of NEW (default: NEW.run.json).", metavar="FILE", panel=LIFT)
    allow_different: bool = opt(False, "Compare although rules or horizons differ; it says so.", panel=LIFT)
    movers: int = opt(10, "How many movers to list.", metavar="N", check=_not_negative, panel=LIFT)
    first_stage: str | None = opt(None, "The stage in which the cycle starts.", metavar="STAGE", panel=LIFT)
    last_stage: str | None = opt(None, "The stage in which the cycle ends.", metavar="STAGE", panel=LIFT)
    spend: str | None = opt(None, "Marketing costs: a day or month and an amount a row.", metavar="FILE", panel=LIFT)
    cap: float | None = opt(
        None, "Spend above this counts as this in the lift (default: 99th percentile of OLD).", metavar="AMOUNT",
        check=_not_negative, panel=LIFT,
    )  # fmt: skip
    rules: str = opt("rfm-lifecycle", "Rules of the stages, for --every.", metavar="FILE|PRESET", panel=LIFT)
    customers: str | None = opt(None, "Customer attributes, for --every.", metavar="FILE", panel=LIFT)
    output: str | None = opt(
        None, "One row a customer; with --every one row a step and stage. - for stdout.", "-o", "--output",
        metavar="FILE", panel=OUT,
    )  # fmt: skip
    format: str | None = opt(
        None, "Format of that table.", "-f", "--format", choices=("csv", "parquet", "ndjson", "xlsx"), panel=OUT
    )
    json: bool = opt(False, "Print every figure on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class PlanOptions(TalkOptions):
    """`clv plan`."""

    scored: str = arg(..., "A table that clv score wrote.", metavar="SCORED")
    table_manifest: str | None = opt(
        None, "Manifest of the table (default: SCORED.run.json).", "--manifest", metavar="FILE", panel=CALENDAR
    )
    rules: str | None = opt(
        None, "Rules whose actions to plan (default: those of the manifest).", metavar="FILE|PRESET", panel=CALENDAR
    )
    start: str | None = opt(
        None, "First day of the calendar (default: the day after the table's as_of).", metavar="DATE", check=_date,
        panel=CALENDAR,
    )  # fmt: skip
    days: str = opt("30d", "How far the calendar goes: 30d, 12m, 3y.", metavar="SPAN", check=_span, panel=CALENDAR)
    occasions: tuple[str, ...] = opt(
        (), "A date of every year, like birthday; birthday:7d contacts a week earlier.", "--on",
        metavar="COLUMN[:LEAD]", panel=CALENDAR,
    )  # fmt: skip
    usage: tuple[str, ...] = opt(
        (), "Service by usage: LAST + INTERVAL / MONTHLY, each a column or a number, like last_visit+15000/km_a_month.",
        metavar="LAST+INTERVAL/MONTHLY[:LEAD]", panel=CALENDAR,
    )  # fmt: skip
    replace: tuple[str, ...] = opt(
        (), "A product that lasts: its day of purchase and its life, like boiler_bought+10y.",
        metavar="COLUMN+SPAN[:LEAD]", panel=CALENDAR,
    )  # fmt: skip
    lead: str = opt("14d", "How long before a usage or replacement date to call.", check=_span, panel=CALENDAR)
    late: str = opt("7d", "How long after its day a contact may still be made.", check=_span, panel=CALENDAR)
    contacted: str | None = opt(
        None, "Earlier contacts (a calendar of this command): they count for the caps.", metavar="FILE", panel=LIMITS
    )
    caps: tuple[str, ...] = opt(
        ("1/7d",), "Most contacts a customer may get per span; several hold together.", "--cap", metavar="N/SPAN",
        check=_caps, panel=LIMITS,
    )  # fmt: skip
    capacity: tuple[str, ...] = opt(
        (), "Most contacts a day, in all or of one channel: 200, phone=20.", metavar="[CHANNEL=]N", panel=LIMITS
    )
    cost: tuple[str, ...] = opt(
        (), "Cost of one contact of a channel: phone=4. Channels not named cost nothing.", metavar="CHANNEL=AMOUNT",
        panel=LIMITS,
    )  # fmt: skip
    budget: float | None = opt(None, "Most to spend in all.", metavar="AMOUNT", check=_not_negative, panel=LIMITS)
    stake: str = opt("clv", "Column by which customers come first.", metavar="COLUMN", panel=LIMITS)
    output: str | None = opt(
        None, "Where the calendar goes (default: STEM.plan.csv); - for stdout.", "-o", "--output", metavar="FILE",
        panel=OUT,
    )  # fmt: skip
    format: str | None = opt(
        None, "Format of the calendar.", "-f", "--format", choices=("csv", "parquet", "ndjson", "xlsx"), panel=OUT
    )
    json: bool = opt(False, "Print the summary on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True)
class ReportOptions(TalkOptions):
    """`clv report`."""

    scored: str = arg(..., "A table that clv score wrote, or its manifest.", metavar="SCORED")
    table_manifest: str | None = opt(
        None, "Manifest of the table (default: SCORED.run.json).", "--manifest", metavar="FILE", panel=OUT
    )
    backtest: str | None = opt(None, "A file of `clv backtest -o`: adds how well it predicts.", metavar="FILE", panel=OUT)
    output: str | None = opt(
        None, "Where the page goes (default: SCORED.report.html); - for stdout.", "-o", "--output",
        metavar="FILE.html", panel=OUT,
    )  # fmt: skip
    charts: str | None = opt(
        None, "Write the charts as SVG files into DIR; the page only where -o asks.", metavar="DIR", panel=OUT
    )


@dataclass(frozen=True, kw_only=True)
class RunOptions(TalkOptions):
    """`clv run`: the job that the section `run` of clv.yaml names."""

    dry_run: bool = opt(False, "Say what would be done.", panel=OUT)
    json: bool = opt(False, "Print what happened on stdout.", "--json", panel=OUT)
