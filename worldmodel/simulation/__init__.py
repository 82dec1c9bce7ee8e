"""Forward simulation of a world: keyed noise, parameter draws, one differentiable step, rules, interventions, paths."""
