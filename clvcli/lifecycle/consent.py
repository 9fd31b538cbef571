"""Who may be contacted, and on which channel: as `consent:` of the rules says, else by the table's own columns.

Columns count by name and content: addresses (`email`, `phone`, `street`), permissions (`can_email`, `sms_opt_in`),
objections (`no_calls`, `unsubscribed`, `do_not_contact`) and `contactable`. A channel of which no column tells is open:
a shop may keep its phone numbers elsewhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from clvcli.core.errors import ConfigError
from clvcli.core.language import marked
from clvcli.lifecycle.names import CONTACTABLE
from clvcli.sql import SqlError, compile_sql

ALL = "all"
CHANNELS = {
    "email": ("email", "emails", "mail", "mails", "newsletter", "newsletters", "mailing", "mailings"),
    "phone": ("phone", "phones", "call", "calls", "calling", "telephone", "tel"),
    "sms": ("sms", "text", "texts", "whatsapp", "messenger"),
    "mail": ("post", "postal", "letter", "letters", "print", "mail", "mails"),
}
"""Channel -> words for it in the names of columns. `mail` may be either kind: an objection to it holds for both."""
ADDRESSES = {
    "email": ("email", "email_address", "mail", "email_addr"),
    "phone": ("phone", "phone_number", "telephone", "tel", "mobile", "mobile_number", "mobile_phone"),
    "sms": ("mobile", "mobile_number", "mobile_phone", "phone", "phone_number"),
    "mail": ("address", "street", "postal_address", "street_address"),
}
ALIASES = {
    "e-mail": "email", "newsletter": "email", "call": "phone", "telephone": "phone", "whatsapp": "sms", "text": "sms",
    "post": "mail", "letter": "mail", "direct mail": "mail",
}  # fmt: skip
"""What rules may call a channel -> its name in CHANNELS."""
PERSONAL = "personal"
BY_PERSONS = ("email", "phone", "mail")
"""Somebody calls or writes: needs any one of these channels, where the table has phones."""
_GENERIC = {
    "contact",
    "contacts",
    "contacted",
    "marketing",
    "advertising",
    "ads",
    "gdpr",
    "customer",
    "us",
    "me",
    "all",
}
_YES = {
    "can",
    "may",
    "ok",
    "allow",
    "allows",
    "allowed",
    "accepts",
    "consent",
    "optin",
    "subscribed",
    "agreed",
    "wants",
}
_NO = {"no", "not", "dont", "never", "unsubscribed", "unsubscribe", "optout", "blocked", "stop", "dnc", "refuses"}
_FILLERS = {"do", "opt", "in", "out", "is", "to", "for", "by", "given", "flag"}
_TRUE, _FALSE = ("true", "yes", "y", "1", "t"), ("false", "no", "n", "0", "f")
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
NOT_CONTACTABLE, NO_CONSENT, NO_ADDRESS = "not_contactable", "no_consent", "no_address"


@dataclass(frozen=True)
class Consent:
    """`anyone`: may be contacted at all. `permitted`, `reached`: channel -> has not objected, has an address there;
    a channel that is absent is one of which nothing is known.
    """

    anyone: pl.Expr
    permitted: Mapping[str, pl.Expr] = field(default_factory=dict)
    reached: Mapping[str, pl.Expr] = field(default_factory=dict)

    def refusal(self, channel: str | None) -> pl.Expr:
        """Why a customer may not be contacted on a channel; null where nothing speaks against it."""
        name = channel_name(channel)
        if name == PERSONAL and self.knows("phone"):
            return pl.when(~self.anyone).then(pl.lit(NOT_CONTACTABLE)).otherwise(self._unreached())
        reason = pl.lit(None, pl.String)
        if name in self.reached:
            reason = pl.when(~self.reached[name]).then(pl.lit(NO_ADDRESS)).otherwise(reason)
        if name in self.permitted:
            reason = pl.when(~self.permitted[name]).then(pl.lit(NO_CONSENT)).otherwise(reason)
        return pl.when(~self.anyone).then(pl.lit(NOT_CONTACTABLE)).otherwise(reason)

    def _unreached(self) -> pl.Expr:
        """Why none of BY_PERSONS is open of which something is known; null where one is."""
        reasons = [self.refusal(name) for name in BY_PERSONS if self.knows(name)]
        closed = pl.all_horizontal(reason.is_not_null() for reason in reasons)
        refused = pl.any_horizontal((reason == NO_CONSENT).fill_null(value=False) for reason in reasons)
        return pl.when(closed).then(pl.when(refused).then(pl.lit(NO_CONSENT)).otherwise(pl.lit(NO_ADDRESS)))

    def knows(self, channel: str | None) -> bool:
        """Whether anything is known of that channel."""
        return channel_name(channel) in {*self.permitted, *self.reached}

    def allows(self, channel: str | None) -> pl.Expr:
        """Where nothing speaks against a contact."""
        return self.refusal(channel).is_null()


def channel_name(channel: str | None) -> str:
    """The channel by its one name; an empty text without any."""
    plain = (channel or "").strip().lower()
    return ALIASES.get(plain, plain)


def consent_of(frame: pl.DataFrame, rules: Mapping[str, str] | None = None) -> Consent:
    """What a table says of consent. `rules`: channel, or `all`, -> SQL that holds where contact is allowed, in place of
    the columns for that channel. Raises ConfigError for SQL that the table cannot answer.
    """
    everyone: list[pl.Expr] = []
    permitted: dict[str, list[pl.Expr]] = {}
    if CONTACTABLE in frame.columns:
        everyone.append(_holds(CONTACTABLE))
    for column in frame.columns:
        channels, positive = permission_of(column)
        if not channels or column == CONTACTABLE or not _is_permission(frame[column]):
            continue
        given = _holds(column) if positive else ~_holds(column)
        for channel in channels:
            (everyone if channel == ALL else permitted.setdefault(channel, [])).append(given)
    reached = {channel: expr for channel in ADDRESSES if (expr := _address(frame, channel)) is not None}
    told = {channel_name(name): _condition(name, text, frame) for name, text in (rules or {}).items()}
    for channel, condition in told.items():
        reached.pop(channel, None)
        if channel == ALL:
            everyone = [condition]
        else:
            permitted[channel] = [condition]
    return Consent(_every(everyone), {name: _every(parts) for name, parts in permitted.items()}, reached)


def permission_of(column: str) -> tuple[tuple[str, ...], bool]:
    """The channels of which a column's name says whether they may be used, and whether a true value allows it."""
    words = re.sub(r"[^a-z0-9]+", "_", column.strip().lower().replace("e-mail", "email").replace("e_mail", "email"))
    tokens = [word for word in words.split("_") if word]
    if "opt" in tokens:
        tokens.append("optout" if "out" in tokens else "optin" if "in" in tokens else "")
    signs = {True: _YES & set(tokens), False: _NO & set(tokens)}
    rest = [t for t in tokens if t and t not in _YES | _NO | _FILLERS]
    if not (signs[True] or signs[False]):
        return (), True
    positive = not signs[False]
    found = [channel for channel, names in CHANNELS.items() if set(names) & set(rest)]
    known = {name for names in CHANNELS.values() for name in names} | _GENERIC
    if any(token not in known for token in rest):
        return (), positive  # no_of_calls, no_claims: a name of something else
    if found:
        return tuple(found), positive
    subscription = {"unsubscribed", "unsubscribe", "subscribed"} & set(tokens)
    return ("email",) if subscription and not rest else (ALL,), positive


def _is_permission(values: pl.Series) -> bool:
    """Whether all values are yes, no, a date (of the yes, of the objection) or empty, one at least not empty."""
    if values.dtype in (pl.Boolean, pl.Date):
        return True
    texts = values.drop_nulls().cast(pl.String).str.strip_chars().str.to_lowercase().unique()
    texts = texts.filter(texts != "")
    return bool(texts.len()) and bool((texts.is_in([*_TRUE, *_FALSE]) | texts.str.contains(_DATE)).all())


def _holds(column: str) -> pl.Expr:
    """True for a yes or a date; false for a no and for nothing."""
    text = pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase()
    return (text.is_in(list(_TRUE)) | text.str.contains(_DATE)).fill_null(value=False)


def _address(frame: pl.DataFrame, channel: str) -> pl.Expr | None:
    """Where one of the columns of addresses for a channel is filled; None without such a column."""
    names = {_plain(column): column for column in frame.columns}
    found = [names[name] for name in ADDRESSES[channel] if name in names]
    if channel in ("email", "mail"):  # a column `mail` holds the one kind or the other
        found = [name for name in found if _plain(name) != "mail" or _is_email(frame[name]) == (channel == "email")]
    parts = [_holds(n) if _is_permission(frame[n]) else _filled(n, channel) for n in found]
    return pl.any_horizontal(parts) if parts else None


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.strip().lower().replace("e-mail", "email")).replace("e_mail", "email")


def _is_email(values: pl.Series) -> bool:
    return bool(values.cast(pl.String).str.contains("@", literal=True).any())


def _filled(column: str, channel: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    good = text.str.contains("@", literal=True) if channel == "email" else text != ""
    return good.fill_null(value=False)


def _condition(channel: str, text: str, frame: pl.DataFrame) -> pl.Expr:
    try:
        return compile_sql(text, dict(frame.schema), boolean=True).fill_null(value=False)
    except SqlError as problem:
        raise ConfigError(
            marked("consent of {channel}: {text}", channel=repr(channel), text=problem.message), hint=problem.hint
        ) from None


def _every(parts: Iterable[pl.Expr]) -> pl.Expr:
    found = list(parts)
    return pl.all_horizontal(found) if found else pl.lit(value=True)
