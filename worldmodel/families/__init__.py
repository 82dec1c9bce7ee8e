"""The distribution families: density, distribution function, mean, and a draw from one uniform number."""
