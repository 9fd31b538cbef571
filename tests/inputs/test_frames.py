"""Data frames as DATA: the same log as from CSV, whatever library holds them."""

import io
from datetime import date

import polars as pl
import pytest

from clvcli.core.errors import InputError
from clvcli.core.options import LogOptions
from clvcli.log.inputs.frames import Frame, is_frame
from clvcli.log.read import Log, read_log

CSV = """customer_id,date,amount,note
007,2024-01-05 10:30:00,12.50,a
8,2024-02-06 00:00:00,3,
8,2024-02-07 00:00:00,-3,b
007,2024-03-01 23:59:59,1.25,c
"""


def read(*data: str) -> Log:
    return read_log(LogOptions(data=data), date(2024, 12, 31), keep=("note",))


@pytest.fixture
def from_csv(tmp_path_factory: pytest.TempPathFactory) -> Log:
    path = tmp_path_factory.mktemp("csv") / "log.csv"
    path.write_text(CSV)
    return read(str(path))


def typed() -> pl.DataFrame:
    return pl.read_csv(io.StringIO(CSV), schema_overrides={"customer_id": pl.String}, try_parse_dates=True)


def same(one: Log, other: Log) -> None:
    assert one.purchases.equals(other.purchases)
    assert one.attributes is not None
    assert other.attributes is not None
    assert one.attributes.equals(other.attributes)
    assert one.quality.read == other.quality.read
    assert one.quality.excluded == other.quality.excluded


def test_polars(from_csv: Log) -> None:
    assert typed().schema["date"] == pl.Datetime("us")
    same(from_csv, read(Frame(typed())))
    same(from_csv, read(Frame(typed().lazy())))


def test_two_frames_are_one_log(from_csv: Log) -> None:
    same(from_csv, read(Frame(typed().head(2)), Frame(typed().tail(2))))


def test_pandas(from_csv: Log) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(io.StringIO(CSV), dtype={"customer_id": str}, parse_dates=["date"])
    same(from_csv, read(Frame(frame)))
    same(from_csv, read(Frame(frame.set_index("customer_id"))))


def test_whole_numbers_with_gaps_stay_whole() -> None:
    """pandas makes them floats: 17850 must not become the id 17850.0."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"customer_id": [17850, None, 3], "date": ["2024-01-01"] * 3, "amount": [1.5, 2, 3]})
    assert Frame(frame).table["customer_id"].to_list() == [17850, None, 3]
    assert Frame(frame).table.schema["customer_id"] == pl.Int64
    mixed = pandas.DataFrame({"id": pandas.Series(["a", 7, 8.0, None], dtype=object)})
    assert Frame(mixed).table["id"].to_list() == ["a", "7", "8", None]


def test_pandas_keeps_moments_with_a_zone() -> None:
    pandas = pytest.importorskip("pandas")
    moments = pandas.to_datetime(["2024-01-01 23:30", None]).tz_localize("America/New_York")
    found = Frame(pandas.DataFrame({"date": moments})).table["date"]
    assert found.dtype == pl.Datetime("us", "UTC")
    assert str(found[0]) == "2024-01-02 04:30:00+00:00"
    assert found[1] is None


def test_arrow(from_csv: Log) -> None:
    class Table:
        """Nothing but the interface."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return typed().__arrow_c_stream__(requested_schema)

    assert is_frame(Table())
    same(from_csv, read(Frame(Table())))


def test_what_is_no_frame() -> None:
    assert not is_frame([1, 2])
    with pytest.raises(InputError, match="list is no data frame"):
        Frame([1, 2])
    with pytest.raises(InputError, match="sales: has columns but no records"):
        read(Frame(pl.DataFrame(schema={"customer_id": pl.String}), "sales"))
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match="the column a appears twice"):
        Frame(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
