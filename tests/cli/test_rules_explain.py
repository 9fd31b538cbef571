"""`clv rules ...`, `clv explain`, and what `score` does with attributes, leads and an earlier table."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import GOOD, ROOT, Clv

LOG = ROOT / "sample_data" / "transactions.csv"
PEOPLE = ROOT / "sample_data" / "customers.csv"


def rows(text: bytes) -> dict[str, dict[str, str]]:
    return {row["customer_id"]: row for row in csv.DictReader(io.StringIO(text.decode()))}


def test_list_names_every_preset(clv: Clv) -> None:
    listed = json.loads(clv("rules", "list", "--json").out)
    assert {entry["name"] for entry in listed} == {path.stem for path in (ROOT / "configs").glob("*.yaml")}
    plain = clv("rules", "list").out.decode()
    assert all(entry["name"] in plain for entry in listed)


def test_check_names_place_and_ends_in_4(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "stages:\n  - {stage: a, when: purchases >= 1}\n  - {stage: b, when: r_score >= 3, actions: []}\n"
    )
    done = clv("rules", "check", "mine.yaml")
    assert done.code == 4
    assert done.out.decode().splitlines()[0].startswith("mine.yaml:3:5: error: stage 'b' gets nobody")
    assert "[no_action]" in done.out.decode()
    assert done.err == "clv: mine.yaml: 1 error in the rules (hint: see the list above) [clv help rules]\n"


def test_check_shows_on_data(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    done = clv("rules", "check", "rfm-lifecycle", "log.csv", "--json")
    assert done.code == 0
    found = {(f["code"], f["stage"]) for f in json.loads(done.out)["findings"]}
    assert ("empty", "guests") in found
    assert clv("rules", "check", "rfm-lifecycle", "none.csv").code == 3


def test_schema_is_for_editors(clv: Clv) -> None:
    schema = json.loads(clv("rules", "schema").out)
    assert schema["additionalProperties"] is False
    assert {"stages", "attributes", "rfm", "fields", "otherwise", "control_group", "variants"} <= set(
        schema["properties"]
    )
    assert {"stage", "when", "is", "goal", "max_cost", "actions"} <= set(schema["$defs"]["Stage"]["properties"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explain")


def explained(clv: Clv, customer: str, *more: Any) -> dict[str, Any]:
    done = clv("explain", LOG, customer, "--json", *more)
    assert done.code == 0, done.err
    return dict(json.loads(done.out))


def test_explain_agrees_with_the_table(clv: Clv) -> None:
    table = rows(clv("score", LOG, "-o", "-", "-q").out)
    found = explained(clv, "C0000002")
    row = table["C0000002"]
    assert found["stage"]["stage"] == row["stage"]
    assert found["values"]["p_alive"] == pytest.approx(float(row["p_alive"]))
    assert found["values"]["alert_date"] == row["alert_date"]
    assert len(found["purchases"]) == int(row["purchases"])
    assert sum(p["amount"] for p in found["purchases"]) == pytest.approx(float(row["total_spend"]))
    alive = {point["date"]: point["p_alive"] for point in found["p_alive"]}
    assert alive[found["as_of"]] == pytest.approx(float(row["p_alive"]), abs=1e-6)
    after = [p for day, p in alive.items() if day > row["alert_date"]]
    before = [p for day, p in alive.items() if found["as_of"] <= day < row["alert_date"]]
    assert max(after) < 0.5 <= min(before)
    assert sum(found["chances"]) == pytest.approx(1, abs=1e-5)
    assert 1 - found["chances"][0] == pytest.approx(float(row["p_purchase"]), abs=1e-5)
    outcomes = [check["outcome"] for check in found["checks"]]
    assert outcomes.count("matched") == 1
    matched = next(check for check in found["checks"] if check["outcome"] == "matched")
    assert all(part["holds"] for part in matched["parts"])


@pytest.mark.slow
def test_what_silence_brings_comes_true(clv: Clv, folder: Path) -> None:
    """Scored on those days with the saved model and cuts, the customer is where `explain` said."""
    found = explained(clv, "C0000002")
    moves = [move for move in found["moves"] if move["kind"] == "silence"]
    assert moves
    model = folder / "model.json"
    assert clv("fit", LOG, "-o", model, "-q").code == 0
    stage = found["stage"]["stage"]
    for move in moves[:2]:
        day = move["when"]
        scored = rows(clv("score", LOG, "--use-model", model, "--as-of", day, "-o", "-", "-q").out)
        assert scored["C0000002"]["stage"] == move["stage"] != stage
        stage = move["stage"]


@pytest.mark.slow
@pytest.mark.parametrize("customer", ["C0004766", "C0000054", "C0000001"])
def test_what_purchases_bring_comes_true(clv: Clv, folder: Path, customer: str) -> None:
    """With those purchases in the log, and the saved model and cuts, the customer is where `explain` said."""
    found = explained(clv, customer)
    moves = [move for move in found["moves"] if move["kind"] == "purchase"]
    assert len(moves) >= 2
    assert len({move["stage"] for move in moves}) >= 2
    model = folder / "bought.json"
    assert clv("fit", LOG, "-o", model, "-q").code == 0
    today = date.fromisoformat(found["as_of"])
    for move in moves:
        days = [today + timedelta(days=i) for i in range(move["purchases"])]
        assert days[-1].isoformat() == move["when"]
        more = folder / "more.csv"
        more.write_text(
            "customer_id,date,amount\n" + "".join(f"{customer},{day},{move['amount']:.2f}\n" for day in days)
        )
        scored = clv("score", LOG, more, "--use-model", model, "--as-of", move["when"], "-o", "-", "-q")
        assert rows(scored.out)[customer]["stage"] == move["stage"]


def test_explain_a_lead_and_a_stranger(clv: Clv) -> None:
    lead = explained(clv, "C0006300", "--customers", PEOPLE)
    assert lead["stage"]["phase"] == "attract"
    assert lead["purchases"] == []
    assert lead["p_alive"] == []
    first, *_ = lead["moves"]
    assert (first["kind"], first["purchases"], first["stage"]) == ("purchase", 1, "first-time buyers")
    done = clv("explain", LOG, "C000002")
    assert done.code == 3
    assert "did you mean" in done.err
    assert clv("explain", LOG).err == "clv: DATA is missing (hint: clv explain DATA... ID, or data: in clv.yaml)\n"
    page = clv("explain", LOG, "C0000003", "--no-model")
    assert page.code == 0
    assert "What would change the stage" in page.out.decode()
    assert "P(alive)" not in page.out.decode()


def test_explain_prints_data_as_text(clv: Clv, tmp_path: Path) -> None:
    odd = "[red]x[/]\x1b[31m"
    (tmp_path / "log.csv").write_text(GOOD + f"{odd},2024-03-01,5\n")
    done = clv("explain", "log.csv", odd)
    assert done.code == 0
    assert b"[red]x[/]" in done.out
    assert b"\x1b" not in done.out


def test_leads_and_attributes_in_the_table(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "people.csv").write_text(
        "customer_id,email,left_reason\nc1,a@example.com,moved\nlead1,b@example.com,\nlead2,,\n"
    )
    done = clv("score", "log.csv", "--customers", "people.csv", "-o", "out.csv", "--json", "-q")
    assert done.code == 0
    manifest = json.loads(done.out)
    assert manifest["leads"] == 2
    assert manifest["customers"] == 40
    table = rows((tmp_path / "out.csv").read_bytes())
    assert (table["c1"]["stage"], table["c1"]["action"]) == ("left-natural", "")
    assert (table["lead1"]["stage"], table["lead2"]["stage"]) == ("known guests", "guests")
    assert table["lead1"]["purchases"] == "0"
    assert table["lead1"]["clv"] == table["lead1"]["p_alive"] == table["lead1"]["rfm_score"] == ""
    assert table["lead1"]["email"] == "b@example.com"
    assert table["c2"]["email"] == ""


def test_attributes_with_names_of_ours_are_left_out(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "people.csv").write_text("customer_id,total,overdue,clv,city\nc1,x,y,z,Ulm\n")
    done = clv("score", "log.csv", "--customers", "people.csv", "--rules", "saas", "-o", "out.csv", "--json", "-q")
    told = [w["message"] for w in json.loads(done.out)["warnings"] if w["code"] == "hidden_attribute"]
    assert len(told) == 3
    table = rows((tmp_path / "out.csv").read_bytes())
    assert not {"total", "overdue"} & set(table["c1"])
    assert table["c1"]["city"] == "Ulm"
    assert table["c1"]["clv"] != "z"
    assert table["c2"]["contactable"] == "false"


def test_previous_and_changed_only(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "--as-of", "2024-06-01", "-o", "old.csv", "-q").code == 0
    done = clv("score", "log.csv", "--previous", "old.csv", "-o", "new.csv", "--json", "-q")
    change = json.loads(done.out)["previous"]
    table = rows((tmp_path / "new.csv").read_bytes())
    old = rows((tmp_path / "old.csv").read_bytes())
    for customer, row in table.items():
        before = old.get(customer, {}).get("stage", "")
        assert row["previous_stage"] == before
        assert row["stage_changed"] == ("false" if before == row["stage"] else "true")
    changed = [c for c, row in table.items() if row["stage_changed"] == "true"]
    assert change["new"] + change["changed"] == len(changed)
    assert change["new"] == len(set(table) - set(old))
    assert change["left"] == len(set(old) - set(table))
    assert clv("score", "log.csv", "--previous", "old.csv", "--changed-only", "-o", "few.csv", "-q").code == 0
    assert sorted(rows((tmp_path / "few.csv").read_bytes())) == sorted(changed)
    assert clv("score", "log.csv", "--previous", "log.csv", "-o", "x.csv", "-q").code == 3


def test_control_group_in_table_and_manifest(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    (tmp_path / "rules.yaml").write_text(
        "stages:\n  - {stage: a, when: purchases >= 1}\ncontrol_group: {share: 0.4, salt: s}\nvariants: [x, y]\n"
    )
    done = clv("score", "log.csv", "--rules", "rules.yaml", "-o", "out.csv", "--json", "-q")
    manifest = json.loads(done.out)
    table = rows((tmp_path / "out.csv").read_bytes())
    controlled = sum(row["in_control"] == "true" for row in table.values())
    assert 5 < controlled < 28
    assert sum(stage["in_control"] for stage in manifest["stages"]) == controlled
    assert manifest["rules"]["control_group"]["share"] == 0.4
    assert {row["variant"] for row in table.values()} == {"x", "y"}
