"""What `clv help` can show: the topics of clvcli/help, and entries made of the catalogues of the code."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "help"
MARKS = re.compile(r"<!--.*?-->\n?", re.DOTALL)
MOST_FOUND = 30


def topics() -> list[str]:
    """The names of the topics, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def topic(name: str) -> str | None:
    """The text of a topic as Markdown, without the marks of generated parts; None where there is none."""
    path = FOLDER / f"{name}.md"
    return MARKS.sub("", path.read_text(encoding="utf-8")) if name in topics() else None


def manual() -> str:
    """The manual page, as `man` reads it."""
    return (FOLDER / "clv.1").read_text(encoding="utf-8")


def contents() -> str:
    """The list of topics with their first sentences."""
    lines = ["# Help", ""]
    for name in topics():
        text = topic(name) or ""
        first = next(line for line in text.splitlines()[1:] if line.strip())
        lines.append(f"- `clv help {name}`: {first.partition('. ')[0].rstrip('.')}.")
    more = "`clv help search WORDS` looks through all of it. It also knows every command, option, column, warning, "
    man = "`man clv` has the topics in one page; where it is not found: `clv help man | man -l -`."
    return "\n".join([*lines, "", more + "error, reason, preset, stage and exit code by name.", "", man]) + "\n"


def entry(words: str) -> str | None:
    """What is called so: a topic, a command, or an entry of a catalogue; None where nothing is."""
    name = words.lower() if words.lower() in topics() else words
    found = "\n".join(filter(None, (topic(name), _command(words))))
    return found or "\n".join(filter(None, (catalogue().get(words), _rules(words)))) or None


def names() -> list[str]:
    """All that `entry` knows, but the presets and their stages."""
    from clvcli.cli.commands import COMMANDS

    return [*topics(), "man", *(c.name for c in COMMANDS), *catalogue()]


def _command(name: str) -> str | None:
    from clvcli.cli.commands import COMMANDS, GROUPS

    path = FOLDER / "commands" / f"{name.replace(' ', '-')}.md"
    if name in GROUPS:
        lines = [f"- `clv {c.name}`: {c.help}" for c in COMMANDS if c.name.startswith(f"{name} ")]
        return "\n".join([f"# clv {name}", "", GROUPS[name], "", *lines]) + "\n"
    return path.read_text(encoding="utf-8") if any(c.name == name for c in COMMANDS) and path.is_file() else None


def catalogue() -> dict[str, str]:
    """Name -> text of every entry; one name may have several, below each other."""
    found: dict[str, str] = {}
    for key, text in _entries():
        found[key] = f"{found[key]}\n{text}" if key in found else text
    return found


def _entries() -> Iterator[tuple[str, str]]:
    """Key and text of every column, warning, error, reason, option and exit code; options with and without dashes."""
    from clvcli.cli.commands import COMMANDS
    from clvcli.core.fields import FIELDS
    from clvcli.core.reasons import ERRORS, FATES, WARNINGS, explained
    from clvcli.core.settings import OptionInfo, declared, flag_of

    for kind, codes in (("Warning", WARNINGS), ("Error", ERRORS)):
        for code in codes:
            text, remedy = explained(code)
            yield code, f"# {kind} {code}\n\n{text}.\n" + (f"\nWhat to do: {remedy}.\n" if remedy else "")
    for code, fate in FATES.items():
        yield code, f"# Records: {code}\n\n{fate}.\n\nEvery record is accounted for: `clv help reading`.\n"
    for field in FIELDS:
        unit = f": {field.unit}" if field.unit else ""
        when = "" if field.when == "always" else f"\nThe table has it with `{field.when}`.\n"
        yield field.name, f"# Column {field.name}\n\n{field.meaning}. ({field.type}{unit})\n{when}"
    for code, text in exit_codes().items():
        yield code, f"# Exit code {code}\n\n{text[:1].upper()}{text[1:]}.\n"
    found: dict[str, list[tuple[str, str, OptionInfo]]] = {}
    for command in COMMANDS:
        for name, (_, _, info) in declared(command.options).items():
            if not info.positional:
                found.setdefault(flag_of(name, info), []).append((command.name, name, info))
    for flag, uses in found.items():
        lines = dict.fromkeys(info.help for _, _, info in uses)
        commands = ", ".join(name for name, _, _ in uses)
        variables = ", ".join(dict.fromkeys(f"`CLV_{n.upper()}`, or `{n}:` in clv.yaml" for _, n, _ in uses))
        text = f"# Option {flag}\n\n" + "\n".join(lines) + f"\n\nOf: {commands}. Also {variables}.\n"
        yield flag, text
        yield flag.removeprefix("--"), text


def exit_codes() -> dict[str, str]:
    """Code -> meaning, from the table of the topic."""
    rows = re.findall(r"^\| ([0-9, ]+) \| (.+) \|$", topic("exit-codes") or "", re.MULTILINE)
    return {code: text for codes, text in rows for code in codes.split(", ")}


def _rules(words: str) -> str | None:
    """A shipped lifecycle, or a stage of one."""
    from clvcli.lifecycle.load import load_rules, presets

    lines = []
    for name in presets():
        rules = load_rules(name)
        if name == words:
            stages = "\n".join(f"- {stage.stage}: {stage.goal or stage.when}" for stage in rules.stages)
            more = f"`clv rules show {name}` shows all of it."
            return f"# Preset {name}\n\n{rules.description.strip()}\n\n{stages}\n\n{more}\n"
        ends = [(stage.stage, f"`{stage.when}`") for stage in rules.stages]
        ends.append((rules.otherwise.stage, "everybody whom no other stage takes"))
        lines += [f"- in `{name}`: {when}" for stage, when in ends if stage == words]
    return f"# Stage {words}\n\n" + "\n".join(lines) + "\n" if lines else None


def search(words: Sequence[str]) -> str:
    """Every line of the topics and entry of the catalogues that holds all the words; empty where none does."""
    wanted = [word.lower() for word in words]
    lines = []
    for name in topics():
        for part in re.split(r"\n\s*\n", topic(name) or ""):
            if all(word in part.lower() for word in wanted):
                best = max(part.splitlines(), key=lambda line: sum(word in line.lower() for word in wanted))
                lines.append(f"- `clv help {name}`: {best.strip('|# -')}")
    for key, text in catalogue().items():
        if not key.startswith("-") and all(word in f"{key} {text}".lower() for word in wanted):
            lines.append(f"- `clv help {key}`: {text.splitlines()[2]}")
    cut = [f"... and {len(lines) - MOST_FOUND} more"] if len(lines) > MOST_FOUND else []
    return "\n".join([*lines[:MOST_FOUND], *cut]) + ("\n" if lines else "")
