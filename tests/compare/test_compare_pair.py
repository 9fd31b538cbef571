"""Transitions, movers and the before/after sheet, each figure worked by hand; what may not be compared."""

from datetime import date
from pathlib import Path

import pytest
from compare_tables import NEW_DAY, OLD_DAY, small_pair, table

from clvcli.commands.compare.costs import Costs, read_costs
from clvcli.commands.compare.moves import APPEARED, VANISHED, count_of, detail, movers, transitions
from clvcli.commands.compare.pair import pair_up
from clvcli.commands.compare.sheet import Line, sheet
from clvcli.core.errors import InputError, UsageError


def lines(costs: Costs | None = None) -> dict[str, Line]:
    return {line.measure: line for line in sheet(small_pair(), costs, "new", "lost")}


def test_transitions_by_hand() -> None:
    found = {(t.old, t.new): (t.customers, t.share, t.old_clv, t.new_clv) for t in transitions(small_pair())}
    assert found == {
        ("new", "regular"): (1, 1.0, 20.0, 75.0),  # A
        ("regular", "regular"): (1, 0.5, 60.0, 65.0),  # C: one of the two regulars
        ("regular", "lost"): (1, 0.5, 100.0, 10.0),  # B
        ("lost", VANISHED): (1, 1.0, 5.0, None),  # D
        (APPEARED, "new"): (1, 1.0, None, 30.0),  # E
    }


def test_transitions_account_for_every_customer_of_both_tables() -> None:
    pair = small_pair()
    moves = transitions(pair)
    for stage in pair.stages:
        assert count_of(moves, old=stage) == pair.old.frame.filter(pair.old.frame["stage"] == stage).height
        assert count_of(moves, new=stage) == pair.new.frame.filter(pair.new.frame["stage"] == stage).height
    assert count_of(moves) == 5
    assert [n.code for n in pair.notices] == ["vanished"]


def test_movers_by_value_at_stake() -> None:
    # B: 10 - 100 = -90; A: 75 - 20 = 55. C stayed, D and E have one side only.
    found = [(m.customer_id, m.at_stake) for m in movers(small_pair(), 10)]
    assert found == [("B", -90.0), ("A", 55.0)]
    assert [m.customer_id for m in movers(small_pair(), 1)] == ["B"]


def test_detail_has_every_customer_once() -> None:
    frame = detail(small_pair())
    assert dict(zip(frame["customer_id"], frame["status"], strict=True)) == {
        "A": "moved", "B": "moved", "C": "stayed", "D": "vanished", "E": "appeared"
    }  # fmt: skip
    between = {r["customer_id"]: (r["bought"], r["purchases_between"], r["spend_between"]) for r in frame.to_dicts()}
    assert between["A"] == (True, 2, 40.0)  # 3 - 1 purchases, 90 - 50 spent
    assert between["B"] == (False, 0, 0.0)
    assert between["D"] == between["E"] == (None, None, None)


def test_sheet_by_hand() -> None:
    found = {name: (line.before, line.after) for name, line in lines().items()}
    assert found["customers"] == (4, 4)
    assert found["in regular"] == (2, 2)
    assert found["in the first stage (new)"] == (1 / 4, 1 / 4)
    assert found["in the last stage (lost)"] == (1 / 4, 1 / 4)
    # Before: 30 days to 31 January begin on 1 January. Known then: B, C, D; of them only B bought later: 1/3.
    # After: known on 31 January and still in NEW: A, B, C; A and C bought later: 2/3.
    assert found["retention"] == (1 / 3, 2 / 3)
    # A: 2 in 30 days against 0 in 10. B: 0 against 3 in 90. C: 1 in 30 against 1 in 90: more. D is gone: 2 of 3.
    assert found["bought more often than before"] == (None, 2 / 3)
    assert found["sales so far"] == (590.0, 675.0)  # 50 + 300 + 200 + 40; 90 + 300 + 260 + 25
    assert found["sales of customers in both"] == (None, 100.0)  # 40 + 0 + 60
    # Before: A 0, B 70, C 30, D 0 days: 25. After: A 30, B 70, C 100, E 0: 50.
    assert found["average lifetime so far"] == (25.0, 50.0)


def test_costs_of_the_same_windows() -> None:
    # January's 310 is 10 a day; the 30 days to 31 January (2 January on): 300. February 280 and 2 of 31 days of
    # March's 310 after OLD: 300. Sales 675 - 590 = 85: 85 / 300 a unit of cost.
    month = [(date(2026, m, 1), date(2026, m, d), c) for m, d, c in ((1, 31, 310.0), (2, 28, 280.0), (3, 31, 310.0))]
    found = lines(Costs(tuple(month)))
    assert (found["costs"].before, found["costs"].after) == (300.0, 300.0)
    assert found["sales per unit of cost"].after == pytest.approx(85 / 300)


def test_costs_file(tmp_path: Path) -> None:
    path = tmp_path / "spend.csv"
    path.write_text("month,channel,spend\n2026-02,mail,28\n2026-02,search,56\n")
    assert read_costs(str(path)).between(OLD_DAY, date(2026, 2, 10)) == 30.0  # 10 days of 3
    path.write_text("month,spend\n2026-02,much\n")
    with pytest.raises(InputError, match="row 2"):
        read_costs(str(path))
    path.write_text("when,spend\n2026-02,1\n")
    with pytest.raises(InputError, match="no column date"):
        read_costs(str(path))


def test_wrong_order_same_day_other_horizon_other_rules() -> None:
    old, new = table(OLD_DAY, []), table(NEW_DAY, [])
    with pytest.raises(UsageError, match="newer"):
        pair_up(new, old)
    with pytest.raises(UsageError, match="nothing lies between"):
        pair_up(old, old)
    longer = table(NEW_DAY, [], horizon="24m")
    with pytest.raises(UsageError, match="horizon 12m and 24m"):
        pair_up(old, longer)
    rules = {"rules": {"stages": {"new": {"when": "purchases = 1"}}}}
    other = {"rules": {"stages": {"new": {"when": "purchases <= 1"}}}}
    with pytest.raises(UsageError, match="rules"):
        pair_up(table(OLD_DAY, [], **rules), table(NEW_DAY, [], **other))
    pair_up(table(OLD_DAY, [], **rules), table(NEW_DAY, [], **rules))


def test_differences_are_told_when_allowed() -> None:
    old, new = table(OLD_DAY, []), table(NEW_DAY, [], horizon="24m", arguments={"margin": {"value": "0.3"}})
    found = [n.code for n in pair_up(old, new, allow_different=True).notices]
    assert found == ["different_runs", "different_settings"]
