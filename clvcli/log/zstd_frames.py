"""Frames of zstd, which packs without bound: some MB at a time."""

import sys
from collections.abc import Iterator

from clvcli.log.unpack import DamagedError, Part

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_UNPACKED = 1 << 22


class Frame(Part):
    """One frame of zstd data."""

    def __init__(self) -> None:
        self.inner = zstd.ZstdDecompressor()

    def parts(self, data: "memoryview[int]") -> Iterator[bytes]:
        """What the next bytes of it hold."""
        try:
            yield self.inner.decompress(data, MOST_UNPACKED)
            while not (self.inner.eof or self.inner.needs_input):
                yield self.inner.decompress(b"", MOST_UNPACKED)
        except zstd.ZstdError:
            raise DamagedError("are damaged") from None
