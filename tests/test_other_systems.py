"""On a system without POSIX the tool is imported, scores and writes: what Windows lacks is taken away here."""

import subprocess
import sys
from pathlib import Path

from conftest import GOOD

WITHOUT = """
import os, signal, sys
import polars, numpy, scipy.special, scipy.optimize, sqlglot, rich.console, typer
sys.platform = "win32"
for name in ("fcntl", "resource"):
    sys.modules[name] = None
for name in ("fchown", "fchmod", "fork", "getuid", "geteuid", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("pthread_sigmask", "sigwait", "SIGHUP", "SIGKILL", "SIGBUS", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGCHLD"):
    if hasattr(signal, name):
        delattr(signal, name)
"""


def run(code: str, folder: Path) -> str:
    words = [sys.executable, "-c", WITHOUT + code]
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_scores_and_writes_without_posix(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    run('import clvcli\nclvcli.score("log.csv", output="a.csv", report="a.html")', tmp_path)
    plain = "import clvcli\nclvcli.score('log.csv', output='b.csv', report='b.html')"
    subprocess.run([sys.executable, "-c", plain], cwd=tmp_path, check=True)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert {p.name for p in tmp_path.glob("a.*")} == {"a.csv", "a.csv.run.json", "a.csv.rejects.csv", "a.html"}
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_the_command_starts_without_posix(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    code = """
import clvcli.__main__
sys.argv = ["clv", "check", "log.csv"]
clvcli.__main__.main()
"""
    assert "Usable" in run(code, tmp_path)
