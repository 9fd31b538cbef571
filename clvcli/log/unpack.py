"""gzip and zstd in steps: time grows with the bytes, however many members there are, and a bomb is seen before it
bursts."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

LEAST, MOST = 1 << 12, 1 << 16
"""Packed bytes taken at a time: what is left behind the end of a member is copied, so few where it begins. 64 KB hold
66 MB of gzip at most."""
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class DamagedError(Exception):
    """What is wrong with packed data, like `are damaged`."""


class Part:
    """One member of gzip data, or one frame of zstd data; `inner`: as its library unpacks it."""

    inner: Any

    def parts(self, data: "memoryview[int]") -> Iterator[bytes]:
        """What the next bytes of it hold. Raises DamagedError."""
        raise NotImplementedError


class Member(Part):
    """One member of gzip data."""

    def __init__(self) -> None:
        self.inner = zlib.decompressobj(wbits=31)

    def parts(self, data: "memoryview[int]") -> Iterator[bytes]:
        """What the next bytes of it hold."""
        try:
            yield self.inner.decompress(data)
        except zlib.error:
            raise DamagedError("are damaged") from None


def compression_of(head: bytes) -> str | None:
    """`gz`, `zst` or None, by the first bytes."""
    return "gz" if head.startswith(GZIP) else "zst" if head.startswith(ZSTD) else None


def unpacked(compression: str, packed: Iterable[bytes]) -> Iterator[bytes]:
    """The text of packed data, which come in parts. Zeros between and behind members are padding.

    Raises DamagedError, also for data cut short: their last records would be missing in silence.
    """
    new: type[Part] = Member if compression == "gz" else _frame()
    member: Part | None = None
    step = LEAST
    for part in packed:
        view = memoryview(part)
        while view:
            if member is None or member.inner.eof:
                view = view[_padding(view) :]
                if not view:
                    break
                member, step = new(), LEAST
            taken = view[:step]
            yield from member.parts(taken)
            view = view[len(taken) - len(member.inner.unused_data) :]
            step = min(2 * step, MOST)
    if member is None or not member.inner.eof:
        raise DamagedError("end too early")


def _frame() -> type[Part]:
    from clvcli.log.zstd_frames import Frame

    return Frame


def _padding(view: "memoryview[int]") -> int:
    """Count zeros at the start of the bytes."""
    return 0 if view[0] else len(view) - len(bytes(view).lstrip(b"\0"))
