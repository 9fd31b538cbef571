"""The examples of the help run as they stand, in their order, in a folder with the sample data."""

import shlex
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Clv

from clvcli.cli.commands import COMMANDS


@pytest.mark.slow
def test_every_example_of_the_help_runs(clv: Clv, tmp_path: Path) -> None:
    for file in (ROOT / "sample_data").glob("*.csv"):
        shutil.copy(file, tmp_path)
    ordered = sorted(COMMANDS, key=lambda command: command.name not in {"init", "check", "simulate", "score"})
    lines = [line for command in ordered for line, _ in command.examples]
    assert len(lines) > 25
    for line in lines:
        name, *args = shlex.split(line)
        assert name == "clv"
        done = clv(*args, CLV_TODAY="2025-01-02")
        assert done.code == 0, (line, done.err)
