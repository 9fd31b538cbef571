"""A PostgreSQL of the test's own: its folder, its port, gone at the end."""

import glob
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

USER, UNPRIVILEGED = "clv", "postgres"


@dataclass(frozen=True)
class Server:
    """`address` has the password in it."""

    port: int
    password: str
    folder: Path

    @property
    def address(self) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def without_password(self) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"


def programs() -> Path:
    """The folder of the server's programs. Skips without them."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return Path(found[-1] if found else str(on_path)).parent


@contextmanager
def server() -> Iterator[Server]:
    """Runs as another user where this one is root, whom the server refuses."""
    pytest.importorskip("adbc_driver_postgresql")
    place = programs()
    as_user: list[str] = []
    if os.geteuid() == 0:
        known = subprocess.run(["id", UNPRIVILEGED], capture_output=True, check=False).returncode == 0
        if shutil.which("runuser") is None or not known:
            pytest.skip(f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED}")
        as_user = ["runuser", "-u", UNPRIVILEGED, "--"]
    folder = Path(tempfile.mkdtemp(prefix="clv-pg-"))  # short: the name of a socket has at most 107 characters
    password = "pa/ss@" + secrets.token_hex(8)
    (folder / "password").write_text(password)
    if as_user:
        subprocess.run(["chown", "-R", UNPRIVILEGED, folder], check=True)
    data, port = str(folder / "data"), free_port()
    _run(*as_user, str(place / "initdb"), "-D", data, "-A", "scram-sha-256", "-U", USER, "--no-sync",
         f"--pwfile={folder}/password")  # fmt: skip
    control = [*as_user, str(place / "pg_ctl"), "-D", data]
    settings = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        _run(*control, "-o", settings, "-l", str(folder / "log"), "-w", "start")
        yield Server(port, password.replace("/", "%2F").replace("@", "%40"), folder)
    finally:
        _run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=True, cwd="/")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
