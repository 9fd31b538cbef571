"""Memory, looked at before it runs out: a run that the kernel kills says nothing. Refuses what certainly is too much.

Where /proc does not say what is free (other systems than Linux) nothing is refused.
"""

from collections.abc import Iterable
from pathlib import Path

from clvcli.core.errors import InputError

BYTES_A_RECORD = 50
"""A record of id, day and amount while it is grouped, at the least; measured 110 on 6 million records."""
STEP = 1 << 28
"""Bytes taken at a time of what has no size beforehand."""
HINT = "split the log by customer, or use --engine spark"
_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Bytes that this process may still take: of the machine, or of its control group where that allows less."""
    found = [free for free in (_of_machine(), _of_group()) if free is not None]
    return min(found) if found else None


def _of_machine() -> int | None:
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    kilobytes = (int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    return next((n << 10 for n in kilobytes), None)


def _of_group() -> int | None:
    """What version 2 of control groups says; the cache of files gives way."""
    try:
        most, used = (_GROUP / "memory.max").read_text().strip(), int((_GROUP / "memory.current").read_text())
        stats = dict(line.split() for line in (_GROUP / "memory.stat").read_text().splitlines())
        return max(0, int(most) - used + int(stats.get("inactive_file", 0))) if most != "max" else None
    except (OSError, ValueError):
        return None


def check_records(name: str, head: bytes, size: int) -> None:
    """Refuses a plain text of `size` bytes whose records, as long as those of its `head`, cannot fit."""
    lines = head.count(b"\n") + head.count(b"\r") - head.count(b"\r\n")
    records = size * lines // max(len(head), 1)
    _check(records * BYTES_A_RECORD, f"{name}: about {records:,} records")


def check_bytes(name: str, size: int) -> None:
    """Refuses bytes of which `size` are held and no end is seen: as many again must fit, to put them together."""
    _check(size, f"{name}: more than {size >> 20:,} MB once unpacked")


def zstd_size(packed: bytes) -> int:
    """Unpacked size that the first frame of zstd data declares (RFC 8878, 3.1.1.1); 0 where it does not."""
    if len(packed) < 6:
        return 0
    flag, single = packed[4] >> 6, packed[4] >> 5 & 1
    width = (single, 2, 4, 8)[flag]
    start = 5 + (1 - single) + (0, 1, 2, 4)[packed[4] & 3]
    return int.from_bytes(packed[start : start + width], "little") + (256 if width == 2 else 0)


def _check(needed: int, what: str) -> None:
    free = free_memory()
    if free is not None and needed > free:
        raise InputError(f"{what} need {needed >> 20:,} MB of memory at least, {free >> 20:,} MB are free", hint=HINT)


def joined(name: str, parts: Iterable[bytes]) -> bytes:
    """Bytes that come in parts, as long as there is memory for them."""
    found: list[bytes] = []
    held = checked = 0
    for part in parts:
        found.append(part)
        held += len(part)
        if held - checked >= STEP:
            check_bytes(name, held)
            checked = held
    return b"".join(found)
