"""The review in JupyterLab: one notebook with one application; every action is on disk at once, nothing is signed."""
