"""Runs in which people have no names: what holds no id, what turns pseudonyms back, what stays the same."""

import csv
import json
import stat
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Clv

from clvcli.core.pseudonyms import LONG, Pseudonyms

NAMES = [f"anna{i}@shop.example" for i in range(40)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """GOOD with e-mails for ids, a broken record, a twin in another case, and what is known of people."""
    head, *lines = GOOD.splitlines()
    mails = [line.replace(line.split(",")[0], f"anna{line.split(',')[0][1:]}@shop.example", 1) for line in lines]
    odd = ["Anna1@shop.example,2024-01-05,5.00", "anna2@shop.example,someday,3.00", 'anna3@shop.example,"2024-01-05']
    (tmp_path / "log.csv").write_text("\n".join([head, *mails, *odd]) + "\n")
    people = [f"{name},Anna {i},{name},web,true" for i, name in enumerate(NAMES)]
    (tmp_path / "people.csv").write_text("\n".join(["customer_id,name,email,channel,contactable", *people]) + "\n")
    return tmp_path


RUN = ("score", "log.csv", "--customers", "people.csv", "--report", "page.html", "--max-rejects", "20%")


def test_redacted_outputs_name_nobody_and_the_key_turns_them_back(clv: Clv, folder: Path) -> None:
    done = clv(*RUN, "-o", "t.csv", "--redact", "key.csv", "--log-file", "run.log")
    assert done.code == 0, done.err
    for name in ("page.html", "t.csv.run.json", "t.csv.rejects.csv", "run.log"):
        assert "nna" not in (folder / name).read_text().replace("annal", ""), name
    assert "anna" not in done.err + done.out.decode()
    assert "anna7@shop.example" in (folder / "t.csv").read_text(), "the table is not redacted"
    rows = dict(list(csv.reader((folder / "key.csv").open()))[1:])
    names = Pseudonyms(bytes.fromhex(rows.pop("secret")))
    assert rows
    assert all(names.of(customer) == name for name, customer in rows.items())
    shown = {row["customer_id"] for row in json.loads((folder / "t.csv.run.json").read_text())["series"]["top"]}
    assert shown <= set(rows)
    assert stat.S_IMODE((folder / "key.csv").stat().st_mode) == 0o600


def test_the_same_key_gives_the_same_names(clv: Clv, folder: Path) -> None:
    assert clv(*RUN, "-o", "a.csv", "--redact", "key.csv", "-q").code == 0
    first = (folder / "page.html").read_bytes()
    assert clv(*RUN, "-o", "a.csv", "--redact", "key.csv", "-q").code == 0
    assert (folder / "page.html").read_bytes() == first
    assert clv("plan", "a.csv", "--redact", "key.csv", "-o", "plan.csv").code == 0
    assert "anna" not in clv("plan", "a.csv", "--redact", "key.csv", "-o", "plan.csv").out.decode()
    assert "anna" in (folder / "plan.csv").read_text()


def test_hashed_ids_everywhere_and_the_same_figures(clv: Clv, folder: Path) -> None:
    assert clv(*RUN, "-o", "plain.csv", "-q").code == 0
    assert clv(*RUN, "-o", "t.csv", "-q", CLV_HASH_IDS="pepper").code == 0
    for path in folder.glob("t.csv*"):
        assert "anna" not in path.read_text().lower(), path
        assert "pepper" not in path.read_text(), path
    plain, hashed = pl.read_csv(folder / "plain.csv"), pl.read_csv(folder / "t.csv")
    assert not {"name", "email"} & set(hashed.columns)
    assert "channel" in hashed.columns
    assert hashed["customer_id"].is_sorted()
    names = Pseudonyms(b"pepper", LONG)
    expected = plain.with_columns(customer_id=pl.Series([names.of(i) for i in plain["customer_id"]]))
    same = [c for c in hashed.columns if c not in ("in_control", "variant", "clv_pct")]
    assert expected.select(same).sort("customer_id").equals(hashed.select(same))


def test_hashed_tables_are_compared_with_hashed_ones(clv: Clv, folder: Path) -> None:
    salted = {"CLV_HASH_IDS": "pepper"}
    assert clv("score", "log.csv", "--max-rejects", "20%", "-o", "a.csv", "-q", **salted).code == 0
    again = ("score", "log.csv", "--max-rejects", "20%", "-o", "b.csv", "-q", "--previous", "a.csv")
    assert clv(*again, **salted).code == 0
    assert json.loads((folder / "b.csv.run.json").read_text())["previous"]["new"] == 0


def test_a_file_that_is_no_key_is_not_replaced(clv: Clv, folder: Path) -> None:
    before = (folder / "people.csv").read_bytes()
    done = clv("score", "log.csv", "-o", "t.csv", "--redact", "people.csv")
    assert done.code == 3
    assert "is no key file" in done.err
    assert (folder / "people.csv").read_bytes() == before
