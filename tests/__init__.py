"""The tests; importable, so that they share the fakes."""
