"""Conditioning: what a world says about some of its values once others are known, exactly where that is possible."""
