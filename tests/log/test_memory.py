"""What cannot fit into memory is refused before it is read, in one line with both numbers; nothing else is."""

import gzip
from pathlib import Path

import pytest
from conftest import GOOD, Clv

from clvcli.core.errors import InputError
from clvcli.log import content, memory
from clvcli.log.content import open_content
from clvcli.log.sources import Source

MB = 1 << 20


def test_a_file_beyond_any_memory_is_refused_at_once(clv: Clv, tmp_path: Path) -> None:
    """Half a terabyte of short lines, most of them a hole that takes no space."""
    path = tmp_path / "huge.csv"
    path.write_text("customer,date,amount\n" + "c1,2024-01-01,5\n" * 5000)
    try:
        with path.open("r+b") as stream:
            stream.truncate(1 << 39)
    except OSError:
        pytest.skip("the file system has no files with holes, or none so large")
    done = clv("score", "huge.csv", timeout=20)
    assert done.code == 3
    assert "huge.csv: about 34," in done.err
    assert "MB of memory at least" in done.err
    assert "split the log" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_wide_file_counts_by_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 100 * MB)
    memory.check_records("wide.csv", (b"x" * 999 + b"\n") * 60, 1000 * MB)
    with pytest.raises(
        InputError, match=r"narrow\.csv: about 52,428,800 records need 2,500 MB of memory at least, 100 MB"
    ):
        memory.check_records("narrow.csv", (b"x" * 19 + b"\r\n") * 60, 1050 * MB)
    memory.check_records("one line", b"x" * 999, 1 << 60)


def test_packed_bytes_that_hold_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 3 * MB)
    for module in (memory, content):
        monkeypatch.setattr(module, "STEP", MB)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(b"".join(gzip.compress(b"a" * MB) for _ in range(2)))
    assert len(open_content(Source(str(path), "bomb.csv.gz")).read()) == 2 * MB
    for members in ([9 * MB], [MB // 2] * 18):
        path.write_bytes(b"".join(gzip.compress(b"a" * size) for size in members))
        with pytest.raises(InputError, match=r"bomb\.csv\.gz: more than 4 MB once unpacked need 4 MB"):
            open_content(Source(str(path), "bomb.csv.gz"))


@pytest.mark.parametrize("step", [7, len(GOOD) // 2, len(GOOD), 1 << 20])
def test_the_size_of_steps_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(content, "STEP", step)
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(GOOD[:500].encode()) + gzip.compress(GOOD[500:].encode()))
    assert open_content(Source(str(path), "log.csv.gz")).read() == GOOD.encode()


def test_what_is_free_is_that_of_the_machine_or_of_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    assert memory.free_memory() is None
    memory.check_bytes("x", 1 << 60)
    (tmp_path / "meminfo").write_text("MemTotal: 900 kB\nMemAvailable:   500 kB\n")
    assert memory.free_memory() == 500 << 10
    for name, text in (("memory.max", "max"), ("memory.current", "1000"), ("memory.stat", "anon 5\ninactive_file 300")):
        (tmp_path / name).write_text(text + "\n")
    assert memory.free_memory() == 500 << 10
    (tmp_path / "memory.max").write_text("2000\n")
    assert memory.free_memory() == 1300


def test_zstd_data_that_declare_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers by hand, by RFC 8878: magic, descriptor, window, size."""
    magic = b"\x28\xb5\x2f\xfd"
    for header, size in (
        (b"\xe0" + (1 << 40).to_bytes(8, "little"), 1 << 40),
        (b"\xc0\x00" + (1 << 40).to_bytes(8, "little"), 1 << 40),
        (b"\x82\x00\x01\x02" + (1 << 30).to_bytes(4, "little"), 1 << 30),
        (b"\x40\x00" + (1000).to_bytes(2, "little"), 1256),
        (b"\x20\x63", 99),
        (b"\x00\x63", 0),
    ):
        assert memory.zstd_size(magic + header) == size
    assert memory.zstd_size(magic) == 0
    path = tmp_path / "bomb.csv.zst"
    path.write_bytes(magic + b"\xe0" + (1 << 60).to_bytes(8, "little"))
    with pytest.raises(InputError, match=r"bomb\.csv\.zst: more than .* MB once unpacked"):
        open_content(Source(str(path), "bomb.csv.zst"))
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    with pytest.raises(InputError, match="damaged"):
        open_content(Source(str(path), "bomb.csv.zst"))
