"""The demonstration: the whole way on real data, by the real commands, with people who are made up and called so."""
