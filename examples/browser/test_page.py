"""Each test is a test case of its own in the report, and gets a fresh page that is open at the step's url."""

from playwright.sync_api import Page, expect


def test_title(page: Page) -> None:
    expect(page).to_have_title("Thermostat")


def test_state_is_shown(page: Page, url: str) -> None:
    state = page.request.get(f"{url}state").json()
    expect(page.get_by_role("heading")).to_have_text(f"{state['target']} degrees")
