"""Step `junit`: takes in the tests of another tool's JUnit file."""

from tpf.steps.junit.step import Junit

__all__ = ["Junit"]
