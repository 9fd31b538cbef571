"""Completion offers what there is; installing it refuses a shell that it does not know."""

from pathlib import Path

import pytest
from conftest import Clv

OWN_PROCESS = True  # HOME and _CLV_COMPLETE count when the command starts


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("clv sc", {"score"}),
        ("clv score log.csv --model ", {"bg-nbd", "mbg-nbd", "auto"}),
        ("clv score log.csv --amount ", {"who", "day", "money"}),
        ("clv score log.csv --returns ", {"net", "reverse", "keep"}),
        ("clv score log.csv --rules rfm-", {"rfm-six", "rfm-lifecycle"}),
        ("clv top scored.csv --stage cha", {"champions"}),
        ("clv help priv", {"privacy"}),
        ("clv economics log.csv -f m", {"md"}),
    ],
)
def test_completion(clv: Clv, tmp_path: Path, words: str, offered: set[str]) -> None:
    (tmp_path / "log.csv").write_text("who;day;money\n")
    done = clv(COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1), _CLV_COMPLETE="bash_complete")
    found = {line.removeprefix("plain,") for line in done.page.splitlines()}
    assert done.code == 0
    assert offered <= found
    assert not words.endswith("cha") or found == offered


def test_installing_it_twice_adds_one_line(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_text("alias l=ls")
    for _ in range(2):
        assert clv("--install-completion", "bash", HOME=str(tmp_path)).code == 0
    assert (tmp_path / ".bashrc").read_text() == 'alias l=ls\neval "$(_CLV_COMPLETE=bash_source clv)"\n'


def test_an_unknown_shell_is_refused(clv: Clv, tmp_path: Path) -> None:
    for args, shell in ((["--install-completion", "tcsh"], "/bin/bash"), (["--install-completion"], "/bin/tcsh")):
        done = clv(*args, HOME=str(tmp_path), SHELL=shell)
        assert (done.code, done.out) == (2, b"")
        assert "tcsh (hint: bash or zsh or fish)" in done.err
        assert list(tmp_path.iterdir()) == []
