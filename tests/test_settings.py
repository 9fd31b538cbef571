"""Where an option's value comes from, what is no value, and what has no effect."""

import os
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from conftest import Clv

from clvcli.cli.app import Runner
from clvcli.cli.params import options_of
from clvcli.core.options import ScoreOptions
from clvcli.core.settings import Options, opt


@dataclass(frozen=True, kw_only=True)
class Few(Options):
    config: str | None = opt(None, "c")
    horizon: str = opt("12m", "h")
    decimals: int = opt(2, "d")
    strict: bool = opt(False, "s")
    alert: float = opt(0.5, "a")
    groups: tuple[str, ...] = opt((), "g")
    returns: str = opt("reverse", "r", choices=("reverse", "net", "keep"))


def resolved(
    typed: list[str], environ: Mapping[str, str], config: Mapping[str, object], cls: type[Options] = Few
) -> Options:
    """The options of a command line, an environment and a file."""
    command: Any = types.SimpleNamespace(name="few", options=cls)
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        mock.patch("clvcli.cli.params.configuration", return_value=config),
        Runner(command, "few").make_context("few", typed) as context,
    ):
        return options_of(cls, context.params)


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default() -> None:
    got = resolved(
        ["--horizon", "1m"],
        {"CLV_HORIZON": "2m", "CLV_DECIMALS": "3", "CLV_GROUPS": "a,b"},
        {"horizon": "3m", "decimals": 4, "alert": 0.1},
    )
    assert got == Few(horizon="1m", decimals=3, alert=0.1, groups=("a", "b"))
    assert got.sources == {
        "horizon": "flag", "decimals": "CLV_DECIMALS", "alert": "clv.yaml", "strict": "default",
        "groups": "CLV_GROUPS", "returns": "default", "config": "default",
    }  # fmt: skip


LOG = "customer,date,amount\nc1,2024-01-01,1.00\n"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("decimals", "two", "whole number"),
        ("alert", "nan", "finite"),
        ("strict", "perhaps", "is true or false"),
        ("returns", "nett", "did you mean net"),
    ],
)
def test_a_bad_value_names_its_place(clv: Clv, tmp_path: Path, name: str, text: str, sentence: str) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    if name != "strict":
        flag = clv("score", "log.csv", f"--{name}", text)
        assert (flag.code, flag.out) == (2, b"")
        assert flag.err.startswith(f"clv: --{name}: ")
        assert sentence in flag.err
    variable = clv("score", "log.csv", **{f"CLV_{name.upper()}": text})
    assert variable.code == 2
    assert variable.err.startswith(f"clv: CLV_{name.upper()}: ")
    assert sentence in variable.err
    (tmp_path / "my.yaml").write_text(f"{name}: {text}\n")
    file = clv("score", "log.csv", "--config", "my.yaml")
    assert file.code == 4
    assert file.err.startswith(f"clv: my.yaml: {name}: ")
    assert sentence in file.err
    assert len(file.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("horizon", "3"), ("as-of", "2024-02-30"), ("max-rejects", "-1"), ("max-rejects", "101%"), ("alert", "1"),
     ("decimals", "9"), ("discount-rate", "-0.1"), ("counts", "-1"), ("max-age", "inf"), ("acquired-from", "today")],
)  # fmt: skip
def test_every_checked_option_refuses_what_it_cannot_be(clv: Clv, name: str, text: str) -> None:
    done = clv("score", "log.csv", f"--{name}", text)
    assert done.code == 2
    assert done.err.startswith(f"clv: --{name}: is ")


def test_what_must_be_given_is_asked_for(clv: Clv, tmp_path: Path) -> None:
    assert "DATA is missing" in clv("score").err
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "clv.yaml").write_text("data: log.csv\n")
    assert clv("check").code == 0


def test_a_list_in_the_environment_is_split() -> None:
    got = resolved([], {"CLV_DATA": "a.csv,b.csv"}, {}, ScoreOptions)
    assert isinstance(got, ScoreOptions)
    assert got.data == ("a.csv", "b.csv")


def test_paths_of_a_file_are_relative_to_it(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "log.csv").write_text(LOG)
    (tmp_path / "sub" / "my.yaml").write_text("data: log.csv\noutput: out.csv\nrules: predictive\nformat:\n")
    assert clv("score", "--config", "sub/my.yaml", "-q").code == 0
    assert (tmp_path / "sub" / "out.csv").exists()


def test_a_stranger_in_the_environment_gets_a_suggestion(clv: Clv) -> None:
    done = clv("columns", CLV_HORIZN="1m")
    assert (done.code, done.out) == (2, b"")
    assert done.err == "clv: CLV_HORIZN: unknown option (hint: did you mean CLV_HORIZON?) [clv help settings]\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("compare a b --where 1=0 --rules nosuch --model nosuch", "unknown option --where"),
        ("compare a b --model nosuch", "unknown option --model"),
        ("score log.csv --backtest nofile.json", "--backtest has no effect without --report"),
        ("score log.csv --no-model --model nosuch", "--model has no effect with --no-model"),
        ("score log.csv --no-model --use-model m.json", "--use-model has no effect with --no-model"),
        ("score log.csv --remote sc://h:1", "--remote has no effect without --engine spark"),
        ("score log.csv --changed-only", "--changed-only has no effect without --previous"),
        ("fit log.csv --strict", "unknown option --strict"),
        ("fit log.csv --alert 0.9", "unknown option --alert"),
        ("crosssell log.csv --min-support 0.1", "--min-support has no effect without --together"),
        ("crosssell log.csv --together --top 0.1", "--top has no effect with --together"),
        ("economics log.csv --signup day", "--signup has no effect without --customers"),
    ],
)
def test_an_option_without_effect_is_refused(clv: Clv, tmp_path: Path, args: str, words: str) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    done = clv(*args.split())
    assert done.code == 2
    assert words in done.err
    assert list(tmp_path.iterdir()) == [tmp_path / "log.csv"]


def test_one_file_serves_all_commands(clv: Clv, tmp_path: Path) -> None:
    """What a command does not use is refused when it is typed only: clv.yaml and CLV_* are for every command."""
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "clv.yaml").write_text("model: mbg-nbd\nbacktest: none.json\nstrict: false\nevery: 1m\n")
    assert clv("check", "log.csv", CLV_ALERT="0.9").code == 0
    assert clv("score", "log.csv", "--no-model", CLV_ALERT="0.9").code == 0
