"""A real Spark cluster on loopback: a standalone master, two workers, a Connect server.

    python tests/engines/cluster.py        starts one and prints its addresses; Enter ends it

`pyspark` (the cluster, spark-submit) and `pyspark-client` (Connect) cannot share an environment: each gets its own,
made once in the root of the project and kept.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLUSTER, CLIENT = ROOT / ".venv-spark-cluster", ROOT / ".venv-spark-client"
MEMORY = "1200m"
START_SECONDS = 240


class UnavailableError(Exception):
    """No Java, or no wheel: the tests of the cluster cannot run here."""


def environments() -> tuple[Path, Path]:
    """The Python of the cluster and that of the client. Raises UnavailableError with the reason."""
    if shutil.which("java") is None:
        raise UnavailableError("no java on the PATH; Spark 4 needs Java 17")
    client = _made(CLIENT, ["-e", f"{ROOT}[spark,report]"])
    version = subprocess.run(
        [client, "-c", "import pyspark; print(pyspark.__version__)"], capture_output=True, text=True, check=True
    ).stdout.strip()
    # The workers get the package from the client; what it needs they have to have.
    cluster = _made(CLUSTER, [f"pyspark[connect]=={version}", str(ROOT)], without="clvcli")
    return cluster, client


def _made(folder: Path, packages: list[str], without: str | None = None) -> Path:
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    project = f"{packages}\n{(ROOT / 'pyproject.toml').read_text()}"
    if ready.exists() and ready.read_text() == project:
        return python
    pip: list[str | Path] = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    steps: list[list[str | Path]] = [[sys.executable, "-m", "venv", folder], [*pip, "install", *packages]]
    steps += [[*pip, "uninstall", "--yes", without]] if without else []
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UnavailableError(f"{folder.name} cannot be made: {done.stderr.strip()[-300:]}")
    ready.write_text(project)
    return python


@dataclass
class Cluster:
    """A running cluster. `master`: for spark-submit; `url`: for Connect."""

    python: Path
    client: Path
    folder: Path
    master: str = ""
    url: str = ""
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """Where Spark is."""
        return next(self.python.parents[1].glob("lib/python*/site-packages/pyspark"))

    @property
    def env(self) -> dict[str, str]:
        """Variables of everything that runs on the cluster, and of spark-submit."""
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME"}}
        return kept | {
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_WORKER_DIR": str(self.folder / "work"),
            "SPARK_LOG_DIR": str(self.folder),
            "PYSPARK_PYTHON": str(self.python),
            "PYSPARK_DRIVER_PYTHON": str(self.python),
            "OPENBLAS_NUM_THREADS": "1",
            "POLARS_MAX_THREADS": "1",
        }

    def conf(self, master: str | None = None) -> list[str]:
        """Options of spark-submit for this cluster, or another master."""
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "1g",
            "spark.executor.memory": MEMORY,
            "spark.executor.cores": "1",
            "spark.cores.max": "2",
            "spark.sql.shuffle.partitions": "4",
            "spark.ui.enabled": "false",
        }
        return [
            "--master",
            master or self.master,
            *(part for k, v in settings.items() for part in ("--conf", f"{k}={v}")),
        ]

    def start(self) -> None:
        """Starts everything and waits until it answers. Raises UnavailableError."""
        port, web = _free_ports(2)
        self.master = f"spark://127.0.0.1:{port}"
        deploy = "org.apache.spark.deploy"
        self._run("master", "spark-class", f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port),
                  "--webui-port", str(web))  # fmt: skip
        self._wait(port, "master")
        for name in ("worker1", "worker2"):
            self.start_worker(name)
        self.url = self.start_connect("connect")

    def start_connect(self, name: str, *, master: str | None = None, before: tuple[str, ...] = ()) -> str:
        """A Connect server, started by the command `before` where there is one; its address once it answers."""
        (port,) = _free_ports(1)
        server = "org.apache.spark.sql.connect.service.SparkConnectServer"
        grpc = {"spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(port)}
        more = [part for k, v in grpc.items() for part in ("--conf", f"{k}={v}")]
        self._run(name, "spark-submit", *self.conf(master), *more, "--class", server, "spark-internal", before=before)
        self._wait(port, name)
        return f"sc://127.0.0.1:{port}"

    def start_worker(self, name: str) -> None:
        """A worker: a core for the Connect server, and one for spark-submit."""
        (web,) = _free_ports(1)
        self._run(name, "spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "2",
                  "--memory", "3g", "--webui-port", str(web), self.master)  # fmt: skip

    def _run(self, name: str, program: str, *args: str, before: tuple[str, ...] = ()) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [*before, self.home / "bin" / program, *args], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=self.env, start_new_session=True,
            )  # fmt: skip

    def _wait(self, port: int, name: str) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.processes[name].poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.3)
        raise UnavailableError(f"{name} did not start: {(self.folder / f'{name}.log').read_text()[-400:]}")

    def kill(self, name: str) -> None:
        """Ends a process and its children (a worker's executors) at once."""
        process = self.processes.pop(name)
        for child in children(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Ends all of it."""
        for name in reversed(list(self.processes)):
            self.kill(name)


def children(pid: int) -> list[int]:
    """All processes below one, by /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, open_ = [], [pid]
    while open_:
        below = parents.get(open_.pop(), [])
        found += below
        open_ += below
    return found


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """A cluster for the length of the block. Raises UnavailableError."""
    python, client = environments()
    with tempfile.TemporaryDirectory(prefix="clv-spark-", ignore_cleanup_errors=True) as folder:
        cluster = Cluster(python, client, Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


if __name__ == "__main__":
    with running() as cluster:
        print(f"clv score DATA --engine spark --remote {cluster.url} -o scored")
        program = f"{cluster.home}/bin/spark-submit --master {cluster.master} {ROOT}/clvcli/__main__.py"
        print(f"{program} score DATA --engine spark -o scored")
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input()
