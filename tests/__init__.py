"""The tests: a package of this name, so that no installed one that calls itself `tests` is taken for it."""
