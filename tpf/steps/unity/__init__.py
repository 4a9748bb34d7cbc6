"""Step `unity`: runs the tests that are in the firmware, by ESP-IDF's menu or as the firmware runs them itself."""

from tpf.steps.unity.step import Unity

__all__ = ["Unity"]
