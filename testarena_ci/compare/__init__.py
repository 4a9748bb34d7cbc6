"""Compares two runs: `compare(base, now)` is pure, and makes one frozen record that every view is made from."""
