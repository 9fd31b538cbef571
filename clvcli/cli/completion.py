"""Completion in bash, zsh and fish: how a shell gets it, and what it offers for the values of options."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clvcli.core.errors import OutputError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHELLS = {
    "bash": ("~/.bashrc", 'eval "$(_CLV_COMPLETE=bash_source clv)"'),
    "zsh": ("~/.zshrc", 'eval "$(_CLV_COMPLETE=zsh_source clv)"'),
    "fish": ("~/.config/fish/completions/clv.fish", "_CLV_COMPLETE=fish_source clv | source"),
}
"""Shell -> the file that it reads when it starts, and the line that file needs."""


def install(shell: str) -> str:
    """Adds the line to the start file of the shell, once, and says so. `auto` is the shell of this session.

    Raises UsageError for a shell that has no completion here, OutputError for a file that cannot be written.
    """
    name = Path(os.environ.get("SHELL", "")).name if shell == "auto" else shell
    if name not in SHELLS:
        raise UsageError(
            f"--install-completion: no completion for the shell {name or '(none)'}", hint=" or ".join(SHELLS)
        )
    place, line = SHELLS[name]
    file = Path(place).expanduser()
    try:
        known = file.read_text(encoding="utf-8") if file.exists() else ""
        if line not in known:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8") as stream:
                stream.write(("" if not known or known.endswith("\n") else "\n") + line + "\n")
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror}", hint=f"add this line to it: {line}") from None
    return f"{file} completes clv from the next start of {name}"


def complete(kind: str, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
    """What may follow: `kind` is the metavar of the option."""
    from click.shell_completion import CompletionItem

    words: list[str] = []
    if "PRESET" in kind or kind == "RULES":
        from clvcli.core.resources import shipped

        words += sorted(path.stem for path in shipped("configs").glob("*.yaml"))
    if kind.startswith("NAME|auto"):
        words += [*_models(), "auto"]
    if "COLUMN" in kind:
        words += _columns_of([*(ctx.params.get("data") or ()), *ctx.args])
    if kind == "STAGE":
        words += _stages(str(ctx.params.get("rules") or "rfm-lifecycle"))
    if kind.startswith("[TOPIC"):
        from clvcli.cli.help_texts import names

        words += names()
    items = [CompletionItem(word) for word in words if word.startswith(incomplete)]
    if kind.startswith(("FILE", "DATA", "SCORED", "OLD", "NEW", "RULES", "[DATA")):
        items.append(CompletionItem(incomplete, type="file"))
    return items + ([CompletionItem(incomplete, type="dir")] if kind.startswith("DIR") else [])


def _models() -> list[str]:
    """The files of the folder of purchase models, which are their names."""
    folder = Path(__file__).resolve().parents[1] / "models" / "purchase"
    return sorted(path.stem.replace("_", "-") for path in folder.glob("[a-z]*.py") if path.stem != "base")


def _stages(name: str) -> list[str]:
    from clvcli.lifecycle.load import load_rules

    rules = load_rules(name)
    return [*(stage.stage for stage in rules.stages), rules.otherwise.stage]


def _columns_of(data: Sequence[str]) -> list[str]:
    """The names in the first line of the first file that was typed, where it is a CSV of plain text."""
    first = next((path for path in data if os.path.isfile(path)), None)
    if first is None:
        return []
    with Path(first).open("rb") as stream:
        head = stream.read(65_536).partition(b"\n")[0]
    try:
        text = head.decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        return []
    separator = max(",;\t|", key=text.count)
    return [name.strip().strip('"') for name in text.split(separator)] if text.isprintable() or "\t" in text else []


def option() -> click.Option:
    """`--install-completion [SHELL]` of clv itself."""

    def act(ctx: click.Context, _param: click.Parameter, shell: str | None) -> None:
        if shell and not ctx.resilient_parsing:
            sys.stdout.write(install(shell) + "\n")
            ctx.exit()

    return click.Option(
        ["--install-completion"], is_flag=False, flag_value="auto", expose_value=False, is_eager=True, callback=act,
        metavar="[bash|zsh|fish]", help="Complete commands, options and values in your shell.",
    )  # fmt: skip
