"""First-level bad input through the front door: one clear line, the right exit code, no partial output."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Clv


def files(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def one_line(err: str) -> str:
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("clv: ")
    return lines[0]


@pytest.mark.parametrize(
    ("name", "content", "args", "code", "words"),
    [
        ("none.csv", None, [], 3, "none.csv"),
        ("empty.csv", "", [], 3, "empty"),
        ("header.csv", "customer,date,amount\n", [], 3, "no record"),
        ("nodate.csv", "id,day_of,amt\n1,2,3\n", ["--customer", "id", "--amount", "amt"], 3, "date"),
        ("dup.csv", "customer,date,amount,amount\na,2024-01-01,1,2\n", [], 3, "amount"),
        ("good.csv", GOOD, ["--amount", "amuont"], 3, "did you mean amount"),
        ("good.csv", GOOD, ["--where", "amount + 1"], 2, ""),
        ("good.csv", GOOD, ["--where", "amount > (SELECT 1)"], 2, "subquery"),
        ("good.csv", GOOD, ["--where", "date > CURRENT_DATE"], 2, "clock"),
        ("good.csv", GOOD, ["--where", "SUM(amount) > 3"], 2, "aggregate"),
        ("good.csv", GOOD, ["--where", " OR ".join(["amount = 1"] * 5_000)], 2, "characters"),
        ("good.csv", GOOD, ["--as-of", "2020-01-01"], 3, "2020-01-01"),
        ("named.csv", GOOD.replace("customer", "^note$,customer", 1).replace("\nc", "\nx,c"), [], 3, "^note$"),
        ("good.csv", GOOD, ["--horizon", "inf"], 2, "discount"),
        ("good.csv", GOOD, ["-o", "good.csv"], 2, "good.csv"),
        ("good.csv", GOOD, ["-o", "nowhere/out.csv"], 6, "nowhere"),
        ("good.csv", GOOD, ["-o", "."], 6, "."),
        ("good.csv", GOOD, ["-o", "-", "--json"], 2, "stdout"),
        ("good.csv", GOOD, ["-o", "x.csv", "--manifest", "x.csv"], 2, "x.csv"),
        ("good.csv", GOOD, ["--rules", "no-such-preset"], 4, "no-such-preset"),
        ("good.csv", GOOD, ["--use-model", "none.json"], 3, "none.json"),
        ("good.csv", GOOD, ["--model", "bgnbd"], 2, "bg-nbd"),
        ("good.csv", GOOD, ["--margin", "-1"], 2, "margin"),
        ("good.csv", GOOD, ["--margin", "profit"], 2, "--customers"),
        ("good.csv", GOOD, ["--customers", "none.csv"], 3, "none.csv"),
        ("good.csv", GOOD, ["--config", "none.yaml"], 4, "none.yaml"),
        ("good.csv", GOOD, ["--changed-only"], 2, "--previous"),
        ("good.csv", GOOD, ["--engine", "spark"], 2, "pip install"),
        ("good.csv", GOOD, ["--remote", "sc://localhost:15002"], 2, "--engine spark"),
    ],
)  # fmt: skip
def test_one_line_the_right_code_and_nothing_written(
    clv: Clv, tmp_path: Path, name: str, content: str | None, args: list[str], code: int, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    before = files(tmp_path)
    done = clv("score", name, *args)
    assert words in one_line(done.err)
    assert (done.code, done.out) == (code, b""), done.err
    assert files(tmp_path) == before


def test_a_hostile_environment_variable_is_status_2(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    assert "CLV_HORIZON" in one_line(clv("score", "good.csv", CLV_HORIZON="soon").err)
    assert clv("score", "good.csv", CLV_HORIZON="soon").code == 2
    assert clv("score", "good.csv", CLV_TODAY="yesterday").code == 2


RULES = "name: mine\nphases: [one]\nstages:\n  - {stage: a, phase: one, when: %s}\notherwise: {stage: b, phase: one}\n"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("purchaes >= 2", "purchases"),
        ("purchases + 1", "true or false"),
        ("purchases > (SELECT 1)", "subquery"),
        ("clv > AVG(clv)", "aggregate"),
        ("last_purchase_date > CURRENT_DATE", "clock"),
    ],
)
def test_a_bad_condition_in_the_rules_is_status_4(clv: Clv, tmp_path: Path, when: str, words: str) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "mine.yaml").write_text(RULES % when)
    done = clv("score", "good.csv", "--rules", "mine.yaml")
    assert done.code == 4
    assert words in one_line(done.err).lower()
    assert "mine.yaml" in done.err


def test_broken_yaml_names_its_line(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "mine.yaml").write_text("name: mine\nstages: [\n  - oops: {\n")
    done = clv("score", "good.csv", "--rules", "mine.yaml")
    assert done.code == 4
    assert "mine.yaml:3" in one_line(done.err) or "mine.yaml:4" in done.err


def bad_dates(count: int) -> str:
    return GOOD + "".join(f"x{i},not a date,1\n" for i in range(count))


def test_a_few_bad_records_are_listed_and_the_rest_is_scored(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(bad_dates(3))
    done = clv("score", "log.csv", "-o", "out.csv", "-q")
    assert (done.code, done.err) == (0, "")
    rejects = pl.read_csv(tmp_path / "out.csv.rejects.csv")
    assert rejects.columns == ["file", "line", "column", "value", "reason"]
    assert rejects["line"].to_list() == [402, 403, 404]
    assert rejects["value"].to_list() == ["not a date"] * 3


def test_too_many_bad_records_leave_their_list_alone(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(bad_dates(40))
    done = clv("score", "log.csv", "-o", "out.csv")
    assert done.code == 3
    assert "--max-rejects" in done.err
    assert files(tmp_path) == {"log.csv", "out.csv.rejects.csv"}
    assert pl.read_csv(tmp_path / "out.csv.rejects.csv").height == 40
    assert clv("score", "log.csv", "-o", "out.csv", "--max-rejects", "10%", "-q").code == 0


def once(n: int) -> str:
    return "customer,date,amount\n" + "".join(f"c{i},2024-01-{1 + i % 28:02},{5 + i}\n" for i in range(n))


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(lambda: once(50), id="all one-time buyers"),
        pytest.param(lambda: "customer,date,amount\na,2024-01-01,3\na,2024-02-01,4\n", id="one customer"),
        pytest.param(
            lambda: "customer,date,amount\n" + "".join(f"c{i},2024-01-01,5\n" for i in range(30)), id="one day"
        ),
    ],
)
def test_what_no_model_can_learn_from_still_gets_its_model_free_stages(
    clv: Clv, tmp_path: Path, log: Callable[[], str]
) -> None:
    (tmp_path / "log.csv").write_text(log())
    done = clv("score", "log.csv", "-o", "out.parquet", "--json")
    assert done.code == 0, done.err
    table = pl.read_parquet(tmp_path / "out.parquet")
    assert b'"insufficient_data"' in done.out
    assert table["stage"].null_count() == 0
    assert table["r_score"].null_count() + table["f_score"].null_count() + table["m_score"].null_count() == 0
    for column in ("p_alive", "expected_purchases", "clv", "clv_low", "clv_pct", "alert_date"):
        assert table[column].null_count() == table.height
    assert clv("score", "log.csv", "-o", "out.parquet", "--require-model").code == 5
    assert clv("fit", "log.csv").code == 5


@pytest.mark.parametrize(
    ("status", "change", "words"),
    [
        ("converged", {"r": 1e308}, "r of bg-nbd"),
        ("at_bound", {"r": 1e308, "b": 1e-308}, "r, b of bg-nbd"),
        ("at_bound", {"alpha": None}, "lack alpha"),
        ("hopeful", {}, "status is one of"),
    ],
)
def test_a_model_file_that_no_fit_writes_is_refused(
    clv: Clv, tmp_path: Path, status: str, change: dict[str, float | None], words: str
) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    params = {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4} | change
    model = {"name": "bg-nbd", "time_unit": "week", "status": status}
    model["params"] = {name: value for name, value in params.items() if value is not None}  # type: ignore[assignment]
    (tmp_path / "model.json").write_text(json.dumps(model))
    done = clv("score", "good.csv", "--use-model", "model.json", "-o", "out.csv")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert words in done.err
    assert not (tmp_path / "out.csv").exists()
