"""Worlds, draws and data to and from the files of other tools: BIF, PRISM, netCDF, CSV, Parquet, JSON Schema."""
