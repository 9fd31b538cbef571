"""Customer ids in the styles that exports have."""

import io

import numpy as np
import polars as pl

from clvcli.commands.simulate.population import BESIDE, stream

STYLES = ("code", "integer", "uuid")


def make_ids(count: int, style: str, seed: int) -> pl.Series:
    """`count` distinct ids in ascending order of the customer: C0000001, 1, or random UUIDs (version 4). Text."""
    if style == "uuid":
        return _uuids(count, seed)
    numbers = pl.int_range(1, count + 1, eager=True, dtype=pl.Int64).cast(pl.String)
    if style == "code":
        numbers = "C" + numbers.str.zfill(7)
    return numbers.alias("customer_id")


def _uuids(count: int, seed: int) -> pl.Series:
    """36 characters each; drawn as bytes and spelled all at once."""
    drawn = np.frombuffer(stream(seed, BESIDE).bytes(16 * count), np.uint8).reshape(count, 16).copy()
    drawn[:, 6] = drawn[:, 6] & 0x0F | 0x40
    drawn[:, 8] = drawn[:, 8] & 0x3F | 0x80
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    spelled = np.empty((count, 32), np.uint8)
    spelled[:, 0::2], spelled[:, 1::2] = digits[drawn >> 4], digits[drawn & 15]
    dash = np.full((count, 1), ord("-"), np.uint8)
    end = np.full((count, 1), ord("\n"), np.uint8)
    parts = [spelled[:, :8], dash, spelled[:, 8:12], dash, spelled[:, 12:16], dash, spelled[:, 16:20], dash]
    lines = np.hstack([*parts, spelled[:, 20:], end]).tobytes()
    if not lines:
        return pl.Series("customer_id", [], dtype=pl.String)
    return pl.read_csv(io.BytesIO(lines), has_header=False, schema={"customer_id": pl.String})["customer_id"]
