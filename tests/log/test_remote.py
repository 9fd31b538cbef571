"""Addresses: what a server sends is read as a file is; one that is silent, broken or refuses ends in one line."""

import gzip
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest
from conftest import GOOD, Clv

from clvcli.core.errors import InputError
from clvcli.log import remote


@contextmanager
def served(*answers: tuple[int, bytes, int]) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that gives these (status, body, bytes more than it sends) in turn, the last again; and
    what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body, more = answers[min(len(asked), len(answers)) - 1]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + more))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/log", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PAUSE", 0.01)


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.read_csv(GOOD.encode()).write_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize("body", [GOOD.encode(), gzip.compress(GOOD.encode()), parquet()], ids=["csv", "gz", "parquet"])
def test_an_address_is_read_as_a_file_is(clv: Clv, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "log.csv").write_text(GOOD)
    assert clv("score", "log.csv", "-o", "a.csv", "-q").code == 0
    with served((200, body, 0)) as (address, asked):
        done = clv("score", address, "-o", "b.csv", "-q")
    assert (done.code, done.err, asked) == (0, "", ["/log"])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_server_that_recovers_is_asked_again_and_that_is_told(clv: Clv) -> None:
    with served((503, b"", 0), (200, GOOD.encode()[:900], 5), (200, GOOD.encode(), 0)) as (address, asked):
        done = clv("score", address, "-o", "b.csv")
    assert done.code == 0
    assert len(asked) == 3
    assert "did not answer 2 times, then it did" in done.err.replace("\n", " ")


@pytest.mark.parametrize(("status", "times"), [(404, 1), (403, 1), (500, 3)])
def test_a_server_that_refuses(clv: Clv, status: int, times: int) -> None:
    with served((status, b"no", 0)) as (address, asked):
        done = clv("score", address, "-o", "b.csv", "-q")
    assert (done.code, len(asked)) == (3, times)
    assert str(status) in done.err
    assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ncustomer,da"])
def test_a_silent_server_is_given_up(clv: Clv, says: bytes) -> None:
    """Before its first byte, and in the middle: three times a fifth of a second."""
    kept = []
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def answer() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                    kept[-1].sendall(says)
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        start = time.monotonic()
        done = clv("score", f"http://127.0.0.1:{server.getsockname()[1]}/x.csv", "-q", "--timeout", "0.2")
        assert time.monotonic() - start < 60
    for one in kept:
        one.close()
    assert done.code == 3
    assert "no answer within 0.2 seconds" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_native_code_is_waited_for_with_an_end() -> None:
    assert remote.within(5, "x", lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        remote.within(5, "x", lambda: 1 // 0)
    with pytest.raises(InputError, match=r"x: no answer within 0\.05 seconds"):
        remote.within(0.05, "x", lambda: time.sleep(1))
