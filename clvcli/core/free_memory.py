"""How much memory this process may still take: of the machine, of its control groups, of its own limits.

Where the system does not say (others than Linux) nothing is known of it.
"""

from collections.abc import Iterator
from pathlib import Path

MEMINFO, OWN_SIZE, OWN_GROUPS = Path("/proc/meminfo"), Path("/proc/self/statm"), Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
PAGE = 4096
ENDLESS = 1 << 60
"""A limit beyond it is none: version 1 of control groups writes the largest number of pages."""


def free_memory() -> int | None:
    """Bytes, the least of what is known."""
    found = [free for free in (_of_machine(), _of_groups(), _of_address_space()) if free is not None]
    return min(found) if found else None


def is_limited() -> bool:
    """Whether this process may have less than the machine, so that taking more ends it without a word."""
    return _of_address_space() is not None or _of_groups() is not None


def address_space() -> int | None:
    """The limit on it (ulimit -v, ulimit -d) in bytes; None where there is none."""
    try:
        import resource
    except ImportError:
        return None
    limits = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA))
    return min((limit for limit in limits if 0 <= limit < ENDLESS), default=None)


def _of_machine() -> int | None:
    try:
        lines = MEMINFO.read_text().splitlines()
    except OSError:
        return None
    kilobytes = (int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    return next((n << 10 for n in kilobytes), None)


def _of_address_space() -> int | None:
    limit = address_space()
    if limit is None:
        return None
    try:
        return max(0, limit - int(OWN_SIZE.read_text().split()[0]) * PAGE)
    except (OSError, ValueError, IndexError):
        return limit


def _of_groups() -> int | None:
    """The least that any group around this process has left; the cache of files gives way."""
    found = []
    for folder in _groups():
        for most, used, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            try:
                limit = int((folder / most).read_text())
                if limit < ENDLESS:
                    stats = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
                    found.append(max(0, limit - int((folder / used).read_text()) + int(stats.get(cache, 0))))
            except (OSError, ValueError):
                continue
    return min(found, default=None)


def _groups() -> Iterator[Path]:
    """The group of this process and those around it, in version 1 and 2. Within a container only what stands at the top
    may be there to see."""
    try:
        lines = OWN_GROUPS.read_text().splitlines()
    except OSError:
        lines = []
    for line in lines or ["0::/"]:
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        if number == "0" or "memory" in kinds.split(","):
            top = GROUPS / "memory" if number != "0" else GROUPS
            here = top / path.lstrip("/")
            yield from (folder for folder in (here, *here.parents) if folder.is_relative_to(top))
