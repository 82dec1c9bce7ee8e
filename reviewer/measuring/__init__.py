"""Reviewers are measured: planted bad proposals, miss rates with exact intervals, agreement, drift."""
