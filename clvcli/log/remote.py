"""Addresses on the network: read with an end to patience, so that a run of the night never hangs."""

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import TypeVar

from clvcli.core.errors import InputError
from clvcli.core.language import marked
from clvcli.log.memory import joined

TRIES, PAUSE = 3, 1.0
"""How often an address is asked, and seconds before the second time; twice as many before the third."""
READ = 1 << 20
T = TypeVar("T")


def fetched(name: str, address: str, patience: float) -> tuple[bytes, int]:
    """What a web address holds, and how often it had to be asked again. `patience`: seconds without a byte.

    Raises InputError. What the server refuses (status 400 to 499) is not asked for again.
    """
    for tried in range(TRIES):
        try:
            return joined(name, _parts(address, patience)), tried
        except urllib.error.HTTPError as problem:
            if problem.code < 500 or tried + 1 == TRIES:
                raise unreachable(name, problem) from None
        except (OSError, http.client.HTTPException, ValueError) as problem:
            if tried + 1 == TRIES or isinstance(problem, ValueError):
                raise _gave_up(name, problem, patience) from None
        time.sleep(PAUSE * 2**tried)
    raise AssertionError


def _parts(address: str, patience: float) -> Iterator[bytes]:
    request = urllib.request.Request(address, headers={"User-Agent": "clv", "Accept-Encoding": "identity"})
    with urllib.request.urlopen(request, timeout=patience) as answer:
        wanted, held = answer.headers.get("Content-Length"), 0
        while part := answer.read1(READ):
            held += len(part)
            yield part
        if wanted is not None and wanted.isdigit() and held < int(wanted):
            raise http.client.IncompleteRead(b"", int(wanted) - held)


def _gave_up(name: str, problem: Exception, patience: float) -> InputError:
    reason = getattr(problem, "reason", problem)
    if isinstance(reason, TimeoutError):
        return silent(name, patience)
    return unreachable(name, problem)


def within(patience: float, name: str, work: Callable[[], T]) -> T:
    """The result of `work`, which waits for the network in native code. Raises InputError when it takes longer than
    `patience` seconds, and leaves it to itself: nothing can end it."""
    done: list[T | BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as problem:
            done.append(problem)

    thread = threading.Thread(target=run, name="remote", daemon=True)
    thread.start()
    thread.join(patience)
    if not done:
        raise silent(name, patience)
    if isinstance(done[0], BaseException):
        raise done[0]
    return done[0]


def silent(name: str, patience: float) -> InputError:
    """What to say of an address that does not answer."""
    return InputError(
        marked("{place}: no answer within {patience} seconds", place=name, patience=f"{patience:g}"),
        hint="is the address right, the network up? --timeout SECONDS",
    )


def unreachable(name: str, problem: Exception) -> InputError:
    """What to say of an address that could not be read."""
    reason = str(problem).split("\n", 1)[0][:150]
    fetched = ""
    if name.startswith("http"):
        fetched = marked("; or fetch it first: curl -L {name}", name=name)
    return InputError(
        marked("{place}: cannot be read ({reason})", place=name, reason=reason),
        hint=marked("check the address and its rights{fetched}", fetched=fetched),
    )
