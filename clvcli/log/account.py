"""The fate of every record, in the order of the contract: rejected, where, duplicate, after_as_of, no_customer_id,
returns, used."""

import polars as pl


def counts(reasons: pl.Series) -> dict[str, int]:
    """Count records by reason, the most frequent first."""
    found = reasons.drop_nulls().value_counts(name="n").rename({reasons.name: "reason"})
    return dict(found.sort(["n", "reason"], descending=[True, False]).iter_rows())


def allowed_rejects(max_rejects: str, read: int) -> float:
    """`1%` of the records read, or a count."""
    if max_rejects.endswith("%"):
        return float(max_rejects.removesuffix("%")) / 100 * read
    return int(max_rejects)
