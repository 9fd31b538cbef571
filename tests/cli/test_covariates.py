"""`--covariates` from the command line: what it says, saves, refuses and tells."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from conftest import Clv

CUSTOMERS = 500
START = date(2023, 1, 2)


def _written(folder: Path) -> None:
    """Customers of a fast and a slow kind, with an age that says nothing and that some lack."""
    rng = np.random.default_rng(8)
    kinds, ages = rng.integers(0, 2, CUSTOMERS), 10 * rng.integers(2, 6, CUSTOMERS)
    log, people = ["customer_id,date,amount"], ["customer_id,kind,age,one,same,income"]
    for i in range(CUSTOMERS):
        first, life = int(rng.integers(0, 200)), float(rng.exponential(rng.gamma(1.5, 400)))
        rate = rng.gamma(1.0, 1 / 60) * (3.0 if kinds[i] else 1.0)
        days, at = [first], float(first)
        while (at := at + rng.exponential(1 / rate)) < min(first + life, 540):
            days.append(int(at))
        log += [f"c{i:03},{START + timedelta(days=day)},{rng.integers(5, 50)}" for day in days]
        age = "" if i % 50 == 0 else ages[i]
        income = 10**9 if i == 3 else 1000 + i
        people.append(f"c{i:03},{'fast' if kinds[i] else 'slow'},{age},x,{'ab'[kinds[i]]},{income}")
    people.append("lead,slow,33,x,a,1000")
    (folder / "log.csv").write_text("\n".join(log) + "\n")
    (folder / "people.csv").write_text("\n".join(people) + "\n")


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, ...]:
    """Arguments of the log with its people, in the folder of the run."""
    _written(tmp_path)
    return ("log.csv", "--customers", "people.csv", "--model", "pareto-nbd")


def _codes(path: Path) -> set[str]:
    return {w["code"] for w in json.loads(path.read_text())["warnings"]}


@pytest.mark.slow
def test_fit_shows_what_a_saved_model_knows(clv: Clv, asked: Any, tmp_path: Path) -> None:
    done = clv("fit", *asked, "--covariates", "kind,age", "-o", "m.json")
    assert done.code == 0, done.err
    for words in (b"purchase: kind=", b"dropout: age", b"more than without"):
        assert words in done.out
    assert "10 of 500 customers have no value that can be read" in " ".join(done.err.split())
    saved = json.loads((tmp_path / "m.json").read_text())["covariates"]
    levels = {c["name"]: c.get("levels") for c in saved["columns"]}
    assert sorted(levels["kind"]) == ["fast", "slow"]
    assert levels["age"] is None
    [of_kind] = [c for c in saved["coefficients"] if c["process"] == "purchase" and c["term"].startswith("kind")]
    sign = 1 if of_kind["term"] == "kind=fast" else -1
    assert sign * of_kind["value"] == pytest.approx(np.log(3), abs=4 * of_kind["std_error"])
    assert saved["gain"] > 10
    scored = clv("score", *asked, "--covariates", "kind,age", "-o", "a.csv")
    assert scored.code == 0, scored.err
    used = clv("score", *asked[:3], "--use-model", "m.json", "-o", "b.csv")
    assert used.code == 0, used.err
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    table = pl.read_csv(tmp_path / "a.csv")
    assert table.filter(pl.col("customer_id") == "lead")["model_group"].to_list() == [None]
    told = json.loads((tmp_path / "a.csv.run.json").read_text())["models"]
    assert told["groups"] == []
    assert len(told["covariates"]["coefficients"]) == 4


@pytest.mark.slow
def test_coefficients_of_nothing_are_the_plain_model(clv: Clv, asked: Any, tmp_path: Path) -> None:
    for name, more in (("m.json", ["--covariates", "kind"]), ("plain.json", [])):
        assert clv("fit", *asked, *more, "-o", name).code == 0
    model = json.loads((tmp_path / "m.json").read_text())
    model["covariates"]["params"] = model["purchase"]["params"]
    for one in model["covariates"]["coefficients"]:
        one["value"] = 0.0
    model["cuts"] = json.loads((tmp_path / "plain.json").read_text())["cuts"]
    (tmp_path / "m.json").write_text(json.dumps(model))
    extra = ("--discount-rate", "0.1", "--counts", "2")
    for name in ("m", "plain"):
        assert clv("score", *asked[:3], "--use-model", f"{name}.json", "-o", f"{name}.csv", *extra).code == 0
    moved = pl.read_csv(tmp_path / "m.csv", infer_schema=False).drop("model_group")
    assert moved.equals(pl.read_csv(tmp_path / "plain.csv", infer_schema=False))


@pytest.mark.slow
def test_what_a_saved_model_has_not_seen(clv: Clv, asked: Any, tmp_path: Path) -> None:
    assert clv("fit", *asked, "--covariates", "kind,age", "-o", "m.json").code == 0
    people = (tmp_path / "people.csv").read_text().replace("c001,fast", "c001,new").replace("c001,slow", "c001,new")
    (tmp_path / "people.csv").write_text(people)
    assert clv("score", *asked[:3], "--use-model", "m.json", "-o", "b.csv").code == 0
    assert "covariate_unseen" in _codes(tmp_path / "b.csv.run.json")
    done = clv("score", "log.csv", "--use-model", "m.json", "-o", "c.csv")
    assert done.code == 0
    assert "covariates_unused" in _codes(tmp_path / "c.csv.run.json")
    broken = json.loads((tmp_path / "m.json").read_text())
    spoils: list[dict[str, Any]] = [
        {"coefficients": []},
        {"name": "mbg-cnbd"},
        {"columns": [{"name": "age", "sd": 0.0}]},
    ]
    for spoil in spoils:
        (tmp_path / "n.json").write_text(json.dumps({**broken, "covariates": {**broken["covariates"], **spoil}}))
        done = clv("score", *asked[:3], "--use-model", "n.json", "-o", "d.csv")
        assert done.code == 3
        assert "is no model" in done.err


REFUSED = [
    (("--covariates", "one"), "the same value for all"),
    (("--covariates", "kind,same"), "the other covariates tell same="),
    (("--covariates", "customer_id"), "no such column"),
    (("--covariates", "nope"), "no such column"),
    (("--covariates", "kind", "--by", "kind"), "contradict each other"),
    (("--covariates", "kind", "--model", "mbg-cnbd"), "mbg-cnbd takes none"),
    (("--covariates", "kind", "--engine", "spark"), "--engine spark does not fit --covariates"),
    (("--covariates", "kind", "--use-model", "m.json"), "contradict each other"),
]


@pytest.mark.parametrize(("more", "words"), REFUSED)
def test_what_is_refused(clv: Clv, asked: Any, more: tuple[str, ...], words: str) -> None:
    done = clv("score", *(asked[:3] if "--model" in more or "--use-model" in more else asked), *more, "-o", "x.csv")
    assert done.code == 2, done.err
    assert words in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_too_many_levels_and_too_few_buyers(clv: Clv, asked: Any, tmp_path: Path) -> None:
    text = (tmp_path / "people.csv").read_text().replace(",1", ",n1")
    (tmp_path / "people.csv").write_text(text)
    done = clv("score", *asked, "--covariates", "income", "-o", "x.csv")
    assert done.code == 2
    assert "values that are no numbers" in " ".join(done.err.split())
    (tmp_path / "log.csv").write_text("\n".join((tmp_path / "log.csv").read_text().splitlines()[:40]) + "\n")
    assert clv("score", *asked, "--covariates", "kind", "-o", "x.csv").code == 0
    assert "covariates_unused" in _codes(tmp_path / "x.csv.run.json")


def test_numbers_far_off_count_as_four_standard_deviations(clv: Clv, asked: Any, tmp_path: Path) -> None:
    assert clv("score", *asked, "--covariates", "income", "-o", "x.csv").code == 0
    assert "covariate_far" in _codes(tmp_path / "x.csv.run.json")


def test_the_backtest_says_whether_they_pay(clv: Clv, asked: Any) -> None:
    done = clv("backtest", *asked, "--covariates", "kind", "--folds", "1", "--json")
    assert done.code == 0, done.err
    found = {v["name"]: v for v in json.loads(done.out)["variants"]}
    assert set(found) == {"bg-nbd with covariates", "pareto-nbd with covariates"}
    assert found["pareto-nbd with covariates"]["gain"] > 0
