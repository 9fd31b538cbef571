"""`clv run`: the nightly job that clv.yaml names."""
