"""Assistants read data and propose; they alone see data, and they never see keys or write to a world."""
