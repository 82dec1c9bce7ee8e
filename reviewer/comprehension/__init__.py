"""Predict first: questions about a change, made from the change itself, whose answer key is the simulator."""
