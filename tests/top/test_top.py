"""`clv top` by hand: one order, nobody who must not be contacted, one sentence of figures."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import GOOD, Clv, cdnow_rows

from clvcli.core.language import Language
from clvcli.core.options import TopOptions
from clvcli.core.phrases import why
from clvcli.lifecycle.actions import StageAction, StageActions
from clvcli.lifecycle.control import uniform
from clvcli.lifecycle.ranking import candidates, ranked, top, with_stake

ACTIONS = StageActions(
    (
        StageAction("dear", "call", "phone", None, None),
        StageAction("dear", "write", "email", None, None),
        StageAction("plain", "write", "email", None, None),
    ),
    {},
)


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of a scored table: a customer who may be contacted, but for what a row says."""
    usual = {
        "stage": "plain", "phase": "grow", "action": "write", "purchases": 5, "total_spend": 100.0, "clv": 10.0,
        "p_alive": 0.5, "days_since_last_purchase": 30, "avg_days_between_purchases": 20.0, "in_control": False,
    }  # fmt: skip
    whole = [{"customer_id": f"c{i}", **usual, **row} for i, row in enumerate(rows)]
    return pl.DataFrame(whole, infer_schema_length=None)


def named(frame: pl.DataFrame, **more: Any) -> list[str]:
    return ranked(candidates(with_stake(frame), ACTIONS, **more))["customer_id"].to_list()


def test_the_value_at_stake_by_hand() -> None:
    # clv / p_alive - clv = 300 - 100, times p_alive 1/3: 66.7 of the 100 that are expected are at stake.
    frame = with_stake(
        table({"clv": 100.0, "p_alive": 1 / 3}, {"clv": 100.0, "p_alive": 1.0}, {"clv": 0.0, "p_alive": 0.0})
    )
    assert frame["value_at_stake"].to_list() == pytest.approx([100 * 2 / 3, 0, 0])
    assert frame["clv_if_kept"].to_list() == pytest.approx([300, 100, 0])


def test_one_order() -> None:
    rows = (
        {"clv": 50.0, "p_alive": 1.0}, {"clv": 60.0, "p_alive": 1.0}, {"clv": 40.0, "p_alive": 0.5},
        {"clv": 1.0, "p_alive": 0.001},
    )  # fmt: skip
    assert named(table(*rows)) == ["c2", "c3", "c1", "c0"]
    assert named(table(*rows).reverse()) == ["c2", "c3", "c1", "c0"]
    no_model = table({"total_spend": 1.0}, {"total_spend": 2.0}).with_columns(
        clv=pl.lit(None, pl.Float64), p_alive=pl.lit(None, pl.Float64)
    )
    assert named(no_model) == ["c1", "c0"]


def test_a_model_in_which_nobody_leaves_orders_by_clv() -> None:
    """P(alive) within rounding of 1: the silent small customer is not first for a millionth of a cent at stake."""
    rows = (
        {"clv": 400.0, "p_alive": 1 - 1e-9},
        {"clv": 90_000.0, "p_alive": 1 - 1e-13},
        {"clv": 5_000.0, "p_alive": 1.0},
    )
    assert named(table(*rows)) == ["c1", "c2", "c0"]


def test_never_the_control_group_leavers_leads_or_who_is_not_contactable() -> None:
    frame = table(
        {"in_control": True}, {"phase": "left"}, {"purchases": 0}, {"stage": "unknown"}, {"contactable": False}, {},
    ).with_columns(pl.col("contactable").fill_null(value=True))  # fmt: skip
    assert named(frame) == ["c5"]


def test_the_first_action_that_a_customer_allows() -> None:
    frame = table(
        {"stage": "dear", "phone": "1", "email": "a@x.org"},
        {"stage": "dear", "phone": None, "email": "b@x.org"},
        {"stage": "dear", "phone": None, "email": None},
    )
    found = candidates(with_stake(frame), ACTIONS).sort("customer_id")
    assert found.select("customer_id", "action", "channel").rows() == [
        ("c0", "call", "phone"),
        ("c1", "write", "email"),
    ]
    assert named(frame, channel="phone") == ["c0"]
    assert named(frame, purpose="call") == ["c0"]


def test_who_is_in_the_control_group_of_a_campaign_is_not_turned_to_for_it() -> None:
    held, other = "c0", "c1"
    share = (next(uniform([held], "spring/control")) + next(uniform([other], "spring/control"))) / 2
    if next(uniform([held], "spring/control")) > share:
        held, other = other, held
    call = StageAction("dear", "call", "phone", None, None, named_campaign="spring", control=share)
    frame = with_stake(table({"stage": "dear", "phone": "1"}, {"stage": "dear", "phone": "2"}))
    alone = StageActions((call,), {})
    assert candidates(frame, alone)["customer_id"].to_list() == [other]
    assert candidates(frame, alone, channel="phone")["customer_id"].to_list() == [other]
    assert candidates(frame, alone, channel="sms").height == 2
    then = candidates(frame, StageActions((call, ACTIONS.actions[1]), {}))
    assert dict(then.select("customer_id", "action").iter_rows()) == {held: "write", other: "call"}
    assert then.columns == candidates(frame, ACTIONS).columns


def test_purposes() -> None:
    frame = table(
        {"p_alive": 0.9, "days_since_last_purchase": 30},  # late
        {"p_alive": 0.2},
        {"purchases": 1, "p_alive": 1.0, "avg_days_between_purchases": None},
        {"p_alive": 0.9, "days_since_last_purchase": 5},
        {"p_alive": 1.0, "days_since_last_purchase": 90},  # the model tells nobody's leaving: over three gaps
    )
    asked = ("keep", "win-back", "second-purchase", "grow")
    assert {p: sorted(named(frame, purpose=p)) for p in asked} == {
        "keep": ["c0"], "win-back": ["c1", "c4"], "second-purchase": ["c2"], "grow": ["c3"],
    }  # fmt: skip


def test_top_looks_as_far_as_it_must() -> None:
    """The hundred best are controlled: the next are found all the same, and as a sort of everybody finds them."""
    rows = [{"clv": float(i), "in_control": i > 300} for i in range(500)]
    found = top(table(*rows), ACTIONS, 3)
    assert found["customer_id"].to_list() == ["c300", "c299", "c298"]


def test_the_sentence() -> None:
    row = {
        "avg_days_between_purchases": 22.0, "days_since_last_purchase": 63, "total_spend": 2140.0, "clv": 190.0,
        "clv_if_kept": 610.0,
    }  # fmt: skip
    assert why(row, "12m", Language()) == (
        "buys every 22 days, silent for 63; 2,140 spent; 610 expected in 12 months if kept, 190 as it stands"
    )
    one = {**row, "avg_days_between_purchases": None, "clv": 9.5, "clv_if_kept": 9.5}
    assert why(one, "1y", Language()) == "one purchase, 63 days ago; 2,140 spent; 9.50 expected in 1 year"
    daily = {**row, "avg_days_between_purchases": 1.2, "clv_if_kept": None}
    assert why(daily, "inf", Language()) == "buys every day, silent for 63; 2,140 spent; 190 expected from now on"
    assert why({"days_since_last_purchase": 1}, None, Language()) == "one purchase, 1 day ago"
    assert why({**row, "days_since_last_purchase": None, "purchases": 0}, None, Language("en", "GBP")) == (
        "£610 expected from now on if kept, £190 as it stands"
    )
    assert why(daily, "12m", Language("de")) == (
        "kauft jeden Tag, still seit 63 Tage; 2.140 ausgegeben; 190 in 12 Monate erwartet"
    )


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from conftest import run_apart

    folder = tmp_path_factory.mktemp("top")
    log = folder / "log.csv"
    log.write_text("customer_id,date,amount\n" + "".join(",".join(r) + "\n" for r in cdnow_rows()))
    people = "customer_id,email,phone,no_calls,can_email\n" + "".join(
        ",".join((str(i), "x@x.org" if i % 3 else "", "" if i % 4 else "77", "" if i % 5 else "yes",
                  "yes" if i % 7 else "no")) + "\n" for i in range(1, 2358)
    )  # fmt: skip
    (folder / "people.csv").write_text(people)
    rules = folder / "rules.yaml"
    rules.write_text(
        "stages:\n"
        "  - {stage: one, phase: start, when: purchases = 1, actions: [{action: write, channel: email, every: 30d}]}\n"
        "  - {stage: more, phase: end, when: purchases > 1, actions: [{action: call, channel: phone, every: 30d},"
        " {action: write, channel: email, every: 30d}]}\n"
        "control_group: {share: 0.2, salt: s}\n"
    )
    done = run_apart(["score", str(log), "--customers", "people.csv", "--rules", "rules.yaml", "-o", "scored.csv"],
                     b"", folder, {"PATH": "/usr/bin:/bin"}, 120)  # fmt: skip
    assert done.code == 0, done.err
    return folder


def test_manifest_plan_and_top_name_the_same_ten_and_nobody_else(cdnow: Path, clv: Clv) -> None:
    asked = json.loads(clv("top", "scored.csv", "-f", "json", cwd=cdnow).out)["top"]
    manifest = json.loads((cdnow / "scored.csv.run.json").read_text())
    assert clv("plan", "scored.csv", "-o", "plan.csv", cwd=cdnow).code == 0
    planned = json.loads((cdnow / "plan.csv.run.json").read_text())
    ids = [row["customer_id"] for row in asked]
    assert len(ids) == 10
    assert [row["customer_id"] for row in manifest["series"]["top"]] == ids
    assert [row["why"] for row in manifest["series"]["top"]] == [row["why"] for row in asked]
    assert [row["customer_id"] for row in planned["first"]] == ids
    assert [row["channel"] for row in planned["first"]] == [row["channel"] for row in asked]


def test_no_contact_without_consent_an_address_or_from_the_control_group(cdnow: Path, clv: Clv) -> None:
    assert clv("plan", "scored.csv", "-o", "plan.csv", "--days", "90d", cwd=cdnow).code == 0
    plan = pl.read_csv(cdnow / "plan.csv", infer_schema=False)
    scored = pl.read_csv(cdnow / "scored.csv", infer_schema=False)
    rows = plan.select("customer_id", "channel").join(scored, on="customer_id")
    assert rows.height > 1000
    assert set(rows["in_control"]) == {"false"}
    mails, calls = (rows.filter(pl.col("channel") == name) for name in ("email", "phone"))
    assert mails["email"].null_count() == 0
    assert set(mails["can_email"]) == {"yes"}
    assert calls["phone"].null_count() == 0
    assert calls["no_calls"].drop_nulls().is_empty()
    counted = json.loads((cdnow / "plan.csv.run.json").read_text())
    assert counted["left_out"]["control_group"] == scored.filter(pl.col("in_control") == "true").height
    assert {"no_consent", "no_address"} <= counted["dropped"].keys()


@pytest.mark.parametrize("form", ["text", "csv", "json", "md"])
def test_every_format_names_them_in_order(cdnow: Path, clv: Clv, form: str) -> None:
    text = clv("top", "scored.csv", "-n", "5", "-f", form, cwd=cdnow).out.decode()
    rows = json.loads(clv("top", "scored.csv", "-n", "5", "-f", "json", cwd=cdnow).out)["top"]
    places = [text.index(row["customer_id"]) for row in rows]
    assert len(places) == 5
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("top", "scored.csv", "--stage", "mor"), "there is no stage 'mor' (hint: did you mean more?)"),
        (("top", "scored.csv", "--phase", "strt"), "there is no phase 'strt' (hint: did you mean start?)"),
        (("top", "scored.csv", "--channel", "phon"), "there is no channel 'phon' (hint: did you mean phone?)"),
        (("top", "scored.csv", "--for", "winback"), "did you mean win-back?"),
        (
            ("plan", "scored.csv", "--capacity", "phon=3"),
            "the channel 'phon' (hint: did you mean phone?)",
        ),
        (("plan", "scored.csv", "--cost", "emial=3"), "the channel 'emial' (hint: did you mean email?)"),
        (("plan", "scored.csv", "--stake", "cvl"), "did you mean clv?"),
    ],
)
def test_unknown_names_are_refused(cdnow: Path, clv: Clv, args: tuple[str, ...], words: str) -> None:
    done = clv(*args, cwd=cdnow)
    assert done.code == 2
    assert words in done.err


def test_the_table_alone_will_do(clv: Clv, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "-o", "scored.csv").code == 0
    (tmp_path / "scored.csv.run.json").unlink()
    done = clv("top", "scored.csv", "-n", "3")
    assert done.code == 0
    assert done.out.decode().count("buys every") == 3


def test_names_of_people(tmp_path: Path, clv: Clv) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    people = "".join(f"c{i},Ann,No {i},a{i}@x.org\n" for i in range(40))
    (tmp_path / "people.csv").write_text("customer_id,first_name,last_name,email\n" + people)
    assert clv("score", "log.csv", "--customers", "people.csv", "-o", "scored.csv").code == 0
    assert "Ann No " in clv("top", "scored.csv").out.decode()


def test_options_and_date_are_told(cdnow: Path, clv: Clv) -> None:
    found = json.loads(clv("top", "scored.csv", "-f", "json", "--for", "win-back", cwd=cdnow).out)
    assert (found["for"], found["horizon"], found["command"]) == ("win-back", "12m", "top")
    assert date.fromisoformat(found["as_of"])
    assert all(row["p_alive"] < 0.5 for row in found["top"])
    assert TopOptions(scored="x").number == 10
