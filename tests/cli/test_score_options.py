"""Every option of `clv score` has an effect that can be seen; a new option without a case here fails."""

import gzip
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import GOOD, KEPT, Clv, Result, run_here

from clvcli.core.fields import FIELDS
from clvcli.core.options import ScoreOptions
from clvcli.core.settings import declared


@dataclass(frozen=True)
class Seen:
    """What a run left, beside the run without the option."""

    done: Result
    table: pl.DataFrame
    manifest: dict[str, Any]
    plain: pl.DataFrame
    folder: Path

    @property
    def rows(self) -> dict[str, Any]:
        return dict(self.manifest["rows"])

    @property
    def codes(self) -> set[str]:
        return {w["code"] for w in self.manifest["warnings"]}


LOG = GOOD.replace("amount\n", "amount,order,line,money,channel\n").replace(".50\n", ".50,o1,l1,EUR,web\n")


def numbered(text: str) -> str:
    """Every order on its own; every third by another channel."""
    head, *lines = text.splitlines()
    return (
        "\n".join(
            [
                head,
                *(
                    line.replace("o1", f"o{i}").replace("web", "web" if i % 3 else "shop")
                    for i, line in enumerate(lines)
                ),
            ]
        )
        + "\n"
    )


PEOPLE = (
    "customer_id,email,channel2,margin,side\n"
    + "".join(f"c{i},c{i}@x.example,web,0.5,{'ab'[i % 2]}\n" for i in range(40))
    + "new,n@x.example,web,0.1,a\n"
)

Case = tuple[list[str], Callable[[Seen], bool]]
CASES: dict[str, Case] = {
    "data": ([], lambda s: s.table.height == 40),
    "customer": (["--customer", "upper(customer)"], lambda s: s.table["customer_id"][0] == "C0"),
    "date": (["--date", "date"], lambda s: s.table.equals(s.plain)),
    "amount": (["--amount", "amount * 2"], lambda s: abs(total(s, "total_spend") - 2 * total_plain(s, "total_spend")) < 1e-6),
    "order_id": (["--order-id", "order"], lambda s: s.manifest["columns"]["order_id"] == "order"),
    "line_id": (["--order-id", "order", "--line-id", "line"], lambda s: s.rows["duplicates"] == 1),
    "currency": (["--currency", "money"], lambda s: s.manifest["columns"]["currency"] == "money"),
    "date_format": (["--date-format", "%Y-%m-%d"], lambda s: s.table.equals(s.plain)),
    "tz": (["--tz", "Asia/Tokyo"], lambda s: s.manifest["arguments"]["tz"]["value"] == "Asia/Tokyo"),
    "calendar": (["--calendar", "japanese"], lambda s: s.table.equals(s.plain)),
    "decimals": (["--decimals", "0"], lambda s: "rounded_amounts" in s.codes),
    "decimal_mark": (["--decimal-mark", "."], lambda s: s.table.equals(s.plain)),
    "encoding": (["--encoding", "latin-1"], lambda s: s.table.height == 40),
    "header": (["--header"], lambda s: s.table.equals(s.plain)),
    "separator": (["--separator", "comma"], lambda s: s.table.equals(s.plain)),
    "quote": (["--quote", "none"], lambda s: s.manifest["inputs"][0]["quote"] is None),
    "escape": (["--escape", "backslash"], lambda s: s.manifest["inputs"][0]["escape"] == "\\"),
    "skip_lines": (["--skip-lines", "0"], lambda s: s.table.equals(s.plain)),
    "timeout": (["--timeout", "5"], lambda s: s.table.equals(s.plain)),
    "where": (["--where", "channel = 'web'"], lambda s: s.rows["excluded"]["where"] > 100),
    "as_of": (["--as-of", "2024-06-30"], lambda s: s.manifest["as_of"] == "2024-06-30" and s.rows["excluded"]["after_as_of"] > 0),
    "returns": (["--returns", "keep"], lambda s: "return" not in s.rows["excluded"]),
    "duplicates": (["--duplicates", "drop"], lambda s: s.rows["duplicates"] == 1),
    "max_rejects": (["--max-rejects", "50%"], lambda s: s.done.code == 0),
    "max_age": (["--max-age", "7d"], lambda s: any("stale" in c or "age" in c for c in s.codes)),
    "acquired_from": (["--acquired-from", "2024-02-01"], lambda s: s.table.height == 40 and params(s) != plain_params(s)),
    "model": (["--model", "mbg-nbd"], lambda s: s.manifest["models"]["purchase"]["name"] == "mbg-nbd"),
    "spend_basis": (["--spend-basis", "repeat"], lambda s: s.manifest["models"]["spend"]["basis"] == "repeat"),
    "horizon": (["--horizon", "1m"], lambda s: total(s, "expected_purchases") < total_plain(s, "expected_purchases")),
    "time_unit": (["--time-unit", "day"], lambda s: abs(s.table["T"].max() / s.plain["T"].max() - 7) < 1e-6),  # type: ignore[operator]
    "margin": (["--margin", "0.5"], lambda s: abs(total(s, "clv") / total_plain(s, "clv") - 0.5) < 1e-6),
    "discount_rate": (["--discount-rate", "0.5"], lambda s: total(s, "clv") < total_plain(s, "clv")),
    "alert": (["--model", "mbg-nbd", "--alert", "0.9"], lambda s: s.manifest["arguments"]["alert"]["value"] == 0.9),
    "by": (["--by", "channel"], lambda s: set(s.table["model_group"]) == {"pooled"}),
    "covariates": (["--customers", "people.csv", "--covariates", "side"], lambda s: len(s.manifest["models"]["covariates"]["coefficients"]) > 0 and {"side=a", "side=b"} <= set(s.table["model_group"])),
    "output": ([], lambda s: (s.folder / "out.parquet").exists()),
    "format": (["-f", "ndjson", "-o", "t.x"], lambda s: pl.read_ndjson(s.folder / "t.x").height == 40),
    "rules": (["--rules", "predictive"], lambda s: set(s.table["stage"]) != set(s.plain["stage"])),
    "customers": (["--customers", "people.csv"], lambda s: s.manifest["leads"] == 1 and "channel2" in s.table.columns),
    "previous": (["--previous", "plain.parquet"], lambda s: s.table["stage_changed"].sum() == 0),
    "changed_only": (["--previous", "plain.parquet", "--changed-only"], lambda s: s.table.is_empty()),
    "counts": (["--counts", "2"], lambda s: "p_count_more" in s.table.columns),
    "report": (["--report", "r.html"], lambda s: (s.folder / "r.html").read_bytes().startswith(b"<!DOCTYPE html>")),
    "json": (["--json"], lambda s: bool(json.loads(s.done.out) == s.manifest)),
    "manifest": (["--manifest", "m.json"], lambda s: (s.folder / "m.json").exists()),
    "rejects": (["--rejects", "r.csv"], lambda s: (s.folder / "r.csv").exists()),
    "excel": (["--excel", "-o", "x.csv"], lambda s: (s.folder / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")),
    "dry_run": (["--dry-run"], lambda s: not (s.folder / "out.parquet").exists()),
    "use_model": (["--use-model", "model.json"], lambda s: s.manifest["models"]["purchase"]["params"]["r"] == 0.5),
    "require_model": (["--require-model"], lambda s: s.done.code == 0),
    "no_model": (["--no-model"], lambda s: s.table["clv"].null_count() == 40 and s.manifest["models"]["purchase"] is None),
    "engine": (["--engine", "polars"], lambda s: s.table.equals(s.plain)),
    "wait": (["--wait", "1"], lambda s: s.done.code == 0),
    "config": (["--config", "c.yaml"], lambda s: s.manifest["horizon"] == "2m" and s.manifest["arguments"]["horizon"]["source"] == "c.yaml"),
    "log_file": (["--log-file", "l.jsonl"], lambda s: all(json.loads(x)["event"] for x in (s.folder / "l.jsonl").open())),
    "quiet": (["-q"], lambda s: s.done.err == ""),
    "verbose": (["-vv"], lambda s: "fitting" in s.done.err and "File: log.csv: CSV, utf-8, LF, separated by comma" in s.done.err),
    "progress": (["--no-progress"], lambda s: s.done.code == 0),
    "color": (["--color", "always"], lambda s: "\x1b[" in s.done.err),
}  # fmt: skip


def total(seen: Seen, column: str) -> float:
    return float(seen.table[column].sum())


def total_plain(seen: Seen, column: str) -> float:
    return float(seen.plain[column].sum())


def params(seen: Seen) -> dict[str, float]:
    return dict(seen.manifest["models"]["purchase"]["params"])


def plain_params(seen: Seen) -> dict[str, float]:
    return dict(json.loads((seen.folder / "plain.parquet.run.json").read_text())["models"]["purchase"]["params"])


ELSEWHERE = {
    "redact": "tests/cli/test_privacy.py",
    "hash_ids": "tests/cli/test_privacy.py",
    "summary": "tests/inputs/test_customer_summaries.py",
    "sheet": "tests/inputs: needs a workbook",
    "query": "tests/inputs: needs a database",
    "table": "tests/inputs: needs a database",
    "if_exists": "tests/inputs: needs a database",
    "strict": "test_strict_ends_a_run_with_warnings",
    "seasonality": "tests/backtest: needs two full years",
    "backtest": "tests/report: needs the output of `clv backtest`",
    "remote": "tests/engines: needs a cluster",
    "source": "tests/log: needs the export of a known shop",
    "title": "tests/report: it is on the page",
    "logo": "tests/report: it is on the page",
    "lang": "tests/report: it is on the page",
    "show_currency": "tests/report: it is on the page",
}


def test_every_option_has_a_case() -> None:
    assert set(CASES) | set(ELSEWHERE) == set(declared(ScoreOptions))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the inputs of all cases and the run without any option."""
    folder = tmp_path_factory.mktemp("plain")
    log = numbered(LOG)
    first = log.splitlines()[1]
    (folder / "log.csv").write_text(log + first + "\n" + "c1,2024-12-30,-3.33,r1,l1,EUR,web\n")
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "c.yaml").write_text("horizon: 2m\n")
    model = {"name": "bg-nbd", "time_unit": "week", "params": {"r": 0.5, "alpha": 5, "a": 1, "b": 2}}
    (folder / "model.json").write_text(json.dumps(model))
    environment = {k: v for k, v in os.environ.items() if k in KEPT}
    done = run_here(["score", "log.csv", "-o", "plain.parquet", "-q"], b"", folder, environment)
    assert done.code == 0, done.err
    return folder


@pytest.mark.parametrize("option", CASES)
def test_option(clv: Clv, plain: Path, tmp_path: Path, option: str) -> None:
    shutil.copytree(plain, tmp_path, dirs_exist_ok=True)
    args, good = CASES[option]
    done = clv("score", "log.csv", *([] if "-o" in args else ["-o", "out.parquet"]), *args)
    assert done.code == 0, done.err
    at = next((tmp_path / n for n in ("out.parquet", "t.x", "x.csv") if (tmp_path / n).exists()), None)
    table = pl.read_parquet(at) if at and at.suffix == ".parquet" else pl.DataFrame()
    manifest = tmp_path / "m.json" if option == "manifest" else tmp_path / f"{at.name if at else 'none'}.run.json"
    content = json.loads(manifest.read_text()) if manifest.exists() else {}
    assert good(Seen(done, table, content, pl.read_parquet(tmp_path / "plain.parquet"), tmp_path))


def test_strict_ends_a_run_with_warnings(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD + GOOD.splitlines()[1] + "\n")
    done = clv("score", "log.csv", "--strict", "-q")
    assert done.code == 3
    assert "identical_lines" in done.err
    assert not (tmp_path / "log.scored.csv").exists()


def test_the_saved_models_basis_wins_and_a_typed_one_that_differs_is_status_2(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("fit", "log.csv", "-o", "m.json", "--spend-basis", "repeat", "-q").code == 0
    assert clv("score", "log.csv", "--use-model", "m.json", "-o", "t.csv", "-q").code == 0
    manifest = json.loads((tmp_path / "t.csv.run.json").read_text())
    assert manifest["models"]["spend"]["basis"] == "repeat"
    done = clv("score", "log.csv", "--use-model", "m.json", "--spend-basis", "all")
    assert done.code == 2
    assert "repeat" in done.err


def test_single_amounts_tell_the_same_whatever_the_order_the_threads_and_the_format(clv: Clv, tmp_path: Path) -> None:
    """Equal digits of every parameter and of every row: the logs of amounts are summed exactly."""
    assert clv("simulate", "--customers", "400", "--dirt", "0", "-o", "log.csv", "-q").code == 0
    lines = pl.read_csv(tmp_path / "log.csv", infer_schema=False)
    lines.reverse().write_csv(tmp_path / "turned.csv")
    lines.sample(fraction=1.0, shuffle=True, seed=5).write_parquet(tmp_path / "other.parquet")
    found = []
    for name, threads in (("log.csv", "1"), ("turned.csv", "2"), ("other.parquet", "3")):
        done = clv("score", name, "--spend-basis", "amounts", "-o", "t.csv", "-q", POLARS_MAX_THREADS=threads)
        assert done.code == 0, done.err
        manifest = json.loads((tmp_path / "t.csv.run.json").read_text())
        found.append((manifest["models"]["spend"], (tmp_path / "t.csv").read_bytes()))
    assert found[0][0]["basis"] == "amounts"
    assert found[1] == found[0]
    assert found[2] == found[0]
    assert clv("score", "log.csv", "--spend-basis", "all", "-o", "t.csv", "-q").code == 0
    by_means = json.loads((tmp_path / "t.csv.run.json").read_text())["models"]["spend"]
    assert by_means["params"] != found[0][0]["params"]
    assert clv("fit", "log.csv", "--spend-basis", "amounts", "-o", "m.json", "-q").code == 0
    assert clv("score", "log.csv", "--use-model", "m.json", "-o", "t.csv", "-q").code == 0
    assert (tmp_path / "t.csv").read_bytes() == found[0][1]


def test_a_lump_of_cents_is_said_at_the_front_door(clv: Clv, tmp_path: Path) -> None:
    """Every second amount is a cent: single amounts give way to means, in a warning and in the manifest."""
    assert clv("simulate", "--customers", "300", "--dirt", "0", "-o", "log.csv", "-q").code == 0
    lines = pl.read_csv(tmp_path / "log.csv").with_row_index()
    cent = pl.when(pl.col("index") % 2 == 0).then(0.01).otherwise("amount").alias("amount")
    lines.with_columns(cent).drop("index").write_csv(tmp_path / "log.csv")
    params = []
    for basis in ("amounts", "all"):
        assert clv("score", "log.csv", "--spend-basis", basis, "-o", f"{basis}.csv", "-q").code == 0
        manifest = json.loads((tmp_path / f"{basis}.csv.run.json").read_text())
        params.append(manifest["models"]["spend"]["params"])
        assert ("spend_by_means" in {w["code"] for w in manifest["warnings"]}) == (basis == "amounts")
    assert params[0] == params[1]


def test_a_saved_model_scores_the_log_that_it_was_fitted_on_the_same(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "-o", "a.csv", "-q").code == 0
    for unit in ("week", "day"):
        assert clv("fit", "log.csv", "-o", "m.json", "--time-unit", unit, "-q").code == 0
        assert clv("score", "log.csv", "--use-model", "m.json", "-o", "b.csv", "-q").code == 0
        a, b = pl.read_csv(tmp_path / "a.csv"), pl.read_csv(tmp_path / "b.csv")
        assert a["stage"].equals(b["stage"])
        assert unit == "day" or a.equals(b)
        assert b["clv"].to_list() == pytest.approx(a["clv"].to_list(), rel=1e-8)


def test_the_same_log_in_every_container_gives_the_same_table(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "log.gz").write_bytes(gzip.compress(GOOD.encode()))
    frame = pl.read_csv(GOOD.encode(), infer_schema=False)
    typed = frame.with_columns(pl.col("date").str.to_date(), pl.col("amount").cast(pl.Decimal(10, 2)))
    typed.write_parquet(tmp_path / "log.parquet")
    head, *lines = GOOD.splitlines(keepends=True)
    (tmp_path / "part1.csv").write_text("".join([head, *lines[:150]]))
    (tmp_path / "part2.csv").write_text("".join([head, *lines[150:]]))
    tables = []
    for data in (["log.csv"], ["log.gz"], ["log.parquet"], ["part1.csv", "part2.csv"], ["part*.csv"]):
        assert clv("score", *data, "-o", "t.csv", "-q").code == 0
        tables.append((tmp_path / "t.csv").read_bytes())
    assert len(set(tables)) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"name": "bg-nbd", "params": {"r": 0.2, "alpha": 4, "a": 1, "b": 2}}, "time_unit"),
        ({"name": "bg-nbd", "time_unit": "week", "params": {"r": "x", "alpha": 4, "a": 1, "b": 2}}, "params.r"),
        ({"name": "bg-nbd", "time_unit": "week", "params": {"r": 0.2, "alpha": 4, "a": 1}}, "lack b"),
        ({"name": "bg-nbd", "time_unit": "week", "params": {"r": -1, "alpha": 4, "a": 1, "b": 2}}, "positive"),
        ({"name": "nbd", "time_unit": "week", "params": {}}, "bg-nbd"),
        ({"schema": 99}, "schema 99"),
        ([1], "no model"),
    ],
)
def test_a_broken_model_file_is_one_line_that_names_the_key(
    clv: Clv, tmp_path: Path, content: object, words: str
) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "m.json").write_text(json.dumps(content))
    done = clv("score", "log.csv", "--use-model", "m.json")
    assert done.code == 3
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_model_file_names_its_model(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("fit", "log.csv", "-o", "m.json", "-q").code == 0
    assert clv("score", "log.csv", "--use-model", "m.json", "--model", "mbg-nbd").code == 2


def test_a_variable_that_no_option_reads_is_status_2(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    done = clv("score", "log.csv", CLV_HORIZN="3m")
    assert done.code == 2
    assert "CLV_HORIZON" in done.err


def test_counts_stand_after_the_contracts_columns_and_leads_have_no_model_group(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(numbered(LOG))
    (tmp_path / "people.csv").write_text(PEOPLE.replace("channel2", "channel"))
    options = ("--counts", "1", "--customers", "people.csv", "--by", "channel", "-o", "t.parquet", "-q")
    assert clv("score", "log.csv", *options).code == 0
    table = pl.read_parquet(tmp_path / "t.parquet")
    always = [f.name for f in FIELDS if f.when == "always"]
    assert table.columns[: len(always) + 3] == [*always, "p_count_0", "p_count_1", "p_count_more"]
    assert table.columns[-1] == "model_group"
    lead = table.filter(pl.col("purchases") == 0)
    assert lead["model_group"].to_list() == [None]
    assert table["model_group"].null_count() == 1
