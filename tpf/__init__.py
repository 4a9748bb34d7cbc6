"""TestArena's engine: run XML test scenarios on firmware in an emulator, on the host or on a board."""

__version__ = "1.0.0"
