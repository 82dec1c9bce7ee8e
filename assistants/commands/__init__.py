"""Commands of the assistants."""
