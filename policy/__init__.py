"""From an approved bundle to a policy.

Environment, objective, confined training, replay and evaluation. Never sees data.
"""
