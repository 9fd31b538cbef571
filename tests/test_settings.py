"""Where an option's value comes from, and what is no value."""

from dataclasses import dataclass

import pytest

from clvcli.core.errors import ConfigError, UsageError
from clvcli.core.options import ScoreOptions
from clvcli.core.settings import Options, opt, resolve, unknown_variables


@dataclass(frozen=True, kw_only=True)
class Few(Options):
    horizon: str = opt("12m", "h")
    decimals: int = opt(2, "d")
    strict: bool = opt(False, "s")
    alert: float = opt(0.5, "a")
    returns: str = opt("reverse", "r", choices=("reverse", "net", "keep"))


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default() -> None:
    layers = (
        {"horizon": "1m"},
        {"CLV_HORIZON": "2m", "CLV_DECIMALS": "3"},
        {"horizon": "3m", "decimals": 4, "alert": 0.1},
    )
    got = resolve(Few, *layers)
    assert (got.horizon, got.decimals, got.alert, got.strict) == ("1m", 3, 0.1, False)
    assert got.sources["horizon"] == "flag"
    assert got.sources["decimals"] == "CLV_DECIMALS"
    assert got.sources["alert"] == "clv.yaml"
    assert got.sources["strict"] == "default"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("decimals", "two", "whole number"),
        ("alert", "nan", "finite"),
        ("strict", "perhaps", "true or false"),
        ("returns", "nett", "did you mean net"),
    ],
)
def test_a_bad_value_names_its_place(name: str, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence) as flag:
        resolve(Few, {name: text}, {})
    assert f"--{name}" in flag.value.message
    with pytest.raises(UsageError, match=f"CLV_{name.upper()}"):
        resolve(Few, {}, {f"CLV_{name.upper()}": text})
    with pytest.raises(ConfigError, match=f"my.yaml: {name}"):
        resolve(Few, {}, {}, {name: text}, "my.yaml")


@pytest.mark.parametrize(
    ("name", "text"),
    [("horizon", "3"), ("as_of", "2024-02-30"), ("max_rejects", "-1"), ("max_rejects", "101%"), ("alert", "1"),
     ("decimals", "7"), ("discount_rate", "-0.1"), ("counts", "-1"), ("max_age", "inf"), ("acquired_from", "today")],
)  # fmt: skip
def test_every_checked_option_refuses_what_it_cannot_be(name: str, text: str) -> None:
    with pytest.raises(UsageError):
        resolve(ScoreOptions, {"data": ["x"], name: text}, {})


def test_what_must_be_given_is_asked_for() -> None:
    with pytest.raises(UsageError, match="DATA"):
        resolve(ScoreOptions, {"data": ()}, {})
    assert resolve(ScoreOptions, {}, {}, {"data": ["x.csv"]}).data == ("x.csv",)


def test_a_list_in_the_environment_is_split() -> None:
    assert resolve(ScoreOptions, {}, {"CLV_DATA": "a.csv,b.csv"}).data == ("a.csv", "b.csv")


def test_a_stranger_in_the_environment_gets_a_suggestion() -> None:
    assert unknown_variables({"horizon"}, {"CLV_HORIZN": "1m", "CLV_TODAY": "x", "PATH": "y"}) == [
        ("CLV_HORIZN", "CLV_HORIZON")
    ]
