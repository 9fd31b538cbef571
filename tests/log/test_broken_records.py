"""A broken record that goes on over several lines is one record: none of its lines is a customer."""

import time
from datetime import date
from pathlib import Path
from unittest import mock

import pytest

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log.read import Log, read_log

GOOD = "customer_id,date,amount\n" + "".join(f'"c {i % 9}",2024-01-{1 + i % 28:02},{10 + i}.50\n' for i in range(60))
LATER = '"c 1",2024-03-01,7.00\n'


def read(path: Path, text: bytes) -> Log:
    path.write_bytes(text)
    return read_log(LogOptions(data=(str(path),), max_rejects="100%"), date(2026, 11, 30))


@pytest.mark.parametrize("block", [1 << 23, 100])
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'"Ann "A." Lee\nSmith",2024-03-03,500.00\n', "bad_quotes"),
        (b'"Ann\0\nSmith",2024-03-03,500.00\n', "nul_byte"),
        (b'"Ann\nSmith",2024-03-03\n', "unclosed_quote"),
        (b'"Ann\nof\n\nSmith",2024-03-03,500.00,x\n', "unclosed_quote"),
    ],
)
def test_the_lines_of_a_broken_record_belong_to_it(tmp_path: Path, record: bytes, reason: str, block: int) -> None:
    with mock.patch("clvcli.log.text.BLOCK", block):
        log = read(tmp_path / "log.csv", GOOD.encode() + record + LATER.encode())
    assert (log.quality.read, log.quality.used) == (62, 61)
    assert log.rejects.select("line", "reason").rows() == [(62, reason)]
    assert not log.purchases["customer_id"].str.contains("Smith").any()


@pytest.mark.parametrize("stray", ['"Ann,2024-03-03,5.00\n', 'Ann,"2024-03-03,5.00\n'])
def test_a_stray_quote_swallows_nothing(tmp_path: Path, stray: str) -> None:
    log = read(tmp_path / "log.csv", (GOOD + stray + LATER * 5).encode())
    assert (log.quality.read, log.quality.used) == (66, 65)
    assert log.rejects["line"].to_list() == [62]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ('Socks"Warm and soft, for winter","https://x"', False),
        ('Socks"Warm, soft", ok', False),
        ('5" nail,6" bolt', True),
        ('say "hi" there,"quoted, field"', True),
        ('"Table, 48""","a ""b"" c"', True),
        ('Table 48",Chair', True),
    ],
)
def test_a_quote_within_a_field_shifts_no_columns(tmp_path: Path, fields: str, kept: bool) -> None:
    """Where it may have done so the record is a reject, even if the number of its fields is right by chance."""
    head = "customer_id,date,amount,what,url\n" + '"c 1",2024-01-01,5.00,"x","y"\n' * 40
    log = read(tmp_path / "log.csv", (head + f"c2,2024-03-03,5.00,{fields}\n").encode())
    assert (log.quality.read, log.quality.used) == (41, 41 if kept else 40)
    assert log.rejects["reason"].to_list() == ([] if kept else ["bad_quotes"])


def test_a_whole_record_of_several_lines_is_one(tmp_path: Path) -> None:
    log = read(tmp_path / "log.csv", (GOOD + '"Ann\nSmith",2024-03-03,5.00\n' + LATER).encode())
    assert (log.quality.read, log.quality.used) == (62, 62)
    assert "Ann\nSmith" in log.purchases["customer_id"].to_list()


def test_a_condition_that_leaves_nothing_is_named(tmp_path: Path) -> None:
    """Not that no record has a date: all have one."""
    (tmp_path / "log.csv").write_text(GOOD)
    with pytest.raises(InputError, match=r"no usable record among 60 \(60 where\)"):
        read_log(LogOptions(data=(str(tmp_path / "log.csv"),), where="amount > 1000"), date(2026, 11, 30))


def test_many_broken_records_take_time_in_proportion(tmp_path: Path) -> None:
    """Each broken line once cost a look at its whole block: a million records took minutes."""
    taken = []
    for times in (20, 80):
        text = (GOOD + '"Ann "B" C",2024-03-03,5.00\n' * 20) * times
        path = tmp_path / "log.csv"
        path.write_text(text)
        start = time.process_time()
        read_log(LogOptions(data=(str(path),), max_rejects="100%"), date(2026, 11, 30))
        taken.append(time.process_time() - start)
    assert taken[1] < 10 * taken[0]


@pytest.mark.parametrize("shape", ["quotes", "fields", "amount"])
def test_shapes_that_once_were_slow(tmp_path: Path, shape: str) -> None:
    """A stray quote before lines of empty quoted fields, records of thousands of fields, an amount of thousands of
    digits with a letter: linear in the bytes."""
    taken = []
    for times in (1, 4):
        if shape == "quotes":
            text = GOOD + '"Ann,2024-03-03,5.00\n' * times + '"",2024-03-03,5.00\n' * 8_000 * times
        elif shape == "amount":
            text = GOOD + f"Ann,2024-03-03,{'9' * 20_000 * times}s{'9' * 2_000 * times}\n"
        else:
            more = ",".join('"x"' for _ in range(300 * times))
            text = "customer_id,date,amount," + ",".join(f"c{i}" for i in range(300 * times)) + "\n"
            text += f'"c 1",2024-01-05,5.00,{more}\nc"1"b,2024-01-06,5.00,{more}\n' * 40
        path = tmp_path / "log.csv"
        path.write_text(text)
        start = time.process_time()
        read_log(LogOptions(data=(str(path),), max_rejects="100%"), date(2026, 11, 30))
        taken.append(time.process_time() - start)
    assert taken[1] < 10 * taken[0]
