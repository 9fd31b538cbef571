"""`clv explain SCORED ID`: a customer from the scored table alone; the log adds the history."""

import json
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from conftest import Clv, cdnow_rows

RULES = """\
stages:
  - stage: one
    when: purchases = 1
    actions: [{action: write, channel: email, every: 30d}]
  - stage: more
    when: purchases > 1
    actions:
      - {action: call, channel: phone, every: 30d}
      - {action: write, channel: email, every: 60d}
      - {action: greet, channel: email, when: vip, after: {last_purchase: 14d}}
attributes: {vip: {type: boolean, default: false}}
fields: {often: purchases > 5}
control_group: {share: 0.2, salt: s}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CDNOW scored with people, rules and a control group."""
    from conftest import run_apart

    folder = tmp_path_factory.mktemp("explain")
    (folder / "log.csv").write_text("customer_id,date,sum\n" + "".join(",".join(r) + "\n" for r in cdnow_rows()))
    people = "".join(
        f"{i},{'' if i % 3 else f'a{i}@x.org'},{'true' if i % 2 else 'false'},7{i}\n" for i in range(1, 2358)
    )
    (folder / "people.csv").write_text("customer_id,email,vip,phone\n" + people)
    (folder / "rules.yaml").write_text(RULES)
    args = ["score", "log.csv", "--amount", "sum", "--customers", "people.csv", "--rules", "rules.yaml", "-o", "s.csv"]
    done = run_apart(args, b"", folder, {"PATH": "/usr/bin:/bin"}, 120)
    assert done.code == 0, done.err
    (folder / "rules.yaml").unlink()  # the manifest tells them
    return folder


def row_of(shop: Path, **wanted: str) -> dict[str, str]:
    table = pl.read_csv(shop / "s.csv", infer_schema=False)
    for name, value in wanted.items():
        table = table.filter(pl.col(name).fill_null("") == value)
    return dict(table.to_dicts()[0])


def test_from_the_table_alone(shop: Path, clv: Clv) -> None:
    row = row_of(shop, stage="more", in_control="false", email="", vip="true")
    done = clv("explain", "s.csv", row["customer_id"], "--json", cwd=shop)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["stage"]["stage"], found["purchases"], found["moves"]) == ("more", [], [])
    assert [(a["action"], a["state"]) for a in found["actions"]] == [
        ("call", "in force"), ("write", "no address for it"), ("greet", "no address for it"),
    ]  # fmt: skip
    assert found["actions"][2]["how"] == "once, 14d after last purchase"
    assert found["attributes"]["vip"] is True
    assert [(c["stage"], c["outcome"]) for c in found["checks"]] == [("one", "missed"), ("more", "matched")]
    assert found["values"]["clv"] == pytest.approx(float(row["clv"]))
    named = json.loads(clv("top", "s.csv", "-n", "3000", "-f", "json", cwd=shop).out)["top"]
    ids = [one["customer_id"] for one in named]
    assert (found["place"], found["of"]) == (ids.index(row["customer_id"]) + 1, len(ids))
    assert found["why"] == named[found["place"] - 1]["why"]


def test_the_control_group_and_conditions_are_told(shop: Path, clv: Clv) -> None:
    control = row_of(shop, stage="more", in_control="true")
    told = json.loads(clv("explain", "s.csv", control["customer_id"], "--json", cwd=shop).out)
    assert {a["state"] for a in told["actions"]} == {"in the control group"}
    assert told["place"] is None
    plain = row_of(shop, stage="more", in_control="false", vip="false")
    told = json.loads(clv("explain", "s.csv", plain["customer_id"], "--json", cwd=shop).out)
    assert told["actions"][2]["state"] == "only when vip"


def test_the_log_adds_the_history_and_pictures_are_whole(shop: Path, clv: Clv) -> None:
    """The options of the run are those of its manifest: nobody types --amount again."""
    row = row_of(shop, stage="more", in_control="false")
    alone = clv("explain", "s.csv", row["customer_id"], cwd=shop)
    assert f"{row['first_purchase_date']} to {row['last_purchase_date']}" in alone.page
    done = clv(
        "explain", "s.csv", "log.csv", row["customer_id"], "--json", "--html", "c.html", "--svg", "c.svg", cwd=shop
    )
    assert done.code == 0, done.err
    bought = json.loads(done.out)["purchases"]
    assert len(bought) == int(row["purchases"])
    assert sum(p["amount"] for p in bought) == pytest.approx(float(row["total_spend"]))
    assert ElementTree.parse(shop / "c.svg").getroot().tag.endswith("svg")
    page = (shop / "c.html").read_text()
    assert "http" not in page.replace("http://www.w3.org", "")
    assert row["customer_id"] in page


def test_another_table_or_id_is_refused(shop: Path, clv: Clv) -> None:
    done = clv("explain", "s.csv", "x1", cwd=shop)
    assert (done.code, "no customer 'x1' in s.csv" in done.err) == (3, True)
    (shop / "bare.csv").write_bytes((shop / "s.csv").read_bytes())
    done = clv("explain", "bare.csv", "1", cwd=shop)
    assert (done.code, "bare.csv.run.json" in done.err) == (3, True)
