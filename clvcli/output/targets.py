"""Which files a run writes: a pure function from what the user typed to names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clvcli.core.addresses import beside, is_database
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.output.formats.base import format_of
from clvcli.output.places import is_stream

STDOUT = "-"
OPTION_OF = {"table": "output", "report": "report", "rejects": "rejects", "manifest": "manifest", "key": "redact"}
"""The option that names the file of a role."""


@dataclass(frozen=True)
class Targets:
    """The names of a run's outputs. None: not written; `-`: stdout.

    `default_name`: the table's name was made up here, so a file there that no earlier run wrote must not be replaced.
    """

    table: str | None
    manifest: str | None
    rejects: str | None
    report: str | None
    key: str | None
    format: str
    manifest_on_stdout: bool
    default_name: bool

    @property
    def files(self) -> dict[str, str]:
        """Role -> path of everything that is written through Outputs, the manifest last."""
        named = {"table": self.table, "report": self.report, "rejects": self.rejects, "key": self.key}
        named |= {"manifest": self.manifest}
        return {role: path for role, path in named.items() if path is not None}


def plan_targets(
    files: Sequence[str],
    *,
    output: str | None = None,
    format: str | None = None,  # noqa: A002  # the option's name
    manifest: str | None = None,
    rejects: str | None = None,
    report: str | None = None,
    key: str | None = None,
    json: bool = False,
    dry_run: bool = False,
    named_only: bool = False,
) -> Targets:
    """The outputs of a run over the input `files` (the resolved ones; `-` is stdin).

    Raises UsageError for combinations that cannot be: a manifest and a table on the one stdout, a suffix that no format
    has. `named_only`: a table whose name nobody gave is not written. Looks at no file but to tell pipes and devices,
    which get no companions, from ordinary ones.
    """
    for flag, path in (("--manifest", manifest), ("--rejects", rejects), ("--report", report), ("--redact", key)):
        if path == STDOUT:
            hint = marked("--json prints the manifest on stdout") if flag == "--manifest" else f"{flag} FILE"
            raise UsageError(marked("{flag}: only the table can go to stdout", flag=flag), hint)
        if path == "":
            raise UsageError(marked("{flag}: an empty name", flag=flag))
    kind = format_of(output, format)
    table = output
    if output is None and not named_only:
        table = _default_output(files, kind)
    if table == "":
        raise UsageError("--output: an empty name")
    if json and table == STDOUT:
        raise UsageError("--json and the table cannot both go to stdout", "-o FILE")
    companions = not (dry_run or table is None or table == STDOUT or is_stream(table))
    return Targets(
        table=None if dry_run else table,
        manifest=manifest or (f"{beside(str(table))}.run.json" if companions else None),
        rejects=rejects or (f"{beside(str(table))}.rejects.csv" if companions else None),
        report=None if dry_run else report,
        key=None if dry_run else key,
        format=kind,
        manifest_on_stdout=json,
        default_name=output is None and table not in (None, STDOUT),
    )


def _default_output(files: Sequence[str], kind: str) -> str:
    """`STEM.scored.csv` for one file, `scored.csv` for several, stdout for stdin."""
    if len(files) != 1:
        return f"scored.{kind}"
    if files[0] == STDOUT:
        return STDOUT
    path = files[0].split("?")[0].split("#")[0] if is_database(files[0]) else files[0]
    name = re.split(r"[\\/]", path.rstrip("\\/"))[-1]
    name = re.sub(r"\.(gz|gzip|zst|zstd|bz2|xz)$", "", name, flags=re.IGNORECASE)
    stem = re.sub(
        r"(?<=.)\.(csv|tsv|tab|psv|ssv|txt|dat|data|log|out|asc|prn|xlsx?|xlsb|xlsm|ods|parquet|pq|parq|jsonl?|ndjson|"
        r"arrow|feather|ipc|zip|tar|tgz|sqlite3?|db|duckdb)$",
        "",
        name,
        flags=re.IGNORECASE,
    )
    return f"{stem}.scored.{kind}"
