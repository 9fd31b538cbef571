"""A small measure of `make torture`, so that the script itself stays true."""

from pathlib import Path

import pytest
from torture.run import parts

PARTS = [
    "environments", "limits", "company", "writes", "signals", "rules", "inputs", "json", "growth", "names", "starved",
    "moving", "money", "dirty",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_part(part: str, tmp_path: Path) -> None:
    tally = parts(tmp_path, seed=2, scale=0.01)[part]()
    assert tally.failures == []
    assert tally.counts


def test_every_part_is_here(tmp_path: Path) -> None:
    assert sorted(parts(tmp_path, 1, 1.0)) == sorted(PARTS)
