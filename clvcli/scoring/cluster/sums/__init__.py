"""What a cluster adds up for the manifest: the same series as clvcli/scoring/series/ has, from sums of parts."""
