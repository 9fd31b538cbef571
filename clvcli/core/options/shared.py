"""Options that several commands share: how they speak, how a log is read, how value is predicted."""

from dataclasses import dataclass

from clvcli.core.horizon import parse_span
from clvcli.core.language import languages
from clvcli.core.options.checks import (
    a_date,
    a_date_or_today,
    a_share,
    a_span,
    a_wait,
    decimals,
    not_negative,
    tolerance,
)
from clvcli.core.options.marks import a_count, a_quote, a_separator, an_escape
from clvcli.core.options.panels import CLEAN, LOG, MODEL, OUT, TALK
from clvcli.core.settings import Options, arg, opt
from clvcli.core.spend_basis import BASES, DEFAULT

SEASON_AUTO, SEASON_MONTH, SEASON_OFF = "auto", "month", "off"


@dataclass(frozen=True, kw_only=True, repr=False)
class TalkOptions(Options):
    """How a command speaks."""

    config: str | None = opt(
        None, "Options from this YAML file instead of clv.yaml in the current folder.", metavar="FILE", panel=TALK
    )
    log_file: str | None = opt(None, "Append what happens to FILE as JSON lines.", metavar="FILE", panel=TALK)
    quiet: bool = opt(False, "Say nothing unless it fails.", "-q", "--quiet", panel=TALK)
    verbose: int = opt(
        0, "Say more; -vv shows the traceback of a bug.", "-v", "--verbose", check=not_negative, panel=TALK
    )
    progress: bool = opt(
        True, "Show the stage of a long run (on a terminal only).", "--progress/--no-progress", panel=TALK
    )
    color: str = opt("auto", "Colour on stderr.", choices=("auto", "always", "never"), panel=TALK)
    lang: str | None = opt(
        None, "Language of what people read: pages, summaries, warnings (default: en).", choices=languages(), panel=TALK
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class LogOptions(TalkOptions):
    """How a transaction log is read and what of it counts."""

    data: tuple[str, ...] = arg(
        ..., "CSV, Parquet, Excel, JSON, Arrow: files, a glob, a folder, an archive, -; or a database.",
        metavar="DATA...",
    )  # fmt: skip

    sheet: str | None = opt(
        None, "Sheet of a workbook: its name, its number from 1, or all (default: those with the first one's header).",
        metavar="NAME|N|all", panel=LOG,
    )  # fmt: skip
    query: str | None = opt(
        None, "What to read of a database: a query, or @FILE with one.", metavar="SQL|@FILE", panel=LOG,
        unless=("table",),
    )  # fmt: skip
    table: str | None = opt(None, "Table of a database (default: the only one).", metavar="NAME", panel=LOG)
    source: str | None = opt(
        None, "Known export (clv sources list), or a file of one's own; by default told by the header.",
        metavar="NAME|FILE|none", panel=LOG,
    )  # fmt: skip
    customer: str | None = opt(None, "Column or SQL of customer ids.", metavar="COLUMN|SQL", panel=LOG)
    date: str | None = opt(None, "Column or SQL of the date.", metavar="COLUMN|SQL", panel=LOG)
    amount: str | None = opt(None, "Column or SQL of the amount.", metavar="COLUMN|SQL", panel=LOG)
    order_id: str | None = opt(None, "Column or SQL of the order id.", metavar="COLUMN|SQL", panel=LOG)
    line_id: str | None = opt(
        None, "Column or SQL of the line within an order.", metavar="COLUMN|SQL", panel=LOG, needs="order_id"
    )
    currency: str | None = opt(
        None, "Column or SQL of the currency; one currency or the log is refused.", metavar="COLUMN|SQL", panel=LOG
    )
    date_format: str | None = opt(None, "Format of the dates, like %d/%m/%Y.", metavar="FORMAT", panel=LOG)
    tz: str | None = opt(
        None, "Zone whose calendar day counts for times with an offset (default UTC).", metavar="ZONE", panel=LOG
    )
    calendar: str | None = opt(
        None, "Calendar of the dates, where not the Gregorian one: jalali, hijri, buddhist, japanese, minguo.",
        metavar="NAME", choices=("jalali", "hijri", "buddhist", "japanese", "minguo"), panel=LOG,
    )  # fmt: skip
    decimals: int = opt(2, "Decimals of the currency.", check=decimals, panel=LOG)
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
    separator: str | None = opt(
        None, r"Separator of fields where detection fails: a character, \x01, tab, space, blanks, ...",
        metavar="MARK", check=a_separator, panel=LOG, unless=("engine=spark",),
    )  # fmt: skip
    quote: str | None = opt(
        None, "Quote around fields where detection fails: a character, apostrophe, or none.",
        metavar="MARK|none", check=a_quote, panel=LOG, unless=("engine=spark",),
    )  # fmt: skip
    escape: str | None = opt(
        None, "Escape character: backslash (exports of MySQL and Hive).",
        metavar="MARK", check=an_escape, panel=LOG, unless=("engine=spark",),
    )  # fmt: skip
    skip_lines: int | None = opt(
        None, "Lines to skip before the header, where detection fails.",
        metavar="N", check=a_count, panel=LOG, unless=("engine=spark",),
    )  # fmt: skip

    timeout: float = opt(
        60.0, "Give an address up after this many seconds without a byte (it is asked three times).",
        metavar="SECONDS", check=a_wait, panel=LOG,
    )  # fmt: skip

    where: str | None = opt(None, "Keep records where this holds.", metavar="SQL", panel=CLEAN)
    as_of: str | None = opt(
        None,
        "Day of analysis (default: the latest date of the log).",
        metavar="DATE|today",
        check=a_date_or_today,
        panel=CLEAN,
    )
    returns: str = opt(
        "net",
        "Returns: net takes them off earlier purchases, reverse only what they cancel exactly, keep adds them up.",
        choices=("net", "reverse", "keep"),
        panel=CLEAN,
    )
    duplicates: str = opt(
        "keep", "Identical lines: keep counts each of them, drop only one.", choices=("keep", "drop"), panel=CLEAN
    )
    max_rejects: str = opt(
        "1%", "Stop when more records than this are rejected.", metavar="N|P%", check=tolerance, panel=CLEAN
    )
    max_age: str | None = opt(
        None, "Warn when the newest record is older than this.", metavar="SPAN", check=a_span, panel=CLEAN
    )
    acquired_from: str | None = opt(
        None, "Fit on customers first seen on or after this day; score all.", metavar="DATE", check=a_date, panel=CLEAN
    )
    strict: bool = opt(False, "Warnings end the run with status 3.", panel=CLEAN)


@dataclass(frozen=True, kw_only=True, repr=False)
class RulesOptions(Options):
    """Lifecycle stages."""

    rules: str = opt("rfm-lifecycle", "Lifecycle rules (clv rules list).", metavar="FILE|PRESET", panel=OUT)


@dataclass(frozen=True, kw_only=True, repr=False)
class AttributeOptions(Options):
    """What is known of customers beside the log."""

    customers: str | None = opt(None, "Customer attributes and leads.", metavar="FILE", panel=OUT)


@dataclass(frozen=True, kw_only=True, repr=False)
class TableOptions(Options):
    """Where a table of results goes."""

    output: str | None = opt(
        None,
        "A file, - for stdout, or a table DATABASE#NAME.",
        "-o",
        "--output",
        metavar="FILE",
        panel=OUT,
    )
    format: str | None = opt(
        None, "Default: as -o ends, else csv.", "-f", "--format",
        choices=("csv", "parquet", "ndjson", "xlsx", "md"), panel=OUT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class JsonOptions(Options):
    """Results for programs."""

    json: bool = opt(False, "Print the whole result as JSON on stdout.", "--json", panel=OUT)


@dataclass(frozen=True, kw_only=True, repr=False)
class ResultOptions(JsonOptions):
    """How a result is shown: a page on stdout, or its table."""

    output: str | None = opt(None, "Where the table goes; - for stdout.", "-o", "--output", metavar="FILE", panel=OUT)
    result_format: str | None = opt(
        None, "text is a page; the others are its table, on stdout without -o (default: by the suffix of -o).",
        "-f", "--format", choices=("text", "csv", "json", "md", "parquet", "ndjson", "xlsx"), panel=OUT,
    )  # fmt: skip

    @property
    def format(self) -> str | None:
        """The format of the table, where one is asked for."""
        return None if self.result_format in ("text", "json") else self.result_format


@dataclass(frozen=True, kw_only=True, repr=False)
class ListOptions(Options):
    """How a result is shown on stdout."""

    result_format: str = opt(
        "text", "How the result is shown.", "-f", "--format", choices=("text", "csv", "json", "md"), panel=OUT
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class WaitOptions(Options):
    """What to do about an output that is in use."""

    wait: float | None = opt(
        None, "Wait this many seconds for an output that another run is writing.", metavar="SECONDS",
        check=not_negative, panel=TALK,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class ValueOptions(LogOptions):
    """How value is predicted, whoever is asked about."""

    model: str = opt(
        "bg-nbd", "Purchase model, or auto: the best out of time.", metavar="NAME|auto", panel=MODEL,
        unless=("no_model",),
    )  # fmt: skip
    spend_basis: str = opt(
        DEFAULT,
        "Spend model sees every amount, the mean of all purchases, or of repeat ones (the literature).",
        choices=BASES,
        panel=MODEL,
        unless=("no_model",),
    )
    horizon: str = opt("12m", "How far ahead: 12m, 52w, 365d, 2y, inf.", metavar="SPAN", check=parse_span, panel=MODEL)
    time_unit: str = opt(
        "week",
        "Unit of printed parameters and of frequency, recency, T.",
        choices=("day", "week", "month", "year"),
        panel=MODEL,
    )
    margin: str = opt("1", "Profit per unit spent, or a --customers column.", metavar="RATE|COLUMN", panel=MODEL)
    discount_rate: float = opt(
        0.0, "Per year, 0.1 is 10 %.", metavar="RATE", check=not_negative, panel=MODEL, unless=("no_model",)
    )
    alert: float = opt(
        0.5, "P(alive) below which a customer's silence is alarming.", metavar="SHARE", check=a_share, panel=MODEL,
        unless=("no_model",),
    )  # fmt: skip
    seasonality: str = opt(
        SEASON_AUTO, "Scale horizons below a year by the month: always, never, or where it helped on earlier days.",
        choices=(SEASON_AUTO, SEASON_MONTH, SEASON_OFF), panel=MODEL, unless=("no_model",),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class ModelOptions(ValueOptions):
    """How value is predicted, group by group where that is asked for."""

    by: str | None = opt(
        None,
        "Fit one model for each value of this column where groups are large enough; first_amount: one model in which "
        "the amount of the first purchase moves how often people buy.",
        metavar="COLUMN",
        panel=MODEL,
    )
