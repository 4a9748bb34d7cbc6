"""Fakes with real sockets, files and processes behind them: what stands in for the world outside."""
