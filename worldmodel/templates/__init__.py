"""Worlds to start from: their component files as package data, and the public data that they are fitted to."""

from worldmodel.templates.catalog import template_files, template_lines, template_names, write_data

__all__ = ["template_files", "template_lines", "template_names", "write_data"]
