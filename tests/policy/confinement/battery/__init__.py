"""Attacks on the confinement: each must work on an unconfined process, and none on a confined one."""
