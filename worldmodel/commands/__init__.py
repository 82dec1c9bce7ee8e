"""Commands of the workbench: one module each, registered by the entry point `worldmodel.commands`."""
