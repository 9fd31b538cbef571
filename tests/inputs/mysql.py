"""A MySQL (MariaDB) of the test's own on loopback: its folder, its port, gone at the end."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from inputs.postgres import free_port

USER = "clv"
TABLES = Path("/usr/share/mysql/mysql_system_tables.sql")
"""What makes the tables of a server itself."""


@dataclass(frozen=True)
class Server:
    """`address` has the password in it."""

    port: int
    password: str
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """As if its machine had gone."""
        self.process.kill()

    @property
    def address(self) -> str:
        return f"mysql://{USER}:{self.password}@127.0.0.1:{self.port}/shop"


@contextmanager
def server(*statements: str) -> Iterator[Server]:
    """With a database `shop`, in which these statements were run. Skips without a server's programs."""
    program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    if not (Path(program).exists() and TABLES.exists()):
        pytest.skip("MariaDB is not installed (Debian: apt-get install mariadb-server-core)")
    folder = Path(tempfile.mkdtemp(prefix="clv-my-"))
    password, port, data = "pa-" + secrets.token_hex(8), free_port(), folder / "data"
    data.mkdir()
    common = [program, "--no-defaults", f"--datadir={data}", *(["--user=root"] if os.geteuid() == 0 else [])]
    made = "create database mysql;\nuse mysql;\nset @auth_root_socket=null;\n" + TABLES.read_text()
    subprocess.run([*common, "--bootstrap"], input=made.encode(), capture_output=True, check=True)
    (folder / "first.sql").write_text("".join(f"{one};\n" for one in (
        "create database shop character set utf8mb4", f"create user {USER}@'127.0.0.1' identified by '{password}'",
        f"grant all on shop.* to {USER}@'127.0.0.1'", "use shop", *statements)))  # fmt: skip
    running = subprocess.Popen(
        [*common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s", f"--pid-file={folder}/pid",
         f"--init-file={folder}/first.sql", "--innodb-flush-log-at-trx-commit=0"],
        stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"),
    )  # fmt: skip
    try:
        _wait(running, folder / "log")
        yield Server(port, password, running)
    finally:
        running.terminate()
        running.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(running: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 600
    while "ready for connections" not in log.read_text(errors="replace"):
        assert running.poll() is None, log.read_text(errors="replace")[-500:]
        assert time.monotonic() < end, "the server does not start"
        time.sleep(0.1)
