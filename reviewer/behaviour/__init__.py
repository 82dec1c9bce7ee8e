"""What a change does, whatever its text: distances, equality, worth, credit. Numbers only, which `panes` tells."""
