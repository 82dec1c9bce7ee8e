"""Benchmarks against peers, side by side in one run; run each as `python -m benchmarks.NAME`."""
