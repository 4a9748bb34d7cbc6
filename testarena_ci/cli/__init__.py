"""The command line: each command parses, calls the app, and ends with an exit code."""

from testarena_ci.cli.main import main

__all__ = ["main"]
