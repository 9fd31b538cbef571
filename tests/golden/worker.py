"""Runs `clv score` and `clv check` on the cases that stdin lists, with the clvcli that PYTHONPATH names."""

import json
import os
import sys
import tempfile
from pathlib import Path

from clvcli.cli.app import run


def command(args: list[str], stdin: str | None) -> tuple[int, str, str]:
    """`clv ARGS` in this process, through descriptors 0 to 2: exit code, stdout, stderr."""
    kept = [os.dup(number) for number in range(3)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(stdin or os.devnull).open("rb") as feed:
        for number, file in enumerate((feed, out, err)):
            os.dup2(file.fileno(), number)
        try:
            code = run(args)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            for number, descriptor in enumerate(kept):
                os.dup2(descriptor, number)
                os.close(descriptor)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return code, texts[0], texts[1]


def main() -> None:
    """Each in its folder; `outcome.json` comes last, so that a missing one tells where the process ended."""
    for case in json.loads(sys.stdin.read()):
        os.chdir(case["folder"])
        args = [*case["args"], "--no-progress"]
        if case["read_only"] and not {"--by", "--no-model"} & set(args):
            args.append("--no-model")
        code, out, err = command(["score", *case["data"], "-o", "scored.csv", *args], case["stdin"])
        run_file = Path("scored.csv.run.json")
        if run_file.exists():
            manifest = json.loads(run_file.read_text("utf-8"))
            del manifest["run"]
            Path("manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), "utf-8")
            run_file.unlink()
        checked = None
        if not {"--by", "--customers", "--no-model"} & set(args):
            looked = command(["check", *case["data"], *args, "--json"], case["stdin"])
            Path("check.json").write_text(looked[1], "utf-8")
            checked = (looked[0], looked[2])
        outcome = {"score": (code, out, err), "check": checked}
        Path("outcome.json").write_text(json.dumps(outcome, indent=1, ensure_ascii=False), "utf-8")


main()
