"""The readings of a law: values, densities, a Pyro model, LaTeX, description length; each one exhaustive match."""
