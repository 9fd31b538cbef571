"""On real logs with consent columns and a control group: page, plan, top and workbook name the same ten people, and
nobody is contacted without consent, without an address, or from the control group."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, Clv, run_here

SAMPLE = ROOT / "sample_data"
RETAIL = ["--amount", "Quantity * UnitPrice", "--order-id", "InvoiceNo"]
Folder = Callable[[str], Path]


def people(ids: pl.Series, path: Path, more: pl.DataFrame | None = None) -> None:
    """Every customer, with columns that forbid channels to some, and addresses that some lack."""
    n = pl.int_range(pl.len())
    frame = more if more is not None else pl.DataFrame({"customer_id": ids.unique().sort()})
    email = pl.col("email") if "email" in frame.columns else pl.format("c{}@x.org", n)
    frame.with_columns(
        email=pl.when(n % 3 > 0).then(email),
        phone=pl.when(n % 4 > 0).then(pl.format("07{}", n)),
        no_calls=pl.when(n % 5 == 0).then(pl.lit("yes")),
        can_email=pl.when(n % 7 > 0).then(pl.lit("yes")).otherwise(pl.lit("no")),
        contactable=pl.when(n % 11 > 0).then(pl.lit("yes")).otherwise(pl.lit("no")),
    ).write_csv(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Folder:
    """Of each log a folder, scored once, planned once."""
    made: dict[str, Path] = {}

    def of(log: str) -> Path:
        if log not in made:
            made[log] = tmp_path_factory.mktemp("ten")
            _fill(made[log], *_source(log, request, made[log]))
        return made[log]

    return of


def _source(log: str, request: pytest.FixtureRequest, folder: Path) -> tuple[Path, list[str]]:
    if log == "sample":
        known = pl.read_csv(SAMPLE / "customers.csv", infer_schema=False)
        people(known["customer_id"], folder / "people.csv", known)
        return SAMPLE / "transactions.csv", []
    path: Path = request.getfixturevalue("cdnow_csv" if log == "CDNOW" else "online_retail")
    column, more = ("customer_id", []) if log == "CDNOW" else ("CustomerID", RETAIL)
    people(pl.read_csv(path, infer_schema=False)[column].drop_nulls(), folder / "people.csv")
    return path, more


def _fill(folder: Path, source: Path, more: list[str]) -> None:
    rules = (ROOT / "configs" / "rfm-lifecycle.yaml").read_text()
    (folder / "rules.yaml").write_text(rules + "\ncontrol_group: {share: 0.2, salt: s}\n")
    common = [str(source), *more, "--customers", "people.csv", "--rules", "rules.yaml", "-q"]
    for words in (["score", *common, "-o", "s.xlsx", "--report", "page.html"], ["score", *common, "-o", "s.csv"],
                  ["plan", "s.csv", "-o", "plan.csv", "--days", "90d", "-q"]):  # fmt: skip
        done = run_here(words, b"", folder, dict(os.environ))
        assert done.code == 0, done.err


LOGS = ["sample", "CDNOW", pytest.param("Online Retail", marks=(pytest.mark.slow, pytest.mark.shared))]


@pytest.mark.parametrize("log", LOGS)
def test_page_plan_top_and_workbook_name_the_same_ten(log: str, folder: Folder, clv: Clv) -> None:
    """With the shipped rules, in which an action may wait for the next purchase: the plan names who waits too."""
    place = folder(log)
    ids = [row["customer_id"] for row in json.loads(clv("top", "s.csv", "-f", "json", cwd=place).out)["top"]]
    assert len(set(ids)) == 10
    assert [row["customer_id"] for row in json.loads((place / "plan.csv.run.json").read_text())["first"]] == ids
    pytest.importorskip("fastexcel")
    book = pl.read_excel(place / "s.xlsx", sheet_name="to call")
    assert book["Customer"].cast(pl.String).to_list() == ids
    page = (place / "page.html").read_text()
    places = [page.index(f">{name}<") if f">{name}<" in page else page.index(name) for name in ids]
    assert places == sorted(places)


@pytest.mark.parametrize("log", LOGS)
def test_no_contact_without_consent_an_address_or_from_the_control_group(log: str, folder: Folder, clv: Clv) -> None:
    place = folder(log)
    scored = pl.read_csv(place / "s.csv", infer_schema=False)
    plan = pl.read_csv(place / "plan.csv", infer_schema=False).select("customer_id", "channel")
    named = json.loads(clv("top", "s.csv", "-n", "1000", "-f", "json", cwd=place).out)["top"]
    top = pl.DataFrame([{"customer_id": row["customer_id"], "channel": row["channel"]} for row in named])
    for contacts in (plan, top):
        rows = contacts.join(scored, on="customer_id")
        assert rows.height == contacts.height > 200
        assert set(rows["in_control"]) == {"false"}
        assert set(rows["contactable"]) == {"true"}
        assert "left-natural" not in set(rows["stage"])
        mails, calls = (rows.filter(pl.col("channel") == name) for name in ("email", "phone"))
        assert mails.height > 0
        assert mails["email"].null_count() == 0
        assert set(mails["can_email"]) == {"yes"}
        assert calls["phone"].null_count() == 0
        assert calls["no_calls"].drop_nulls().is_empty()
        served = rows.filter(pl.col("channel") == "personal")
        reached = pl.col("phone").is_not_null() & pl.col("no_calls").is_null()
        written = pl.col("email").is_not_null() & (pl.col("can_email") == "yes")
        assert served.filter(~(reached | written)).is_empty()
