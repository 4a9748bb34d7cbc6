"""Step `http`: a request to the device, and what its answer must be."""

from tpf.steps.http.step import Http

__all__ = ["Http"]
