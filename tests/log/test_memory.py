"""What cannot fit into memory is refused before it is read, in one line with both numbers; nothing else is."""

import gzip
import time
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from conftest import GOOD, Clv

from clvcli.core import free_memory
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
    monkeypatch.setattr(memory, "STEP", MB)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(b"".join(gzip.compress(b"a" * MB) for _ in range(2)))
    assert len(open_content(Source(str(path), "bomb.csv.gz")).read()) == 2 * MB
    for members in ([9 * MB], [MB // 2] * 18):
        path.write_bytes(b"".join(gzip.compress(b"a" * size) for size in members))
        with pytest.raises(InputError, match=r"bomb\.csv\.gz: more than [456] MB once unpacked need [456] MB"):
            open_content(Source(str(path), "bomb.csv.gz"))


def test_zstd_that_says_no_size_is_unpacked_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes that hold a gigabyte are refused by the time that a few steps of them are there."""
    path = tmp_path / "bomb.csv.zst"
    packer = zstd.ZstdCompressor()
    path.write_bytes(b"".join([*(packer.compress(b"a" * MB) for _ in range(1024)), packer.flush()]))
    monkeypatch.setattr(memory, "free_memory", lambda: 50 * MB)
    with pytest.raises(InputError, match=r"bomb\.csv\.zst: more than (64|68) MB once unpacked"):
        open_content(Source(str(path), "bomb.csv.zst"))


PACKERS = {
    "gz": gzip.compress,
    "zst": zstd.compress,
}


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("read", [3, 1000, 1 << 20])
@pytest.mark.parametrize("member", [1, 37, 100_000])
def test_members_and_steps_of_any_size_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, read: int, member: int
) -> None:
    monkeypatch.setattr(content, "READ", read)
    pack: Any = PACKERS[kind]
    text = GOOD.encode()[: 2000 if member == 1 else None].replace(b"\n", b"\r\n")
    packed = b"".join(pack(text[i : i + member]) for i in range(0, len(text), member))
    path = tmp_path / f"log.csv.{kind}"
    for padded in (packed, packed + bytes(700)):
        path.write_bytes(padded)
        assert open_content(Source(str(path), "log")).read() == text
    path.write_bytes(packed[:-3])
    with pytest.raises(InputError, match="data end too early"):
        open_content(Source(str(path), "log"))
    path.write_bytes(packed + b"more")
    with pytest.raises(InputError, match=r"data (are damaged|end too early)"):
        open_content(Source(str(path), "log"))


def test_many_members_take_time_in_proportion(tmp_path: Path) -> None:
    """Processor time of four times as many: below ten times as much; copies of what follows would make it sixteen."""
    path, taken = tmp_path / "log.csv.gz", []
    one = gzip.compress(GOOD.encode()[:300], 1)
    for members in (20_000, 80_000):
        path.write_bytes(one * members)
        start = time.process_time()
        open_content(Source(str(path), "log"))
        taken.append(time.process_time() - start)
    assert taken[1] < 10 * taken[0]


def test_what_is_free_is_the_least_of_machine_groups_and_own_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MEMINFO", "OWN_SIZE", "OWN_GROUPS"):
        monkeypatch.setattr(free_memory, name, tmp_path / name)
    monkeypatch.setattr(free_memory, "GROUPS", tmp_path)
    monkeypatch.setattr(free_memory, "address_space", lambda: None)
    assert free_memory.free_memory() is None
    memory.check_bytes("x", b"", 1 << 60)
    (tmp_path / "MEMINFO").write_text("MemTotal: 900 kB\nMemAvailable:   500 kB\n")
    assert free_memory.free_memory() == 500 << 10
    write_group(tmp_path, "max", "1000", "anon 5\ninactive_file 300")
    assert free_memory.free_memory() == 500 << 10
    assert not free_memory.is_limited()
    (tmp_path / "memory.max").write_text("2000\n")
    assert free_memory.free_memory() == 1300
    assert free_memory.is_limited()
    (tmp_path / "OWN_GROUPS").write_text("0::/jobs/night\n")
    write_group(tmp_path / "jobs" / "night", "max", "900", "inactive_file 100")
    write_group(tmp_path / "jobs", "1500", "900", "inactive_file 100")
    assert free_memory.free_memory() == 700
    (tmp_path / "OWN_GROUPS").write_text("4:memory:/host/name\n1:cpu:/\n")
    (tmp_path / "memory").mkdir()
    for name, text in (("limit_in_bytes", "5000"), ("usage_in_bytes", "4600"), ("stat", "total_inactive_file 200")):
        (tmp_path / "memory" / f"memory.{name}").write_text(text + "\n")
    assert free_memory.free_memory() == 600
    monkeypatch.setattr(free_memory, "address_space", lambda: 10 * 4096)
    (tmp_path / "OWN_SIZE").write_text("9 8 7\n")
    assert free_memory.free_memory() == 600
    (tmp_path / "OWN_SIZE").write_text("11 8 7\n")
    assert free_memory.free_memory() == 0


def write_group(folder: Path, most: str, used: str, stats: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("max", most), ("current", used), ("stat", stats)):
        (folder / f"memory.{name}").write_text(text + "\n")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such devices here")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_a_device_without_end_is_not_read_to_its_end(clv: Clv, device: str) -> None:
    done = clv("score", device, "-o", "x.csv", timeout=60)
    assert done.code == 3
    assert len(done.err.strip().splitlines()) == 1
