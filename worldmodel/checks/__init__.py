"""What must hold between the components of a world, one question per file; each check yields every problem it finds."""
