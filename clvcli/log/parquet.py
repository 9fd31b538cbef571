"""A Parquet file as a table."""

import contextlib
import os
from collections.abc import Iterator
from functools import partial

import polars as pl

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.content import Content
from clvcli.log.dates import ANY_ZONE
from clvcli.log.stored import StoredTable, open_stored


def open_parquet(file: int, content: Content) -> StoredTable:
    """What a Parquet file holds. Raises InputError for one that is damaged, has no records, or a column twice."""
    name = content.source.name
    facts: dict[str, object] = {"path": name, "format": "parquet", "bytes": content.size}
    if content.compression:
        facts["compression"] = content.compression
    patience = content.source.patience if content.data is None and content.source.is_remote else None
    scan, guard = partial(scan_parquet, content), partial(_told_well, content)
    return open_stored(file, name, scan, guard, facts, patience=patience)


@contextlib.contextmanager
def _told_well(content: Content) -> Iterator[None]:
    """What Polars raises of a file, as an InputError."""
    # Polars takes zones like +05:30, which other programs write, only where it is told not to look them up.
    os.environ.setdefault(ANY_ZONE, "1")
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as problem:
        raise _unreadable(content, problem) from None
    except BaseException as problem:  # Polars panics, with a class that is no Exception, on some damaged files.
        if type(problem).__name__ != "PanicException":
            raise
        raise InputError(
            marked("{place}: is a damaged Parquet file", place=content.source.name), hint="write it again"
        ) from None


def _unreadable(content: Content, problem: Exception) -> InputError:
    name, reason = content.source.name, str(problem).splitlines()[0][:120]
    if content.source.is_remote:
        from clvcli.log.remote import unreachable

        return unreachable(name, problem)
    if isinstance(problem, pl.exceptions.DuplicateError):
        return InputError(
            marked("{place}: a column appears twice ({reason})", place=name, reason=reason),
            hint="rename one of the two",
            code="repeated_column",
        )
    return InputError(
        marked("{place}: is a damaged Parquet file ({reason})", place=name, reason=reason), hint="write it again"
    )


def scan_parquet(content: Content) -> pl.LazyFrame:
    """Lazily, from memory or from the path (never a glob)."""
    return pl.scan_parquet(content.data if content.data is not None else content.source.path, glob=False)
