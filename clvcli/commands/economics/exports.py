"""Subscription exports by their columns: when a contract starts and ends, what it pays and for how long.

A log whose file has a column of starts and one of ends is read as contracts without a flag; any of --date, --end,
--term and --renewal that is typed turns this off. The names of Stripe's export of subscriptions are among those known.
"""

import csv
import re
from dataclasses import replace

from clvcli.core.errors import Notice
from clvcli.core.marked import marked
from clvcli.core.options import EconomicsOptions
from clvcli.log.sources import find_sources

START = ("start_date", "started_at", "contract_start", "subscription_start", "start", "created")
END = ("ended_at", "end_date", "contract_end", "subscription_end", "cancelled_at", "canceled_at", "end")
MONTHLY = ("monthly_revenue", "mrr", "monthly_amount", "monthly_price")
RENEWAL = ("prepaid_months", "renewal_months", "billing_months", "term_months", "contract_months", "term")
INTERVAL = ("interval", "billing_interval", "billing_period", "billing_cycle", "plan_interval")
PLAN = ("plan", "plan_name", "plan_id", "product", "product_name", "tier", "subscription_plan")
CONTRACT = ("subscription_id", "contract_id", "contract", "subscription", "contract_number")
CUSTOMER = ("customer_id", "customer", "client_id", "user_id", "account_id", "company_id")
MONTHS = {"half": 6, "semi": 6, "quarter": 3, "3 month": 3, "6 month": 6, "year": 12, "annual": 12}
"""How an interval that is no month is told, the first that is found: its months."""
FIRST_LINE = 1 << 14


def recognised(options: EconomicsOptions) -> tuple[EconomicsOptions, list[Notice]]:
    """The options with the columns of a subscription export, and a note of them; as they are for other files."""
    if any((options.date, options.end, options.term, options.renewal)):
        return options, []
    columns = {_plain(name): name for name in header_of(options)}
    start, end = _first(columns, START), _first(columns, END)
    if start is None or end is None:
        return options, []
    found = {"date": start, "end": end}
    monthly, renewal, interval = (_first(columns, names) for names in (MONTHLY, RENEWAL, INTERVAL))
    if monthly is not None and options.amount is None:
        found["amount"] = monthly
    if interval is not None and not (renewal is not None and "amount" in found):
        quoted = '"' + interval.replace('"', '""') + '"'
        cases = " ".join(f"WHEN lower({quoted}) LIKE '%{part}%' THEN {n}" for part, n in MONTHS.items())
        found["renewal" if "amount" in found else "term"] = f"CASE {cases} ELSE 1 END"
    if renewal is not None and not found.keys() & {"term", "renewal"}:
        found["renewal" if monthly is not None else "term"] = renewal
    plan, contract = _first(columns, PLAN), _first(columns, CONTRACT)
    if contract is None and "id" in columns and _first(columns, CUSTOMER) is not None:
        contract = columns["id"]
    told = {"plan": plan, "contract": contract}
    found |= {name: column for name, column in told.items() if column is not None and getattr(options, name) is None}
    said = ", ".join(f"--{name} {text}" for name, text in found.items())
    told_so = Notice("contracts_recognised", marked("read as contracts by its columns: {options}", options=said))
    return replace(options, **found), [told_so]  # type: ignore[arg-type]


def header_of(options: EconomicsOptions) -> list[str]:
    """The columns of the first source, where it is a frame or a plain text file; [] for others."""
    sources = find_sources(options.data).sources
    if sources and sources[0].frame is not None:
        return list(sources[0].frame.columns)
    if not sources or sources[0].is_stdin or sources[0].is_remote:
        return []
    try:
        with open(sources[0].path, "rb") as stream:
            line = stream.read(FIRST_LINE).split(b"\n", 1)[0].decode("utf-8-sig", "strict").strip()
    except (OSError, UnicodeDecodeError):
        return []
    mark = max(",;\t|", key=line.count)
    return next(csv.reader([line], delimiter=mark), [])


def _plain(name: str) -> str:
    """`Start Date (UTC)` -> `start_date`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"\([^()]*\)", "", name.lower())).strip("_")


def _first(columns: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)
