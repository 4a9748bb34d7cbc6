"""The rules of the house that no ready-made linter knows: sizes of rooms, import cycles, and which room may do what."""
