"""A night of `clv run` on the terminal: what each step brought and how each gate went. Computes nothing."""

from rich.console import Group
from rich.text import Text

from clvcli.commands.nightly.gates import FAILED, SKIPPED
from clvcli.commands.nightly.job import Finished

STYLES = {FAILED: "red", SKIPPED: "dim"}


def page(done: Finished) -> Group:
    """The folder, then a line a step and a line a gate."""
    head = f"{done.folder}" + (f", against {done.against}" if done.against else "")
    steps = [Text(f"  {name}: {text}") for name, text in done.steps]
    gates = [Text(f"  gate {g.name}: {g.status}: {g.text}", STYLES.get(g.status, "")) for g in done.gates]
    return Group(Text(head, "bold"), *steps, *gates)
