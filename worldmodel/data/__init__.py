"""From a data file to numbers: read strictly, on a regular time grid, split into what is fitted and what is held out."""
