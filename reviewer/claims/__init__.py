"""Claims of mechanisms, decided by the machine: proved, tested, refuted with a counterexample, or left undecided."""
