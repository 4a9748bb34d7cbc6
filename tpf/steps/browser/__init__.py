"""Step `browser`: a Playwright script against the page that the device serves."""

from tpf.steps.browser.step import Browser

__all__ = ["Browser"]
