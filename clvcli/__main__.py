"""The entry point: `clv` and `python -m clvcli`. Signals are watched before anything heavier is imported."""

from clvcli.cli.signals import watch_signals


def main() -> None:
    """Runs the command line and ends the process."""
    watch_signals()
    from clvcli.cli.app import main as command_line

    command_line()


if __name__ == "__main__":
    main()
