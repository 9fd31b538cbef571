"""The limit on address space, looked at before native code meets it: that code dies without a word of ours."""

import os

from clvcli.core.errors import InputError

_BASE, _PER_CPU = 1024, 256  # MB that an empty run maps: measured 1.2 GB on two processors; threads map arenas


def check_address_space() -> None:
    """Raises InputError when `ulimit -v` leaves less than a run needs before it has read anything."""
    try:
        import resource
    except ImportError:
        return
    soft = min(limit for limit in map(_soft, (resource.RLIMIT_AS, resource.RLIMIT_DATA)))
    needed = _BASE + _PER_CPU * (os.cpu_count() or 1)
    if soft < needed << 20:
        raise InputError(
            f"memory is limited to {soft >> 20} MB of address space, about {needed} MB are needed",
            "ulimit -v unlimited, or a higher limit",
        )


def _soft(kind: int) -> int:
    import resource

    soft = resource.getrlimit(kind)[0]
    return 1 << 62 if soft == resource.RLIM_INFINITY else soft
