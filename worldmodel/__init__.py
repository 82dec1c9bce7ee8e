"""Glassworld's language of interpretable world models: files, meaning, simulation, inference and the sealed bundle."""
