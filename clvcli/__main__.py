"""`python -m clvcli` is the command `clv`."""

from clvcli.cli.app import main

if __name__ == "__main__":
    main()
