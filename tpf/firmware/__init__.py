"""Firmware: where it comes from, how it is built, and what its files tell."""
