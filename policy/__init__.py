"""From an approved bundle to a policy: environment, objective, confined training, replay and evaluation. Never sees data."""
