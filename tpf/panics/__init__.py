"""Panics explained: what a device printed when it crashed, and the lines of source that its addresses stand for."""
