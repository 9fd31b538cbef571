"""`python -m screens`: see captures.py."""

import re
import sys

from screens import captures


def main() -> int:
    """accept, or show."""
    match sys.argv[1:]:
        case ["accept", *wanted]:
            folder = captures.folder_of_captures()
            captures.KEPT.mkdir(exist_ok=True)
            for name in wanted or captures.COMMANDS:
                (captures.KEPT / f"{name}.txt").write_text(captures.capture(name, folder), encoding="utf-8")
        case ["show", name, *width]:
            text = (captures.KEPT / f"{name}.txt").read_text(encoding="utf-8")
            parts = re.split(r"\n(?===== \d+)", text)
            chosen = [part for part in parts if not width or width[0] in part.partition("\n")[0]]
            print(re.sub("⟦([0-9;]*)⟧", "\x1b[\\1m", "\n".join(chosen)))
        case _:
            print(captures.__doc__)
            return 2
    return 0


sys.exit(main())
