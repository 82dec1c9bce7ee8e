"""Limits on what is read from an untrusted author, checked before anything is parsed.

They are far above what a person can review, and low enough that no input can exhaust time, memory or the stack.
"""

FILE_BYTES = 64 * 1024
WORLD_FILES = 10_000
WORLD_BYTES = 64 * 1024 * 1024
DOCUMENT_BYTES = 128 * 1024 * 1024
TOML_DEPTH = 16
DIGITS = 30
PROBLEMS = 100
PROBLEM_CHARACTERS = 2_000
EXPRESSION_CHARACTERS = 4_000
EXPRESSION_NODES = 300
EXPRESSION_DEPTH = 40
NAMES = 200
GROUNDED_NODES = 200_000
GROUNDED_DEPTH = 200
GROUNDED_WORLD = 2_000_000
GROUNDED_VARIABLES = 100_000
LONGEST_LAG = 400
LONGEST_PATH = 10_000
