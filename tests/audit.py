"""`make audit ADVISORIES=folder`: the packages of this environment against a local copy of the PyPI advisory database.

The folder is a checkout of pypa/advisory-database: vulns/PACKAGE/ID.yaml in the OSV schema, https://ossf.github.io/osv-schema
"""

import argparse
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version


@dataclass(frozen=True)
class Audit:
    """What was found: advisories on packages of the environment, and those among them that affect its versions."""

    packages: int
    known: list[str]
    affecting: list[str]
    reach: str
    """The newest day in the database, ISO."""


def audit(folder: Path, held: dict[str, str]) -> Audit:
    """Holds `held`, versions by canonical name, against the database.

    ValueError when the folder holds none, or an advisory that is not in the OSV schema.
    """
    dates = [d for p in folder.glob("vulns/*/*.yaml") for d in re.findall(DATE, p.read_text("utf-8"), re.MULTILINE)]
    if not dates:
        raise ValueError(f"{folder} holds no vulns/PACKAGE/ID.yaml: it is no copy of pypa/advisory-database")
    known, affecting = [], []
    for name, version in sorted(held.items()):
        for path in sorted((folder / "vulns" / name).glob("*.yaml")):
            advisory = yaml.safe_load(path.read_text("utf-8"))
            if advisory.get("withdrawn"):
                continue
            line = f"{name} {version}: {advisory['id']} {' '.join(advisory.get('aliases', []))}".rstrip()
            known.append(line)
            if any(affects(entry, Version(version)) for entry in _entries(advisory, name)):
                affecting.append(line)
    return Audit(len(held), known, affecting, max(dates))


DATE = r"^(?:published|modified): *[\"']?(\d{4}-\d\d-\d\d)"


def affects(entry: dict[str, Any], version: Version) -> bool:
    """Whether an OSV `affected` entry holds the version: listed, or inside a range of releases (not of commits)."""
    if str(version) in {str(v) for v in entry.get("versions", [])}:
        return True
    return any(_inside(r, version) for r in entry.get("ranges", []) if r["type"] == "ECOSYSTEM")


def _inside(span: dict[str, Any], version: Version) -> bool:
    """By the events in order of their versions: the last one at or before the version says."""
    inside = False
    for event in sorted(span["events"], key=lambda e: Version(str(next(iter(e.values()))))):
        ((kind, value),) = event.items()
        bound = Version(str(value))
        if version > bound or (version == bound and kind != "last_affected"):
            inside = kind == "introduced"
    return inside


def _entries(advisory: dict[str, Any], name: str) -> list[dict[str, Any]]:
    if "affected" not in advisory:
        raise ValueError(f"{advisory.get('id')} of {name} says nothing of what it affects: it is not in the OSV schema")
    return [e for e in advisory["affected"] if canonicalize_name(e["package"]["name"]) == name]


def main() -> int:
    """Prints what affects and what was looked at; 1 when something affects."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    held: dict[str, str] = {
        canonicalize_name(d.name): d.version for d in metadata.distributions() if d.name != "clvcli"
    }
    try:
        found = audit(parser.parse_args().folder, held)
    except ValueError as e:
        parser.error(str(e))
    for line in found.affecting:
        sys.stdout.write(f"AFFECTED {line}\n")
    counts = f"{len(found.known)} advisories on them, {len(found.affecting)} that affect their versions"
    sys.stdout.write(f"{found.packages} packages, {counts}; the database reaches to {found.reach}\n")
    return 1 if found.affecting else 0


if __name__ == "__main__":
    sys.exit(main())
