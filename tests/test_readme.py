"""The README shows what the command really says."""

from pathlib import Path

import readme


def test_the_generated_parts_are_up_to_date() -> None:
    text = (Path(readme.ROOT) / "README.md").read_text(encoding="utf-8")
    assert readme.BLOCK.search(text)
    assert readme.generated(text) == text, "run: make readme"
