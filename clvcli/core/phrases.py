"""What is said in every language of one customer, of records and of warnings, wherever people read it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from clvcli.core.language import END, ENGLISH, LTR, Language, marked
from clvcli.core.marked import from_json, rewritten
from clvcli.core.reasons import ERRORS, WARNINGS, explained

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


ONE_DAY = 1.5
"""Days of a rhythm that still are every day."""


def channel_of(channel: str, t: Language) -> str:
    """How a customer is reached, in words."""
    return t(CHANNELS[channel]) if channel in CHANNELS else t("via {channel}", channel=t.name(channel))


def why(row: Mapping[str, Any], horizon: str | None, t: Language) -> str:
    """One plain sentence of figures: rhythm, silence, spend, what is expected if kept and as it stands. `row`: columns
    of a scored table with `clv_if_kept`, of which any may be missing; `horizon`: None or inf, all that is to come."""
    parts = [_rhythm(row.get("days_since_last_purchase"), row.get("avg_days_between_purchases"), t)]
    if row.get("total_spend") is not None and row.get("purchases") != 0:
        parts.append(t("{amount} spent", amount=t.about(row["total_spend"])))
    if row.get("clv") is not None:
        kept = row["clv"] if row.get("clv_if_kept") is None else row["clv_if_kept"]
        parts.append(_ahead(t.about(kept), t.about(row["clv"]), None if horizon == "inf" else horizon, t))
    return t.clauses(*(part for part in parts if part))


def _rhythm(silent: int | None, gap: float | None, t: Language) -> str:
    if silent is None:
        return ""
    days = t.span(f"{silent}d")
    if gap is None:
        return t("one purchase, {days} ago", days=days)
    if t.code == ENGLISH:
        days = f"{silent:,}"  # the unit has just been said
    if gap < ONE_DAY:
        return t("buys every day, silent for {days}", days=days)
    return t("buys every {gap}, silent for {days}", gap=t.span(f"{gap:.0f}d"), days=days)


def _ahead(kept: str, now: str, horizon: str | None, t: Language) -> str:
    if horizon is None:
        if kept == now:
            return t("{now} expected from now on", now=now)
        return t("{kept} expected from now on if kept, {now} as it stands", kept=kept, now=now)
    if kept == now:
        return t("{now} expected in {span}", now=now, span=t.span(horizon))
    return t("{kept} expected in {span} if kept, {now} as it stands", kept=kept, now=now, span=t.span(horizon))


def warning_text(warning: Mapping[str, Any], change: Callable[[str], str]) -> str:
    """What a warning of a manifest says, its values changed, so that `noticed` can tell it in any language."""
    return rewritten(from_json(warning["message"], warning), change)


def noticed(code: str | None, message: str, t: Language, *, exit_code: int | None = None) -> str:
    """A warning or an error: its message, in the language where the catalogue has it; else what its code stands for and
    what to do, the message behind it. exit_code: says the kind of an error without a code."""
    told = message if t.code == ENGLISH else t.retold(message)
    if told is not None:
        return _options_whole(told) if t.rtl else told
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
