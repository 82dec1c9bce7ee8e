"""Questions a world answers: its causal graph, impulse responses, counterfactuals, and what an outcome depends on."""
