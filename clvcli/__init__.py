"""Turns a transaction log into customers you understand. The command is `clv`; see README.md."""

__version__ = "0.1.0"
