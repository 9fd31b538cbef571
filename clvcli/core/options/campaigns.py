"""Options of the commands that act on scores: economics, crosssell, compare, history, plan, report, run."""

from dataclasses import dataclass
from typing import Any

from clvcli.core.options.checks import (
    a_date,
    a_span,
    a_span_or_days,
    caps,
    not_negative,
    one_or_more,
    what_if,
    whole_share,
)
from clvcli.core.options.page import PageOptions
from clvcli.core.options.panels import CALENDAR, CHOICE, CONTRACT, LIFT, LIMITS, OUT, VALUE
from clvcli.core.options.shared import (
    AttributeOptions,
    JsonOptions,
    ListOptions,
    ModelOptions,
    ResultOptions,
    RulesOptions,
    TableOptions,
    TalkOptions,
    ValueOptions,
)
from clvcli.core.settings import arg, opt


def _currency(panel: str) -> Any:
    text = "Currency that people see beside amounts: EUR (default: what the table's run says)."
    return opt(None, text, "--currency", "--show-currency", metavar="CODE", panel=panel)


@dataclass(frozen=True, kw_only=True, repr=False)
class EconomicsOptions(ResultOptions, AttributeOptions, RulesOptions, ValueOptions):
    """`clv economics`."""

    by: tuple[str, ...] = opt(
        (), "Figures for each value of this column (of --customers or the log), or of stage; repeatable.",
        metavar="COLUMN", panel=VALUE,
    )  # fmt: skip
    period: str = opt("month", "Length of a period.", choices=("week", "month", "quarter", "year"), panel=VALUE)
    active_window: int | None = opt(
        None, "Periods without a purchase after which a customer counts as gone (default: from the log).",
        check=one_or_more, panel=VALUE,
    )  # fmt: skip
    retention_time: str | None = opt(
        None, "How long customers stay, for sale x purchases x time (default: as observed so far).",
        metavar="SPAN", check=a_span, panel=VALUE,
    )  # fmt: skip
    retention: str | None = opt(
        None, "What if retention changed: +5pp, -2pp, or to 85%.", metavar="STEP", check=what_if, panel=VALUE
    )
    new_per_month: float | None = opt(
        None, "New customers a month, for the revenue forecast.", check=not_negative, panel=VALUE
    )
    spend: str | None = opt(
        None, "What acquisition cost: a date or month, an amount, and any --by column.", metavar="FILE", panel=VALUE
    )
    signup: str | None = opt(
        None, "Column of --customers with the day they became a lead (default: recognised).", metavar="COLUMN",
        panel=VALUE, needs="customers",
    )  # fmt: skip
    service: str | None = opt(
        None, "SQL that holds for records of service: the share of buyers who come back for it.", metavar="SQL",
        panel=VALUE,
    )  # fmt: skip
    end: str | None = opt(
        None, "Column or SQL of the last day of a contract, empty while it runs: makes this a subscription log.",
        metavar="COLUMN|SQL", panel=CONTRACT,
    )  # fmt: skip
    term: str | None = opt(
        None, "Months that an amount pays for: a number, a column or SQL. 12 makes 1,200 an MRR of 100.",
        metavar="N|COLUMN|SQL", panel=CONTRACT,
    )  # fmt: skip
    renewal: str | None = opt(
        None, "Months from one renewal to the next (default: --term).", metavar="N|COLUMN|SQL", panel=CONTRACT,
    )  # fmt: skip
    plan: str | None = opt(
        None, "Column or SQL of the plan of a contract: plans that are large enough have curves of their own.",
        metavar="COLUMN|SQL", panel=CONTRACT,
    )  # fmt: skip
    contract: str | None = opt(
        None, "Column or SQL of the contract id; one that runs twice at a time is refused.", metavar="COLUMN|SQL",
        panel=CONTRACT,
    )  # fmt: skip
    rows: str | None = opt(
        None, "Rows of the table: contracts (default of a subscription log) or periods.",
        choices=("contracts", "periods"), panel=CONTRACT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class CrosssellOptions(ResultOptions, AttributeOptions, RulesOptions, ValueOptions):
    """`clv crosssell`."""

    product: str | None = opt(None, "Column or SQL of the product.", metavar="COLUMN|SQL", panel=VALUE)
    category: str | None = opt(
        None, "Column or SQL of the product's category: suggests categories too.", metavar="COLUMN|SQL", panel=VALUE,
        unless=("together", "due"),
    )  # fmt: skip
    by: tuple[str, ...] = opt(
        (), "Compare within this column of --customers or the log, or `all` (default: stage); repeatable.",
        metavar="COLUMN", panel=VALUE, unless=("due",),
    )  # fmt: skip
    top: float = opt(
        0.2, "Share of a group that counts as its good customers.", metavar="SHARE", check=whole_share, panel=VALUE,
        unless=("together", "due"),
    )  # fmt: skip
    min_share: float | None = opt(
        None,
        "Share of the good customers that makes a product part of the profile (default: half, or the top 10).",
        metavar="SHARE", check=whole_share, panel=VALUE, unless=("together", "due"),
    )  # fmt: skip
    value: str = opt(
        "total_spend", "Column by which customers are good.", choices=("total_spend", "clv"), panel=VALUE,
        unless=("together", "due"),
    )  # fmt: skip
    together: bool = opt(False, "Show what is bought together instead: support, confidence, lift.", panel=VALUE)
    due: bool = opt(False, "Show when repeated products are due instead.", panel=VALUE, unless=("together",))
    min_support: float = opt(
        0.01, "Share of the baskets that must hold both.", metavar="SHARE", check=whole_share, panel=VALUE,
        needs="together",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class CompareOptions(ResultOptions, TalkOptions):
    """`clv compare`."""

    old: str = arg(..., "The earlier scored table.", metavar="OLD")
    new: str = arg(..., "The later one.", metavar="NEW")
    old_manifest: str | None = opt(None, "Manifest of OLD (default: OLD.run.json).", metavar="FILE", panel=LIFT)
    new_manifest: str | None = opt(None, "Manifest of NEW (default: NEW.run.json).", metavar="FILE", panel=LIFT)
    allow_different: bool = opt(False, "Compare although rules or horizons differ; it says so.", panel=LIFT)
    movers: int = opt(10, "Number of movers to list.", metavar="N", check=not_negative, panel=LIFT)
    first_stage: str | None = opt(None, "The stage in which the cycle starts.", metavar="STAGE", panel=LIFT)
    last_stage: str | None = opt(None, "The stage in which the cycle ends.", metavar="STAGE", panel=LIFT)
    spend: str | None = opt(None, "Marketing costs: a day or month and an amount a row.", metavar="FILE", panel=LIFT)
    contacts: tuple[str, ...] = opt(
        (), "Contacts made in between, as clv plan wrote them: adds lift, cost and return by campaign; repeatable.",
        metavar="FILE", panel=LIFT,
    )  # fmt: skip
    cap: float | None = opt(
        None, "Spend above this counts as this in the lift (default: 99th percentile of OLD).", metavar="AMOUNT",
        check=not_negative, panel=LIFT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class HistoryOptions(ResultOptions, AttributeOptions, RulesOptions, ModelOptions):
    """`clv history`."""

    every: str = opt("1m", "The step: 1m is every month-end.", metavar="SPAN", check=a_span, panel=LIFT)
    last_stage: str | None = opt(None, "The stage in which the cycle ends.", metavar="STAGE", panel=LIFT)
    between: str | None = opt(
        None, "Length of the two periods whose sales are compared (default: a year, else half of the log).",
        "--between", metavar="SPAN", check=a_span, panel=LIFT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class PlanOptions(JsonOptions, TableOptions, TalkOptions):
    """`clv plan`."""

    scored: str = arg(..., "A table that clv score wrote.", metavar="SCORED")
    table_manifest: str | None = opt(
        None, "Manifest of the table (default: SCORED.run.json).", "--manifest", metavar="FILE", panel=CALENDAR
    )
    rules: str | None = opt(
        None, "Rules whose actions to plan (default: those of the manifest).", metavar="FILE|PRESET", panel=CALENDAR
    )
    show_currency: str | None = _currency(CALENDAR)
    start: str | None = opt(
        None, "First day of the calendar (default: the day after the table's as_of).", metavar="DATE", check=a_date,
        panel=CALENDAR,
    )  # fmt: skip
    days: str = opt(
        "30d", "How far the calendar goes: days, or 12m, 3y.", metavar="SPAN", check=a_span_or_days, panel=CALENDAR
    )
    redact: str | None = opt(
        None, "Name customers by pseudonyms in the summary; FILE turns them back.", metavar="FILE.csv", panel=CALENDAR
    )
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
    lead: str = opt("14d", "How long before a usage or replacement date to call.", check=a_span_or_days, panel=CALENDAR)
    late: str = opt("7d", "How long after its day a contact may still be made.", check=a_span_or_days, panel=CALENDAR)
    contacted: str | None = opt(
        None, "Earlier contacts (a calendar of this command): they count for the caps.", metavar="FILE", panel=LIMITS
    )
    caps: tuple[str, ...] = opt(
        ("1/7d",), "Most contacts a customer may get per span; several hold together.", "--cap", metavar="N/SPAN",
        check=caps, panel=LIMITS,
    )  # fmt: skip
    capacity: tuple[str, ...] = opt(
        (), "Most contacts a day, in all or of one channel: 200, phone=20.", metavar="[CHANNEL=]N", panel=LIMITS
    )
    cost: tuple[str, ...] = opt(
        (), "Cost of one contact of a channel: phone=4. Channels not named cost nothing.", metavar="CHANNEL=AMOUNT",
        panel=LIMITS,
    )  # fmt: skip
    budget: float | None = opt(None, "Most to spend in all.", metavar="AMOUNT", check=not_negative, panel=LIMITS)
    stake: str = opt(
        "value_at_stake", "Column by which customers come first (default: as clv top does).", metavar="COLUMN",
        panel=LIMITS,
    )  # fmt: skip
    output: str | None = opt(
        None, "Where the calendar goes (default: STEM.plan.csv); - for stdout.", "-o", "--output", metavar="FILE",
        panel=OUT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class TopOptions(ListOptions, TalkOptions):
    """`clv top`."""

    scored: str = arg(..., "A table that clv score wrote.", metavar="SCORED")
    number: int = opt(
        10, "Number of customers to name.", "-n", "--number", metavar="N", check=one_or_more, panel=CHOICE
    )
    stage: str | None = opt(None, "Only customers of this stage.", metavar="STAGE", panel=CHOICE)
    phase: str | None = opt(None, "Only customers of this phase.", metavar="PHASE", panel=CHOICE)
    channel: str | None = opt(
        None, "Only customers who may be contacted on this channel.", metavar="CHANNEL", panel=CHOICE
    )
    purpose: str | None = opt(
        None, "What for: to call; to keep who is late; to win back who left; the second purchase; to sell more.",
        "--for", choices=("call", "keep", "win-back", "second-purchase", "grow"), panel=CHOICE,
    )  # fmt: skip
    rules: str | None = opt(
        None, "Rules whose actions to take (default: those of the manifest).", metavar="FILE|PRESET", panel=CHOICE
    )
    table_manifest: str | None = opt(
        None, "Manifest of the table (default: SCORED.run.json, where there is one).", "--manifest", metavar="FILE",
        panel=CHOICE,
    )  # fmt: skip
    show_currency: str | None = _currency(CHOICE)


@dataclass(frozen=True, kw_only=True, repr=False)
class ReportOptions(PageOptions, TalkOptions):
    """`clv report`."""

    scored: str = arg(..., "A table that clv score wrote, or its manifest.", metavar="SCORED")
    table_manifest: str | None = opt(
        None, "Manifest of the table (default: SCORED.run.json).", "--manifest", metavar="FILE", panel=OUT
    )
    backtest: str | None = opt(
        None, "A file of `clv backtest -o`: adds how well it predicts.", metavar="FILE", panel=OUT
    )
    output: str | None = opt(
        None, "Where the page goes (default: SCORED.report.html); - for stdout.", "-o", "--output",
        metavar="FILE.html", panel=OUT,
    )  # fmt: skip
    charts: str | None = opt(
        None, "Write the charts as SVG files into DIR; the page only where -o asks.", metavar="DIR", panel=OUT
    )
    show_currency: str | None = opt(
        None, "Currency that people see beside amounts: EUR. It converts nothing.", "--currency", "--show-currency",
        metavar="CODE", panel=OUT,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class RunOptions(JsonOptions, TalkOptions):
    """`clv run`: the job that the section `run` of clv.yaml names."""

    dry_run: bool = opt(False, "Say what would be done.", panel=OUT)
