"""The closed expression language: text to a small typed intermediate representation, and back."""
