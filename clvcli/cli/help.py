"""`clv help`: a topic, a command, a warning, a column, an option, a stage, an exit code, or a search through them."""

import difflib
import sys

from clvcli.cli.console import Console
from clvcli.core.errors import UsageError
from clvcli.core.language import marked
from clvcli.core.options import HelpOptions


def run(options: HelpOptions, console: Console) -> None:
    """Shows what the words name. Raises UsageError when nothing is called so."""
    from clvcli.cli import help_texts

    words = " ".join(options.words).strip()
    if not words:
        text = help_texts.contents()
    elif options.words[0] == "search" and len(options.words) > 1:
        found = help_texts.search(options.words[1:])
        if not found:
            raise UsageError(
                marked("no help mentions {words}", words=" ".join(options.words[1:])), hint="clv help lists the topics"
            )
        text = found
    elif words == "man":
        sys.stdout.write(help_texts.manual())
        return
    else:
        exact = help_texts.entry(words)
        if exact is None:
            near = difflib.get_close_matches(words, help_texts.names(), 1)
            hint = f"clv help {near[0]}" if near else f"clv help search {words}"
            raise UsageError(marked("no help on {words}", words=words), hint=hint)
        text = exact
    if sys.stdout.isatty():
        from rich.markdown import Markdown

        console.page(Markdown(text, code_theme="ansi_dark"))
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()
