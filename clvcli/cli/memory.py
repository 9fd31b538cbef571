"""The limit on address space, looked at before native code meets it: that code aborts without a message."""

import os

from clvcli.core.errors import InputError
from clvcli.core.free_memory import address_space
from clvcli.core.language import marked

_BASE, _PER_CPU = 1024, 256  # MB that an empty run maps: measured 1.2 GB on two processors; threads map arenas
_SIGNS = ("memory", "allocat", "os error 11", "os error 12", "code: 11,", "code: 12,", "start new thread", "spawn")
"""What native code says when it gets no memory, or no thread for want of it."""


def check_address_space() -> None:
    """Raises InputError when `ulimit -v` leaves less than a run needs before it has read anything."""
    limit = address_space()
    needed = _BASE + _PER_CPU * (os.cpu_count() or 1)
    if limit is not None and limit < needed << 20:
        raise InputError(
            marked(
                "memory is limited to {limit} MB of address space, about {needed} MB are needed",
                limit=limit >> 20,
                needed=needed,
            ),
            "ulimit -v unlimited, or a higher limit",
            code="not_enough_memory",
        )


def is_want_of_memory(error: BaseException) -> bool:
    """Whether an error, of whatever class, says that memory ran out."""
    return isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in _SIGNS)
