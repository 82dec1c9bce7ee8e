"""From a data file to numbers: read strictly, on a regular time grid, split into the fitted and the held-out part."""
