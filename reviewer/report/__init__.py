"""The report of a change on a branch: what a forge's pipeline writes beside its verdict."""
