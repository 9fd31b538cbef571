"""A run in which nobody has a name: ids become keyed hashes as soon as they are read (--hash-ids)."""

from dataclasses import replace

import numpy as np
import polars as pl

from clvcli.core.errors import Notice
from clvcli.core.marked import marked
from clvcli.core.pseudonyms import LONG, Pseudonyms
from clvcli.engines.people import CustomerAttributes
from clvcli.lifecycle.consent import ADDRESSES
from clvcli.log.purchases import Purchases
from clvcli.log.read import Log
from clvcli.scoring.redact import unquoted, without_values

NAMES = {
    "name", "first_name", "last_name", "full_name", "firstname", "lastname", "surname", "customer_name", "birthday",
    "birth_date", "date_of_birth", "city", "zip", "postcode", "postal_code", "ip", "ip_address",
    *(name for names in ADDRESSES.values() for name in names),
}  # fmt: skip
"""Attributes that say who somebody is."""


def hashed_log(log: Log, salt: str) -> Log:
    """The log under hashed ids; what was rejected without its values."""
    names = Pseudonyms(salt.encode(), LONG)
    attributes = None if log.attributes is None else _hashed(log.attributes, names)
    quality = replace(log.quality, notices=tuple(Notice(n.code, unquoted(n.message)) for n in log.quality.notices))
    bought, rejects = _reordered(log.bought, names), without_values(log.rejects)
    customers = None if log.customers is None else _hashed(log.customers, names)
    outside = None if log.outside is None else _ids(log.outside, names)
    return replace(
        log, bought=bought, attributes=attributes, quality=quality, rejects=rejects, customers=customers,
        outside=outside,
    )  # fmt: skip


def hashed_people(people: CustomerAttributes, salt: str) -> CustomerAttributes:
    """The attributes under hashed ids, without those that say who somebody is."""
    if people.frame is None:
        return people
    telling = [name for name in people.shown if name.lower() in NAMES]
    notices = [
        Notice("hidden_attribute", marked("{name} says who somebody is: left out with --hash-ids", name=name))
        for name in telling
    ]
    return replace(
        people,
        frame=_hashed(people.frame.drop(telling), Pseudonyms(salt.encode(), LONG)),
        schema={name: kind for name, kind in people.schema.items() if name not in telling},
        shown=tuple(name for name in people.shown if name not in telling),
        notices=(*people.notices, *notices),
    )


def _hashed(frame: pl.DataFrame, names: Pseudonyms) -> pl.DataFrame:
    return frame.with_columns(customer_id=_ids(frame["customer_id"], names)).sort("customer_id")


def _ids(ids: pl.Series, names: Pseudonyms) -> pl.Series:
    return pl.Series("customer_id", [names.of(one) for one in ids], dtype=pl.String)


def _reordered(bought: Purchases, names: Pseudonyms) -> Purchases:
    ids = _ids(bought.ids, names)
    order = ids.arg_sort().to_numpy().astype(np.int64)
    counts = np.diff(bought.start)[order]
    start = np.append(0, np.cumsum(counts)).astype(np.int64)
    rows = np.repeat(bought.start[:-1][order] - start[:-1], counts) + np.arange(counts.sum())
    return Purchases(ids.gather(order), start, bought.day.gather(rows), bought.amount.gather(rows))
