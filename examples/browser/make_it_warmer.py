"""Presses the button as a person would. The step gives the script its names: page, url, values, artifacts."""

# ruff: noqa: F821
from playwright.sync_api import expect

expect(page.get_by_role("heading")).to_have_text("20 degrees")
page.get_by_role("button", name="warmer").click()
expect(page.get_by_role("heading")).to_have_text("21 degrees")
expect(page.locator("output")).to_have_text("on")
page.screenshot(path=artifacts / "warmer.png")
