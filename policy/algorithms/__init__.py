"""Training algorithms, one file each, found by the entry-point group `policy.algorithms`."""
