"""The series behind the report: each adds up over batches (engines/series.py), so that any engine gives the same.

Their size does not grow with customers.
"""
