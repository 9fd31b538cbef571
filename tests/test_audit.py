"""`make audit` against a local copy of the advisory database: made-up advisories, one for each shape of a range."""

from pathlib import Path

import pytest
from audit import audit

HEAD = """\
id: {id}
published: '2026-03-0{day}T00:00:00Z'
aliases: [CVE-2026-1]
{more}affected:
- package: {{name: Some.Package}}
"""
RANGE = "  ranges:\n  - type: {type}\n    events: {events}\n"


def advisory(folder: Path, events: str, *, kind: str = "ECOSYSTEM", more: str = "", listed: str = "") -> None:
    """Writes one advisory on some-package."""
    place = folder / "vulns" / "some-package"
    place.mkdir(parents=True, exist_ok=True)
    number = len(list(place.iterdir())) + 1
    text = HEAD.format(id=f"PYSEC-{number}", day=number, more=more) + RANGE.format(type=kind, events=events)
    (place / f"PYSEC-{number}.yaml").write_text(text + (f"  versions: [{listed}]\n" if listed else ""))


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ("[introduced: '0', fixed: 2.10.0]", ["2.9.9", "0.1", "2.10.0rc1"], ["2.10.0", "2.10.1", "3"]),
        ("[introduced: '0']", ["0.1", "99"], []),
        ("[introduced: '2', last_affected: '2.5']", ["2", "2.5", "2.0.1"], ["1.9", "2.5.1"]),
        ("[{introduced: '0'}, {fixed: '1.1'}, {introduced: '2.0'}, {fixed: '2.1'}]", ["1.0", "2.0"], ["1.1", "2.1"]),
        ("[{introduced: '2.0'}, {fixed: '2.1'}, {introduced: '0'}, {fixed: '1.1'}]", ["1.0", "2.0"], ["1.1", "2.1"]),
    ],
)
def test_ranges(events: str, inside: list[str], outside: list[str], tmp_path: Path) -> None:
    advisory(tmp_path, events)
    for versions, wanted in ((inside, 1), (outside, 0)):
        for version in versions:
            assert len(audit(tmp_path, {"some-package": version}).affecting) == wanted, version


def test_a_listed_version_counts_and_commits_do_not(tmp_path: Path) -> None:
    advisory(tmp_path, "[introduced: '0']", kind="GIT", listed="1.0, '1.1'")
    assert audit(tmp_path, {"some-package": "1.1"}).affecting == ["some-package 1.1: PYSEC-1 CVE-2026-1"]
    assert audit(tmp_path, {"some-package": "1.2"}).affecting == []


def test_counts_and_reach(tmp_path: Path) -> None:
    """What is withdrawn does not count; what is known and fixed does."""
    advisory(tmp_path, "[introduced: '0', fixed: '1.0']")
    advisory(tmp_path, "[introduced: '0']", more="withdrawn: 2026-01-01\n")
    found = audit(tmp_path, {"some-package": "2.0", "other": "1.0"})
    assert (found.packages, len(found.known), found.affecting, found.reach) == (2, 1, [], "2026-03-02")


def test_another_folder_is_no_clean_bill(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no copy of pypa/advisory-database"):
        audit(tmp_path, {"some-package": "1.0"})


def test_an_advisory_in_another_schema_is_an_error(tmp_path: Path) -> None:
    advisory(tmp_path, "[introduced: '0']")
    path = tmp_path / "vulns" / "some-package" / "PYSEC-1.yaml"
    path.write_text(path.read_text().replace("affected:", "affects:"))
    with pytest.raises(ValueError, match="PYSEC-1 of some-package says nothing"):
        audit(tmp_path, {"some-package": "1.0"})
