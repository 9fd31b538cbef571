"""The front door: DATA -> a clean log in which every record is accounted for."""

from collections.abc import Mapping
from datetime import date

from clvcli.core.errors import Notice
from clvcli.core.options import LogOptions
from clvcli.log.columns import resolve_role
from clvcli.log.content import Content
from clvcli.log.exact import settle_records
from clvcli.log.fast import log_of, read_clean
from clvcli.log.footers import find_totals, without
from clvcli.log.gather import gather, open_all
from clvcli.log.quality import DataQuality, Log, TooManyRejects
from clvcli.log.reading import read_roles
from clvcli.log.tabular import read_table

__all__ = ["DataQuality", "Log", "TooManyRejects", "read_exactly", "read_log", "read_table"]


def read_log(
    options: LogOptions, run_day: date, keep: tuple[str, ...] = (), lines: Mapping[str, str] | None = None
) -> Log:
    """Reads DATA and decides on the fate of every record (DESIGN: rejected, where, duplicate, after_as_of,
    no_customer_id, returns, used).

    `run_day` is the day of the run: later dates than the next day are rejected unless --as-of is given. `keep` names
    columns of the log to carry into `Log.attributes`; `lines` maps names to columns or SQL and asks for `Log.lines`,
    the used records with these values. The result does not depend on the order of rows or files.

    A clean log takes the fast path, which streams; only one that proves unclean pays for the exact path, which finds
    line, column and value. Both give the same log (tests/log hold them equal).

    It does not refuse a log of which no record is used: that is the caller's to judge, who knows of leads. Raises
    InputError for data that cannot be read or understood, TooManyRejects beyond --max-rejects, UsageError for
    options that do not work on these data.
    """
    contents, notices = open_all(options)
    clean = None if lines is not None else read_clean(contents, options, run_day, keep)
    if clean is not None:
        return log_of(clean, notices, options, run_day, keep)
    return _read_exactly(contents, notices, options, run_day, keep, lines)


def read_exactly(
    options: LogOptions, run_day: date, keep: tuple[str, ...] = (), lines: Mapping[str, str] | None = None
) -> Log:
    """The same by the exact path alone: what `clv check` uses, and what the fast path is tested against."""
    contents, notices = open_all(options)
    return _read_exactly(contents, notices, options, run_day, keep, lines)


def _read_exactly(
    contents: list[Content],
    notices: list[Notice],
    options: LogOptions,
    run_day: date,
    keep: tuple[str, ...],
    lines: Mapping[str, str] | None,
) -> Log:
    gathered, roles = gather(contents, notices, options)
    reading = read_roles(gathered, roles, options)
    totals = find_totals(gathered, reading)
    if totals is not None:
        gathered = without(gathered, totals)
        reading = read_roles(gathered, roles, options)
    columns = list(gathered.frame.columns)
    more = None
    if lines is not None:
        more = {role: resolve_role(role, text, columns, gathered.name) for role, text in lines.items()}
    return settle_records(gathered, reading, roles, options, run_day, keep, more)
