"""The control group and the variants of campaigns: a stable hash of salt and customer, never a random draw."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import polars as pl

_SEPARATOR = b"\x1f"
_SCALE = 2.0**64


def uniform(ids: Sequence[str], salt: str) -> Iterator[float]:
    """One number in [0, 1] an id: the first 8 bytes of SHA-256(salt + 0x1F + id, UTF-8), big-endian, over 2^64."""
    start = sha256(salt.encode() + _SEPARATOR)
    for customer in ids:
        digest = start.copy()
        digest.update(customer.encode())
        yield int.from_bytes(digest.digest()[:8], "big") / _SCALE


def in_control(ids: pl.Series, share: float, salt: str) -> pl.Series:
    """True where the number of the id lies below `share`. The share of a table is only about `share`."""
    return pl.Series("in_control", [u < share for u in uniform(ids.to_list(), salt)], dtype=pl.Boolean)


def campaign_control(ids: pl.Series, campaign: str, share: float) -> pl.Series:
    """True for whom a campaign with a control group of its own leaves out."""
    return in_control(ids, share, f"{campaign}/control")


def variant(ids: pl.Series, variants: Sequence[str], salt: str) -> pl.Series:
    """One of `variants`, each for an equal part of the numbers of salt + "/variant"; control customers have one too."""
    last = len(variants) - 1
    chosen = [variants[min(int(u * len(variants)), last)] for u in uniform(ids.to_list(), salt + "/variant")]
    return pl.Series("variant", chosen, dtype=pl.String)
