"""What is said in every language of one customer, of records and of warnings, wherever people read it."""

import re
from collections.abc import Mapping
from typing import Any

from clvcli.core.language import ENGLISH, Language, marked
from clvcli.core.reasons import ERRORS, WARNINGS, explained

LTR, END = "\u2066", "\u2069"
"""What stands between them is written from left to right, whatever is around it."""
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*(?: (?:\"[^\"]*\"|[\w%][\w%/.-]*(?=[\s,;.؛،)]|$)))?", re.ASCII)
KINDS = {
    2: marked("The command or one of its options is not right"),
    3: marked("The data cannot be used"),
    4: marked("The rules or the settings are not right"),
    5: marked("The model cannot be fitted"),
    6: marked("The output cannot be written"),
    7: marked("A check of the run did not pass"),
}
"""What an error is by its exit code, where it has no code of its own."""
NAMES = ("name", "full_name", "customer_name", "company", "company_name")
"""Attributes that name a customer."""
CHANNELS = {
    "personal": marked("in person"), "site": marked("on the site"), "mail": marked("by mail"),
    "phone": marked("by phone"), "email": marked("by email"), "sms": marked("by text message"),
}  # fmt: skip
REASONS = {
    "where": marked("left out by the filter of the run"),
    "after_as_of": marked("later than the day on which the run stands"),
    "no_customer_id": marked("no customer id"),
    "reversed": marked("cancelled by a return, both sides"),
    "return": marked("a return with nothing to cancel"),
    "missing_date": marked("missing date"),
    "bad_date": marked("bad date"),
    "impossible_date": marked("impossible date"),
    "other_date_format": marked("other date format"),
    "future_date": marked("future date"),
    "missing_amount": marked("missing amount"),
    "bad_amount": marked("bad amount"),
    "amount_too_large": marked("amount too large"),
    "too_few_fields": marked("too few fields"),
    "too_many_fields": marked("too many fields"),
    "bad_quotes": marked("bad quotes"),
    "unclosed_quote": marked("unclosed quote"),
    "nul_byte": marked("nul byte"),
    "bad_json": marked("bad json"),
    "missing_number": marked("missing number"),
    "bad_number": marked("bad number"),
    "impossible_history": marked("impossible history"),
    "repeated_customer": marked("repeated customer"),
    "repeated_header": marked("repeated header"),
}
"""What became of records, by the code in `rows` of the manifest."""


def channel_of(channel: str, t: Language) -> str:
    """How a customer is reached, in words."""
    return t(CHANNELS[channel]) if channel in CHANNELS else t("via {channel}", channel=t.name(channel))


def why(row: Mapping[str, Any], horizon: str | None, t: Language) -> str:
    """One plain sentence of figures, in the order of the ranking's own. `row`: as `ranking.listed` makes them."""
    if row["days_since_last_purchase"] is None:
        return ""
    gap, silent = row["avg_days_between_purchases"], t.span(f"{row['days_since_last_purchase']}d")
    if gap is None:
        text = t("bought once, silent for {days}", days=silent)
    else:
        text = t("buys every {gap}, silent for {days}", gap=t.span(f"{max(1, round(gap))}d"), days=silent)
    text = t.clauses(text, t("{amount} spent", amount=t.money(row["total_spend"])))
    if row["clv"] is None or row["clv_if_kept"] is None or horizon is None:
        return text
    kept = {"kept": t.money(row["clv_if_kept"]), "now": t.money(row["clv"]), "span": t.span(horizon)}
    if kept["kept"] == kept["now"]:
        return t.clauses(text, t("{now} expected in {span}", now=kept["now"], span=kept["span"]))
    return t.clauses(text, t("{kept} expected in {span} if kept, {now} as it stands", **kept))


def noticed(code: str | None, message: str, t: Language, *, exit_code: int | None = None) -> str:
    """A warning or an error: its message in English; elsewhere what its code stands for and what to do, the message
    behind it. exit_code: says the kind of an error without a code."""
    if t.code == ENGLISH:
        return message
    if code in WARNINGS | ERRORS:
        text, remedy = explained(str(code))
        told = f"{t(text)}. {t(remedy)}" if remedy else t(text)
    elif exit_code in KINDS:
        told = t(KINDS[exit_code])
    else:
        return message
    return f"{_options_whole(told)} ({LTR}{message}{END})" if t.rtl else f"{told} ({message})"


def _options_whole(text: str) -> str:
    """Options of a text from right to left, kept in the order of their letters."""
    return OPTION.sub(lambda found: f"{LTR}{found[0]}{END}", text)
