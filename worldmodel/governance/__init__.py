"""Who may change a world, and how that is proved: signatures, statements, votes and the gate.

Everything here is pure and reads no file: a bundle is verified with it offline, by the same code that guards the
world's repository.
"""
