"""Presets on the sample data: sensible shares, nobody left over, and the stages tell value apart."""

import pytest
from lifecycle.preset_table import Shares, preset_table, shares

from clvcli.lifecycle.load import presets


@pytest.fixture(scope="module")
def found() -> dict[str, Shares]:
    return shares()


def test_sensible_shares(found: dict[str, Shares]) -> None:
    assert set(found) == set(presets())
    for name, each in found.items():
        assert sum(each.stages.values()) == pytest.approx(1), name
        left_over = 0.1 if name == "rfm-six" else 0.0  # it knows no leads
        assert each.stages[each.otherwise] <= left_over, name
        assert sum(share > 0.005 for share in each.stages.values()) >= 4, name
        assert each.largest[0] < 0.65, (name, each.largest)
    assert found["rfm-lifecycle"].largest[0] <= 0.25


def test_stages_tell_value_apart(found: dict[str, Shares]) -> None:
    """The best fifth of the customers, taken stage by stage, holds at least half of the value in the main presets.

    A random split would hold a fifth; the single customers' ranks hold about two thirds.
    """
    assert found["rfm-lifecycle"].value_of_best(0.2) > 0.5
    assert found["predictive"].value_of_best(0.2) > 0.5
    assert all(each.value_of_best(0.2) > 0.22 for each in found.values())


def test_the_table_of_the_readme() -> None:
    lines = preset_table().splitlines()
    assert len(lines) == 2 + len(presets())
