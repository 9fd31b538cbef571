"""Memory, looked at before it runs out: a run that the kernel kills says nothing. Refuses what certainly is too much.

Where /proc does not say what is free (other systems than Linux) nothing is refused.
"""

from collections.abc import Iterable

from clvcli.core.errors import InputError
from clvcli.core.free_memory import free_memory
from clvcli.core.language import marked

BYTES_A_RECORD = 50
"""A record of id, day and amount while it is grouped, at the least; measured 110 on 6 million records."""
STEP = 1 << 25
"""Bytes between two looks, of what has no size beforehand."""
HEAD = 1 << 16
HINT = marked("split the log by customer, or use --engine spark")


def check_records(name: str, head: bytes, size: int) -> None:
    """Refuses a plain text of `size` bytes whose records, as long as those of its `head`, cannot fit."""
    records = _records(head, size)
    _check(records * BYTES_A_RECORD, f"{name}: about {records:,} records")


def check_bytes(name: str, head: bytes, size: int) -> None:
    """Refuses bytes of which `size` are held and no end is seen: as many again must fit, to put them together, and the
    records that they hold."""
    _check(size + _records(head, size) * BYTES_A_RECORD, f"{name}: more than {size >> 20:,} MB once unpacked")


def _records(head: bytes, size: int) -> int:
    """Number of records in all, if they are as long as those of the head."""
    lines = head.count(b"\n") + head.count(b"\r") - head.count(b"\r\n")
    return size * lines // max(len(head), 1)


def _check(needed: int, what: str) -> None:
    free = free_memory()
    if free is not None and needed > free:
        raise InputError(
            marked(
                "{what} need {needed} MB of memory at least, {free} MB are free",
                what=what,
                needed=f"{needed >> 20:,}",
                free=f"{free >> 20:,}",
            ),
            hint=HINT,
            code="not_enough_memory",
        )


def joined(name: str, parts: Iterable[bytes]) -> bytes:
    """Bytes that come in parts, as long as there is memory for them."""
    found: list[bytes] = []
    held = checked = 0
    for part in parts:
        found.append(part)
        held += len(part)
        if held - checked >= STEP:
            check_bytes(name, found[0][:HEAD], held)
            checked = held
    return b"".join(found)
