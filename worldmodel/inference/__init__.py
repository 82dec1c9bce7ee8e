"""Inference: from a log density over unconstrained parameters to a posterior that carries its own diagnosis."""
