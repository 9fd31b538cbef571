"""Logs drawn from known parameters: customers, purchases, dirt, and the tables that stand beside a log."""
