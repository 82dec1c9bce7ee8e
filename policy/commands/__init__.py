"""The command-line commands of the policy package, one module each."""
