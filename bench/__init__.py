"""Measurements beside their floors and peers, in one run: `make bench`."""
