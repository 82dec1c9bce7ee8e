"""The components of a world: one strict, frozen model for each kind of file. A component is data, never code."""
