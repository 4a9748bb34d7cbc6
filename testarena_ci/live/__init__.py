"""Live views of a run: each is a sink of the engine's events."""
