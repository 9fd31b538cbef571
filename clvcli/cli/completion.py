"""Completion in bash, zsh and fish: how a shell gets it, and what it offers for commands, options and their values."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from clvcli.cli.commands import COMMANDS, GROUPS, children
from clvcli.core.errors import OutputError, UsageError
from clvcli.core.language import marked
from clvcli.core.settings import OptionInfo, flags_of, kind_of, takes_value

INSTALL = "--install-completion"
SHELLS = {
    "bash": ("~/.bashrc", 'eval "$(_CLV_COMPLETE=bash_source clv)"'),
    "zsh": ("~/.zshrc", 'eval "$(_CLV_COMPLETE=zsh_source clv)"'),
    "fish": ("~/.config/fish/completions/clv.fish", "_CLV_COMPLETE=fish_source clv | source"),
}
"""Shell -> the file that it reads when it starts, and the line that file needs."""
OF_CLV = dict.fromkeys(("-V", "--version"), "Print the version.") | {
    INSTALL: "Complete commands, options and values in your shell."
}
HELP = dict.fromkeys(("-h", "--help"), "Show this message and exit.")
"""Flags that are no options of a command -> what they do."""
BASH = """\
_clv_completion() {
    local IFS=$'\\n' kind word
    COMPREPLY=()
    while IFS=, read -r kind word; do
        case $kind in
            plain) COMPREPLY+=("$word") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _CLV_COMPLETE=bash_complete $1)
}
complete -o nosort -F _clv_completion clv
"""
ZSH = """\
#compdef clv
_clv_completion() {
    local -a plain described answer
    local kind word told
    answer=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) _CLV_COMPLETE=zsh_complete clv)}")
    for kind word told in ${answer}; do
        case $kind in
            plain) if [[ $told == _ ]]; then plain+=("$word"); else described+=("$word:$told"); fi ;;
            file) _path_files -f ;;
            dir) _path_files -/ ;;
        esac
    done
    if [[ -n $described ]]; then _describe -V unsorted described -U; fi
    if [[ -n $plain ]]; then compadd -U -V unsorted -a plain; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _clv_completion "$@"; else compdef _clv_completion clv; fi
"""
FISH = """\
function _clv_completion
    for line in (_CLV_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) clv)
        set -l parts (string split -m 1 "," $line)
        switch $parts[1]
            case plain
                echo $parts[2]
            case file
                __fish_complete_path $parts[2]
            case dir
                __fish_complete_directories $parts[2]
        end
    end
end
complete --no-files --command clv --arguments "(_clv_completion)"
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


class Offer(NamedTuple):
    """What may be typed. `kind` is plain, or file or dir where the shell lists them itself."""

    word: str
    told: str = ""
    kind: str = "plain"


def install(shell: str) -> str:
    """Adds the line to the start file of the shell, once, and says so. `auto` is the shell of this session.

    Raises UsageError for a shell that has no completion here, OutputError for a file that cannot be written.
    """
    name = Path(os.environ.get("SHELL", "")).name if shell == "auto" else shell
    if name not in SHELLS:
        raise UsageError(
            marked("--install-completion: no completion for the shell {value}", value=name or "?"),
            hint=" or ".join(SHELLS),
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
        raise OutputError(f"{file}: {error.strerror}", hint=marked("add this line to it: {line}", line=line)) from None
    return f"{file} completes clv from the next start of {name}"


def answer(instruction: str) -> int:
    """Prints the script of a shell (`bash_source`), or what may follow in its line (`bash_complete`); 1 for neither."""
    shell, _, what = instruction.partition("_")
    if shell not in SCRIPTS or what not in ("source", "complete"):
        return 1
    if what == "source":
        sys.stdout.write(SCRIPTS[shell])
        return 0
    words, last = _split(os.environ.get("COMP_WORDS", "")), os.environ.get("COMP_CWORD", "")
    if shell == "fish":
        typed = "".join(_split(last)[:1])
        before = words[1:-1] if typed and words[1:] and words[-1] == typed else words[1:]
    else:
        before, typed = words[1 : int(last)], "".join(words[int(last) : int(last) + 1])
    for offer in offers(before, typed):
        sys.stdout.write(_line(shell, offer) + "\n")
    return 0


def _split(line: str) -> list[str]:
    """The words of a line; a quote that is not closed yet ends with it."""
    reader = shlex.shlex(line, posix=True)
    reader.whitespace_split, reader.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(reader)
    except ValueError:
        words.append(reader.token)
    return words


def _line(shell: str, offer: Offer) -> str:
    """An offer as the script of the shell reads it."""
    if shell == "zsh":
        return "\n".join([offer.kind, offer.word.replace(":", r"\:") if offer.told else offer.word, offer.told or "_"])
    told = f"\t{offer.told}" if shell == "fish" and offer.told else ""
    return f"{offer.kind},{offer.word}{told}"


def offers(before: Sequence[str], typed: str) -> list[Offer]:
    """What may stand in the place of `typed`, after the words `before` it."""
    words = [word for word in before if word != "="]  # bash parts --model=auto at its equals sign
    if words == [INSTALL]:
        return _starting(typed, dict.fromkeys(SHELLS, ""))
    group = words.pop(0) if words and words[0] in GROUPS else ""
    if not words:
        flags = HELP if group else OF_CLV | HELP
        names = {name: text for name, (_, text) in children(group).items()}
        return _starting(typed, flags if typed.startswith("-") else names)
    name = f"{group} {words.pop(0)}".strip()
    command = next((command for command in COMMANDS if command.name == name), None)
    return _of_command(command.declared, words, typed) if command else []


def _of_command(known: Mapping[str, tuple[Any, Any, OptionInfo]], words: Sequence[str], typed: str) -> list[Offer]:
    """The flags of a command, or the values of the flag or the argument whose turn it is."""
    flags = {flag: name for name, (_, _, info) in known.items() for flag in _flags(name, info)}
    if typed.startswith("--") and "=" in typed:
        flag, _, typed = typed.partition("=")
        words = [*words, flag]
    given: dict[str, str] = {}
    positional: list[str] = []
    rest = iter(words)
    for word in rest:
        flag, equals, value = word.partition("=")
        name = flags.get(flag, "")
        if word == "--":
            positional += rest
        elif name and takes_value(name, known[name][0]):
            text = value if equals else next(rest, None)
            if text is None:
                return _values(known[name][2], typed, given, positional)
            given[name] = text
        elif word.startswith("-"):
            given[name] = ""
        else:
            positional.append(word)
    if typed.startswith("-") and "--" not in words:
        again = {name for name, (hint, _, _) in known.items() if name not in given or kind_of(hint)[1]}
        told = {flag: known[name][2].help for flag, name in flags.items() if name in again}
        return _starting(typed, told | {"--help-all": "Show every option."} | HELP)
    places = [(kind_of(hint)[1], info) for hint, _, info in known.values() if info.positional]
    turn = (info for place, (many, info) in enumerate(places) if many or place >= len(positional))
    return next((_values(info, typed, given, positional) for info in turn), [])


def _flags(name: str, info: OptionInfo) -> list[str]:
    return [] if info.positional else [flag for flags in flags_of(name, info) for flag in flags.split("/")]


def _starting(typed: str, told: Mapping[str, str]) -> list[Offer]:
    return [Offer(word, text) for word, text in told.items() if word.startswith(typed)]


def _values(info: OptionInfo, typed: str, given: Mapping[str, str], positional: Sequence[str]) -> list[Offer]:
    """The values of an option, told by its metavar where it has no choices; `positional` are the arguments so far."""
    words, kind = list(info.choices), info.metavar or ""
    if "PRESET" in kind or kind == "RULES":
        from clvcli.core.resources import shipped

        words += sorted(path.stem for path in shipped("configs").glob("*.yaml"))
    if kind.startswith("NAME|auto"):
        words += [*_models(), "auto"]
    if "COLUMN" in kind:
        words += _columns_of(positional)
    if kind == "STAGE":
        words += _stages(given.get("rules", "rfm-lifecycle"))
    if kind.startswith("[TOPIC"):
        from clvcli.cli.help_texts import names

        words += names()
    found = _starting(typed, dict.fromkeys(words, ""))
    if kind.startswith(("FILE", "DATA", "SCORED", "OLD", "NEW", "RULES", "[DATA")):
        found.append(Offer(typed, kind="file"))
    return found + ([Offer(typed, kind="dir")] if kind.startswith("DIR") else [])


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
