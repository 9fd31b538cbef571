"""`clv crosssell` on logs small enough for a spreadsheet; the arithmetic stands beside each figure."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clvcli.commands.crosssell.affinity import lift

HEADER = "customer,date,amount,product,order"


def written(path: Path, rows: Iterable[Sequence[object]], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def crosssell(clv: Any, log: Path, *args: object) -> dict[str, Any]:
    done = clv("crosssell", log, "--product", "product", *args, "--json", "-q")
    assert done.code == 0, done.err
    return dict(json.loads(done.out))


def bought(who: str, **products: float) -> list[tuple[object, ...]]:
    return [(who, "2024-01-01", amount, product, "") for product, amount in products.items()]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Ten clients: two good ones of 1000 and 800, one of 300 with a loan only, seven small ones."""
    rows = [
        *bought("good1", loan=500, POS=300, payroll=200),
        *bought("good2", loan=500, POS=300),
        *bought("client", loan=300),
        *(row for i in range(7) for row in bought(f"small{i}", cards=10 + i)),
    ]
    return written(tmp_path / "bank.csv", rows)


def test_the_ideal_client(clv: Any, bank: Path) -> None:
    content = crosssell(clv, bank, "--by", "all")
    (profile,) = content["profiles"]
    assert (profile["customers"], profile["best"]) == (10, 2)  # a fifth of 10
    assert profile["median_value"] == pytest.approx(900)  # of 1000 and 800
    assert [(p["product"], p["share"]) for p in profile["products"]] == [("loan", 1), ("POS", 1), ("payroll", 0.5)]
    rows = {row["customer_id"]: row for row in content["suggestions"]}
    client = rows["client"]
    assert client["missing"] == "POS; payroll"
    assert (client["suggestion_1"], client["suggestion_2"], client["suggestion_3"]) == ("POS", "payroll", None)
    assert client["potential"] == pytest.approx(900 - 300)
    assert (rows["good1"]["gap"], rows["good1"]["potential"]) == (0, 0)  # 1000 is above the median: never below 0
    assert (rows["good2"]["missing"], rows["good2"]["potential"]) == ("payroll", pytest.approx(100))
    assert rows["small0"]["missing"] == "loan; POS; payroll"
    assert rows["small0"]["potential"] == pytest.approx(890)
    # One day is no log to test suggestions on: the potential orders.
    assert content["holdout"] is None
    assert [row["potential"] for row in content["suggestions"]] == sorted(
        (row["potential"] for row in content["suggestions"]), reverse=True
    )
    assert (client["because_1"], client["chance_1"], client["expected"]) == ("loan", None, None)
    assert rows["small0"]["suggestion_1"] == "loan"  # nothing goes with cards: what most people have
    assert rows["small0"]["because_1"] is None


def test_three_clients_and_their_top_half(clv: Any, tmp_path: Path) -> None:
    rows = [*bought("a", loan=500, POS=300, payroll=200), *bought("b", loan=500, POS=300), *bought("c", loan=300)]
    content = crosssell(clv, written(tmp_path / "l.csv", rows), "--by", "all", "--top", "0.5")
    found = next(row for row in content["suggestions"] if row["customer_id"] == "c")
    assert (found["missing"], found["potential"]) == ("POS; payroll", pytest.approx(600))
    assert [w["code"] for w in content["warnings"]] == ["small_groups"]


def test_min_share(clv: Any, bank: Path) -> None:
    content = crosssell(clv, bank, "--by", "all", "--min-share", "0.6")
    assert [p["product"] for p in content["profiles"][0]["products"]] == ["loan", "POS"]


def test_each_group_has_its_own_ideal(clv: Any, bank: Path, tmp_path: Path) -> None:
    people = written(
        tmp_path / "p.csv",
        [("good1", "big"), ("good2", "big"), ("client", "big"), *((f"small{i}", "small") for i in range(7))],
        "customer_id,size",
    )
    content = crosssell(clv, bank, "--customers", people, "--by", "size")
    profiles = {p["group"]: p for p in content["profiles"]}
    assert (profiles["big"]["best"], profiles["big"]["median_value"]) == (1, 1000)  # a fifth of 3 is one
    assert (profiles["small"]["best"], profiles["small"]["median_value"]) == (2, 15.5)  # of 7: 16 and 15
    rows = {row["customer_id"]: row for row in content["suggestions"]}
    assert rows["small0"]["gap"] == 0  # cards are all that the small ones buy
    assert rows["small0"]["potential"] == pytest.approx(5.5)
    assert rows["client"]["potential"] == pytest.approx(700)


def test_within_stages(clv: Any, bank: Path) -> None:
    content = crosssell(clv, bank)
    assert content["by"] == "stage"
    assert all(row["group"] for row in content["suggestions"])
    assert sum(p["customers"] for p in content["profiles"]) == 10
    assert {row["customer_id"] for row in content["suggestions"]} >= {"client", "good1"}


def test_ties_do_not_depend_on_the_order_of_rows(clv: Any, tmp_path: Path) -> None:
    rows = [row for i in range(10) for row in bought(f"c{i}", x=5)]
    first = crosssell(clv, written(tmp_path / "a.csv", rows), "--by", "all")
    again = crosssell(clv, written(tmp_path / "b.csv", rows[::-1]), "--by", "all")
    assert first["profiles"][0]["best"] == 10  # who ties with the second best is good too
    assert first["suggestions"] == again["suggestions"]


BASKETS = [("1", "bread butter"), ("2", "bread butter jam"), ("3", "bread"), ("4", "jam"), ("5", "milk")]


def test_bought_together(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-01", 1, p, order) for order, products in BASKETS for p in products.split()]
    log = written(tmp_path / "l.csv", [*rows, ("a", "2024-01-01", 1, "bread", "1")])  # twice in one basket counts once
    content = crosssell(clv, log, "--order-id", "order", "--together")
    assert content["baskets"] == 5
    found = {(row["product"], row["goes_with"]): row for row in content["together"]}
    pair = found["butter", "bread"]
    # Of 5 baskets bread is in 3, butter in 2, both in 2.
    assert (pair["baskets"], pair["support"], pair["confidence"]) == (2, pytest.approx(0.4), pytest.approx(1))
    assert pair["lift"] == pytest.approx(1 / (3 / 5))
    assert found["bread", "butter"]["confidence"] == pytest.approx(2 / 3)
    assert found["bread", "butter"]["lift"] == pytest.approx((2 / 3) / (2 / 5))
    assert found["jam", "bread"]["confidence"] == pytest.approx(1 / 2)
    assert not any("milk" in pair for pair in found)
    above = crosssell(clv, log, "--order-id", "order", "--together", "--min-support", "0.4")
    assert {(row["product"], row["goes_with"]) for row in above["together"]} == {
        ("bread", "butter"),
        ("butter", "bread"),
    }


def test_bought_together_within_groups(clv: Any, tmp_path: Path) -> None:
    """In each group counted by itself; six baskets of `a` hold both, four of `b` are too few to tell."""
    rows = []
    for who, both, alone in (("a", 6, 4), ("b", 4, 1)):
        for i in range(both):
            rows += [(who, f"2024-01-{i + 1:02}", 1, p, "") for p in ("bread", "butter")]
        rows += [(who, f"2024-02-{i + 1:02}", 1, "milk", "") for i in range(alone)]
    log = written(tmp_path / "l.csv", rows)
    content = crosssell(clv, log, "--together", "--by", "customer")
    assert {(r["group"], r["product"], r["baskets"]) for r in content["together"]} == {
        ("a", "bread", 6), ("a", "butter", 6)
    }  # fmt: skip
    # Of a's ten baskets bread is in 6, butter in 6, both in 6.
    assert content["together"][0]["lift"] == pytest.approx(1 / 0.6)
    assert clv("crosssell", log, "--product", "product", "--due", "--by", "customer").code == 2


def test_a_day_is_a_basket_without_orders(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-01", 1, "x", ""), ("a", "2024-01-01", 1, "y", ""), ("a", "2024-01-02", 1, "x", ""),
            ("b", "2024-01-01", 1, "y", "")]  # fmt: skip
    content = crosssell(clv, written(tmp_path / "l.csv", rows), "--together")
    assert content["baskets"] == 3
    # x in 2, y in 2, both in 1 of 3: lift (1/2) / (2/3).
    assert content["together"][0]["lift"] == pytest.approx(0.75)


def test_when_repeated_products_are_due(clv: Any, tmp_path: Path) -> None:
    days = {"a": [1, 11, 25], "b": [1, 21], "c": [1, 21], "d": [3], "old": [1, 2, 3]}
    rows = [(who, f"2024-03-{day:02}", 5, "filter", "") for who, found in days.items() for day in found]
    rows += [("a", "2024-03-01", 500, "grinder", ""), ("b", "2024-03-30", 500, "grinder", "")]
    content = crosssell(clv, written(tmp_path / "l.csv", rows), "--due", "--as-of", "2024-03-31")
    due = {row["customer_id"]: row for row in content["due"]}
    # a: gaps 10 and 14, median 12, after the 25th.
    assert (due["a"]["usual_gap"], due["a"]["basis"], due["a"]["due_date"]) == (12, "own", "2024-04-06")
    # b, c: one gap is no rhythm; all gaps are 1, 1, 10, 14, 20, 20, median 12: the 21st + 12.
    assert (due["b"]["usual_gap"], due["b"]["basis"], due["b"]["due_date"]) == (12, "product", "2024-04-02")
    # a bought on the 25th at a gap of 12: nothing is due before the day after.
    assert all(row["due_date"] >= "2024-04-01" for row in content["due"])
    # d: due on 15 March, 16 days ago: more than a further 12. old: due on the 4th at a gap of 1. Both have stopped.
    assert set(due) == {"a", "b", "c"}
    assert all(row["product"] == "filter" for row in content["due"])  # nobody buys a second grinder
    assert due["c"]["overdue_days"] == -2


def test_returned_items_and_lines_without_a_product_do_not_count(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-01", 10, "x", ""), ("a", "2024-01-02", 7, "y", ""), ("a", "2024-01-03", -7, "y", ""),
            ("a", "2024-01-04", 3, "", "")]  # fmt: skip
    content = crosssell(clv, written(tmp_path / "l.csv", rows), "--by", "all")
    assert content["suggestions"][0]["products"] == 1  # y went back
    assert content["suggestions"][0]["value"] == 13
    assert content["rows"]["excluded"] == {"reversed": 2}
    assert "no_product" in [w["code"] for w in content["warnings"]]


def test_a_group_without_a_name_and_texts_that_look_like_markup(clv: Any, tmp_path: Path) -> None:
    rows = [("[red]x", "2024-01-05", 10, "[/]", "A"), ("b", "2024-02-05", 5, "y", ""), ("c", "2024-02-05", 1, "y", "A")]
    log = written(tmp_path / "l.csv", rows, "customer,date,amount,product,segment")
    done = clv("crosssell", log, "--product", "product", "--by", "segment")
    assert done.code == 0, done.err
    assert "(none)" in done.page
    assert "[/] 100%" in done.page
    content = crosssell(clv, log, "--by", "customer")  # a column of the log, not the internal name
    assert {p["group"] for p in content["profiles"]} == {"[red]x", "b", "c"}


def test_outputs(clv: Any, bank: Path, tmp_path: Path) -> None:
    done = clv("crosssell", bank, "--product", "product", "--by", "all", "-o", "gaps.csv", COLUMNS="60")
    assert done.code == 0, done.err
    lines = (tmp_path / "gaps.csv").read_text().splitlines()
    assert lines[0] == (
        "customer_id,group,value,best,products,gap,missing,potential,"
        "suggestion_1,suggestion_2,suggestion_3,because_1,because_2,because_3,chance_1,chance_2,chance_3,expected,"
        "due_product,due_date"
    )
    assert len(lines) == 11
    drawn = [line for line in done.page.splitlines() if not line.startswith("warning:")]
    assert max(len(line) for line in drawn) <= 60
    out = clv("crosssell", bank, "--product", "product", "--together", "-o", "-", "-q").out.decode()
    assert out.splitlines()[0] == "product,goes_with,baskets,support,confidence,lift,lift_low,lift_high"


def test_several_groups_stand_together_and_the_table_has_a_name_of_its_own(clv: Any, tmp_path: Path) -> None:
    """Two --by, by hand; without -o the table stands beside its figures, and no file of somebody else is replaced."""
    rows = [(f"c{i}", "2024-01-01", i, "x", "") for i in range(8)]
    log = written(tmp_path / "shop.csv", rows)
    people = [(f"c{i}", "north" if i < 4 else "south", "web" if i % 2 else "") for i in range(8)]
    written(tmp_path / "p.csv", people, "customer_id,region,channel")
    args = ("--product", "product", "--customers", "p.csv", "--by", "region", "--by", "channel")
    done = clv("crosssell", log, *args)
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "shop.crosssell.csv.run.json").read_text())
    assert {p["group"] for p in manifest["profiles"]} == {
        "north / web", "north / (none)", "south / web", "south / (none)"
    }  # fmt: skip
    assert (manifest["by"], manifest["outputs"][0]) == ("region / channel", "shop.crosssell.csv")
    assert clv("crosssell", log, *args).code == 0  # its own is replaced
    (tmp_path / "shop.due.csv").write_text("mine")
    refused = clv("crosssell", log, "--product", "product", "--due")
    assert (refused.code, "no earlier run wrote" in refused.err) == (6, True)


def test_what_goes_together_beats_what_is_popular_out_of_time(clv: Any, tmp_path: Path) -> None:
    """Sixty customers of each of two worlds, six products each, one more bought each month: what comes next is of the
    own world. The most popular product of all, `bag`, everybody has from the first day on.
    """
    rows = []
    for i in range(120):
        world = "tea" if i % 2 else "coffee"
        months = range(1, 13 if i % 3 else 10)
        rows += [(f"c{i}", f"2024-{m:02}-{1 + i % 28:02}", 5, f"{world}{(i + m) % 12}", "") for m in months]
        rows.append((f"c{i}", "2024-01-01", 1, "bag", ""))
    content = crosssell(clv, written(tmp_path / "l.csv", rows), "--by", "all")
    judged = content["holdout"]
    assert judged["hit_rate_at_5"] > judged["hit_rate_at_5_of_most_popular"]
    assert judged["suggested_by"] == "bought together"
    lacking = [row for row in content["suggestions"] if int(row["customer_id"][1:]) % 3 == 0]
    for row in lacking:  # nine of the twelve of the own world are there
        world = "tea" if int(row["customer_id"][1:]) % 2 else "coffee"
        assert row["suggestion_1"].startswith(world)
        assert 0 <= row["chance_1"] <= 1
    expected = [row["expected"] for row in content["suggestions"] if row["expected"] is not None]
    assert expected == sorted(expected, reverse=True)


def test_categories_are_suggested_too(clv: Any, tmp_path: Path) -> None:
    rows = [("a", "2024-01-01", 1, "green", "tea"), ("a", "2024-01-02", 1, "mug", "ware"),
            ("b", "2024-01-01", 1, "black", "tea"), ("b", "2024-01-03", 1, "pot", "ware"),
            ("c", "2024-01-04", 1, "green", "tea")]  # fmt: skip
    log = written(tmp_path / "l.csv", rows, "customer,date,amount,product,kind")
    content = crosssell(clv, log, "--by", "all", "--category", "kind")
    found = {row["customer_id"]: row for row in content["suggestions"]}
    assert (found["c"]["suggestion_1"], found["c"]["category_1"]) == ("mug", "ware")
    assert found["a"]["category_1"] is None


def test_a_lift_with_its_interval() -> None:
    """40 of 200 have i, 50 have j, 20 both: lift 2, variance of its log (10 - 5 - 4 + 4 - 1) / 200 = .02."""
    value, low, high = lift(np.array([20.0]), np.array([40.0]), np.array([50.0]), 200.0)
    assert (value[0], low[0], high[0]) == pytest.approx((2.0, 1.5849, 2.5238), abs=1e-3)


@pytest.mark.slow
def test_clear_errors(clv: Any, bank: Path) -> None:
    for args, code, word in (
        ((), 2, "--product COLUMN"),
        (("--product", "producto"), 3, "did you mean product"),
        (("--product", "product", "--by", "nothing"), 3, "no column nothing"),
        (("--product", "product", "--together", "--due"), 2, "no effect with --together"),
        (("--product", "product", "--by", "clv"), 2, "--by stage"),
        (("--product", "product", "--horizon", "inf"), 2, "--discount-rate"),
        (("--product", "product", "--strict", "--by", "all"), 3, "small_groups"),
        (("--product", "product", "--top", "2"), 2, "at most 1"),
        (("--product", "product", "-o", "-", "--json"), 2, "stdout"),
        (("--product", "product", "--by", "all", "--value", "clv"), 2, "--value total_spend"),
    ):
        done = clv("crosssell", bank, *args)
        assert done.code == code, (args, done.err)
        assert word in done.err
