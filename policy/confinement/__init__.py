"""Runs a function of ours in a process that can read its request, compute, answer, and do nothing else.

The way in is `policy.confinement.parent.run_confined`. `docs/decisions/0003-confinement.md` says what is kept out, how,
and why so.
"""
