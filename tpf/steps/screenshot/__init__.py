"""Step `screenshot`: a picture of the display, compared with one that is right."""

from tpf.steps.screenshot.step import Screenshot

__all__ = ["Screenshot"]
