"""Files that come with the tool: presets and sample data, in the installed package or in the checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """The folder `configs` or `sample_data`. Raises FileNotFoundError when the installation lacks it."""
    for place in (PACKAGE / folder, PACKAGE.parent / folder):
        if place.is_dir():
            return place
    raise FileNotFoundError(folder)
