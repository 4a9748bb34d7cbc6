"""The scenario language: its declarations, the reader that tells every problem, and what the engine is given to run."""
