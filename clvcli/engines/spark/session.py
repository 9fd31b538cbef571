"""The session with a cluster: opened, its workers looked at, the package shipped to them, its failures put in words."""

import atexit
import contextlib
import importlib.util
import json
import os
import re
import shutil
import socket
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

import clvcli
from clvcli.core.errors import ClvError, InputError, OutputError, UsageError
from clvcli.core.language import marked

NEEDED = ("polars", "numpy", "scipy", "pyarrow", "yaml", "sqlglot")
BATCH = 50_000
KNOCK_SECONDS = 20
DRIVER = ("pyspark", "pandas", "pyarrow")
LEAST = (4, 0)
LOOK_SECONDS, CORES = 0.5, 100_000
"""Rows of a range are cut into as many parts as there are cores, where there are fewer cores than rows."""
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    # The two passes over text files must cut them into the same blocks, whatever workers there are by then.
    "spark.sql.files.minPartitionNum": "64",
    "spark.sql.files.openCostInBytes": "4194304",
}
INSTALL = "pip install 'clvcli[spark]'"


def connect(remote: str | None) -> Any:
    """A session whose workers have what they need. Raises UsageError, InputError."""
    session = open_session(remote)
    check_workers(session)
    ship(session)
    return session


def open_session(remote: str | None) -> Any:
    """A session: over Spark Connect where `remote` or SPARK_REMOTE names a server, else that of spark-submit.

    Raises UsageError without pyspark, InputError when there is no answer. The master is never set here.
    """
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", category=UserWarning, module="pyspark")
    refuse_lacking(DRIVER)
    import pyspark
    from pyspark.sql import SparkSession

    refuse_old("this process has pyspark", pyspark.__version__)
    url = remote or os.environ.get("SPARK_REMOTE")
    with failures("opening the session" if url is None else shown(url)):
        if url is not None:
            _knock(url)
        builder = SparkSession.builder.remote(url) if url else SparkSession.builder
        session = builder.getOrCreate()
        compare_versions(pyspark.__version__, session.version)
        _give_up_in_time(session)
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
    return session


def refuse_lacking(names: Sequence[str]) -> None:
    """Raises UsageError when this process lacks a package."""
    lacking = [name for name in names if importlib.util.find_spec(name) is None]
    if lacking:
        called = ", ".join({"pyspark": "pyspark-client"}.get(name, name) for name in lacking)
        raise UsageError(
            marked("--engine spark needs {called} in this Python", called=called), hint=INSTALL, code="cluster"
        )


def refuse_old(who: str, version: str) -> None:
    """Raises UsageError for a Spark before LEAST."""
    if _numbers(version) < LEAST:
        wanted = ".".join(map(str, LEAST))
        raise UsageError(
            marked(
                "{who} {version}: --engine spark needs Spark {wanted} or later", who=who, version=version, wanted=wanted
            ),
            hint=INSTALL,
        )


def compare_versions(client: str, server: str) -> None:
    """Raises UsageError where the server is too old, or older than this process: it would not know what is asked."""
    refuse_old("the server has Spark", server)
    if _numbers(server) < _numbers(client):
        raise UsageError(
            marked(
                "the server has Spark {server}, this process pyspark {client}, which is later",
                server=server,
                client=client,
            ),
            hint=f"pip install 'pyspark-client=={server}'",
        )


def _numbers(version: str) -> tuple[int, ...]:
    """4.0.1 -> (4, 0)."""
    return tuple(int(part) for part in re.findall("[0-9]+", version)[:2])


def _knock(url: str) -> None:
    """Raises ConnectionError at once where nothing listens: the client itself tries for ten minutes."""
    found = re.match(r"sc://(\[[^\]]+\]|[^:/;]+)(?::([0-9]+))?", url)
    if found is None:
        raise UsageError(
            marked("--remote {url}: is no address of Spark Connect", url=shown(url)),
            hint="--remote sc://HOST:15002",
            code="cluster",
        )
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2] or 15002)), timeout=KNOCK_SECONDS).close()
    except OSError as problem:
        raise ConnectionError(f"Connection refused: {problem}") from None


def _give_up_in_time(session: Any) -> None:
    """See retry.py; the client itself tries for ten minutes, and three times."""
    if is_remote(session):
        with contextlib.suppress(ImportError, AttributeError):
            from clvcli.engines.spark.retry import GiveUpOnce

            session.client.set_retry_policies([GiveUpOnce()])


def shown(url: str) -> str:
    """An address without what is secret in it: `sc://host:443/;token=...` -> `sc://host:443`."""
    return re.sub(r"/?;.*$", "", url, flags=re.DOTALL)


def ship(session: Any) -> None:
    """Puts the package on the workers' path: as an artifact of the session, or by the context of spark-submit."""
    folder = Path(clvcli.__file__).resolve().parent
    # Kept to the end: the driver of spark-submit serves the archive from there to every executor that starts.
    place = tempfile.mkdtemp(prefix="clv")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    path = os.path.join(place, f"clvcli-{clvcli.__version__}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.py")):
            archive.write(file, os.path.join("clvcli", file.relative_to(folder)))
    with failures("shipping clv to the workers"):
        if is_remote(session):
            session.addArtifacts(path, pyfile=True)
        else:
            session.sparkContext.addPyFile(path)


def is_remote(session: Any) -> bool:
    """Whether the session speaks Spark Connect."""
    return ".connect." in type(session).__module__


def check_workers(session: Any) -> None:
    """Raises InputError when a worker lacks a package, or has another Polars or Python than this process. As many tasks
    as the cluster has cores, each long enough that no executor does two of them: all are seen."""
    import platform

    def look(frames: Iterator[Any]) -> Iterator[Any]:
        import importlib.metadata
        import importlib.util
        import json
        import platform
        import socket
        import time

        import pyarrow as pa

        for _ in frames:
            pass
        time.sleep(LOOK_SECONDS)
        lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        version = None if "polars" in lacking else importlib.metadata.version("polars")
        told = {
            "host": socket.gethostname(),
            "lacking": lacking,
            "polars": version,
            "python": platform.python_version(),
        }
        yield pa.RecordBatch.from_pydict({"told": [json.dumps(told)]})

    with failures("looking at the workers"):
        rows = session.range(CORES).mapInArrow(look, "told string").distinct().collect()
    for row in rows:
        told = json.loads(row.told)
        if told["lacking"]:
            names = ", ".join({"yaml": "pyyaml"}.get(name, name) for name in told["lacking"])
            raise InputError(
                marked("the worker {told} lacks {names}", told=told["host"], names=names),
                hint="install it in the workers' Python",
            )
        for name, there, here in (
            ("Polars", told["polars"], pl.__version__),
            ("Python", told["python"].rsplit(".", 1)[0], platform.python_version().rsplit(".", 1)[0]),
        ):
            if there != here:
                raise InputError(
                    marked(
                        "the worker {told} has {name} {there}, this process {here}",
                        told=told["host"],
                        name=name,
                        there=there,
                        here=here,
                    ),
                    hint=marked("the same {name} on both; PYSPARK_PYTHON names the workers' Python", name=name),
                )


PERMISSION = (
    "AccessControlException",
    "AccessDenied",
    "Permission denied",
    "403 Forbidden",
    "Forbidden",
    "Mkdirs failed",
)
MISSING = ("PATH_NOT_FOUND", "FileNotFoundException", "NoSuchBucket", "does not exist")
LOST = (
    "StatusCode.UNAVAILABLE", "failed to connect", "Connection refused", "Connection reset", "Socket closed",
    "NO_ACTIVE_SESSION", "SESSION_NOT_FOUND", "INVALID_HANDLE", "Channel closed", "StatusCode.CANCELLED",
)  # fmt: skip
DAMAGED = (
    "CANNOT_READ_FILE", "FAILED_READ_FILE", "is not a Parquet file", "Could not read footer", "corrupt",
    "EOFException", "ZipException", "incorrect header check", "PARQUET_TYPE", "Illegal Parquet type",
)  # fmt: skip
WORKERS = ("ExecutorLostFailure", "Job aborted", "SparkException", "JOB_CANCELLED", "STAGE_MATERIALIZATION")


@contextlib.contextmanager
def failures(doing: str, *, output: bool = False) -> Iterator[None]:
    """Puts what Spark raises into one line: what was done, why it failed, what to do. `output`: it was a write."""
    try:
        yield
    except ClvError:
        raise
    except Exception as problem:
        text = f"{type(problem).__name__}: {problem}"
        if not _is_sparks(problem):
            raise
        raise _told(doing, text, output=output) from problem


def _is_sparks(problem: BaseException) -> bool:
    names = {kind.__module__.partition(".")[0] for kind in type(problem).__mro__}
    return bool(names & {"pyspark", "grpc", "py4j"}) or isinstance(problem, (ConnectionError, TimeoutError))


def _told(doing: str, text: str, *, output: bool) -> ClvError:
    where = re.search(r"(?:file|s3a?|s3n|gs|abfss?|hdfs|dbfs|wasbs?):/[^\s,;'\"\])]+", text)
    # Of an output Spark names a file of its own making.
    what = doing if output or not where else f"{doing}: {where[0].rstrip('.')}"
    kind: type[ClvError] = OutputError if output else InputError
    if "CONNECT_URL_NOT_SET" in text:
        return UsageError(
            "--engine spark needs the address of a cluster",
            hint="--remote sc://HOST:15002, SPARK_REMOTE",
            code="cluster",
        )
    if any(mark in text for mark in LOST):
        return kind(
            marked("{place}: the connection to Spark failed or was lost", place=doing),
            hint="is the server up? --remote sc://HOST:15002",
        )
    if any(mark in text for mark in PERMISSION):
        return kind(
            marked("{place}: permission denied on the cluster", place=what), hint="give the cluster's role access to it"
        )
    if any(mark in text for mark in MISSING) and not output:
        return kind(
            marked("{place}: not found by the cluster", place=what),
            hint="the path must be one that every worker reaches",
        )
    if "nanos" in text.lower():
        return kind(
            marked("{place}: has a time in nanoseconds, which Spark does not read", place=what),
            hint="write it in microseconds",
        )
    if any(mark in text for mark in DAMAGED) and not output:
        return kind(marked("{place}: cannot be read", place=what), hint="write it again, or leave it out")
    if "PythonException" in text or "PYTHON_EXCEPTION" in text:
        raise RuntimeError(text)  # our own step failed on a worker: a bug, told as one
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # What py4j says first is that a call failed; why stands below.
    why = [line for line in lines if "Exception: " in line and not line.startswith("Py4J")]
    first = (why or lines or [text])[0][:160]
    if any(mark in text for mark in WORKERS):
        return kind(
            marked("{place}: the cluster gave up ({first})", place=what, first=first),
            hint="the executors' logs say more; run it again",
        )
    return kind(f"{what}: {first}", hint="-vv shows the trace")
