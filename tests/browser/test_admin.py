"""An admin's first day in a real browser, on the whole product."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.product import Product

QUESTION = "How many days do I have to send a Zephyr drone back?"
ARTICLE = "# Sending a Zephyr drone back\n\nYou can send a Zephyr drone back within 37 days. Pack it in its own box.\n"


def log_in(page: Page, product: Product) -> None:
    name, password = product.admin
    page.goto(f"{product.base_url}/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Last seven days")).to_be_visible()


def ask(page: Page, product: Product) -> str:
    """The decision, after asking on the page for trying questions."""
    page.goto(f"{product.base_url}/admin/try/")
    page.get_by_label("Question").fill(QUESTION)
    page.get_by_label("Question").press("Control+Enter")
    expect(page.get_by_role("region", name="What became of the question")).to_be_focused()
    return page.locator("[data-decision]").get_attribute("data-decision") or ""


def test_an_upload_is_answered_from_until_it_is_taken_back(page: Page, product: Product, tmp_path: Path) -> None:
    log_in(page, product)
    (tmp_path / "zephyr.md").write_text(ARTICLE)
    page.get_by_role("link", name="Upload articles").click()
    page.get_by_label("Files").set_input_files(tmp_path / "zephyr.md")
    page.get_by_label("Collection").select_option(label="Help centre")
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("[data-state=done]")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("answerable since")).to_be_visible()
    expect(page.get_by_role("region", name="Import of zephyr.md")).to_be_focused()

    assert ask(page, product) == "answer"
    expect(page.locator(".how-answer").first).to_contain_text("37 days")
    expect(page.get_by_text("cited as [1]")).to_be_visible()

    page.goto(f"{product.base_url}/admin/knowledge/document/?q=Zephyr")
    page.get_by_role("link", name="Sending a Zephyr drone back").click()
    page.get_by_role("button", name="Unpublish").click()
    expect(page.get_by_text("No answer comes from it.")).to_be_visible()
    ask(page, product)  # whatever else the shared product holds may answer it
    expect(page.locator(".how-answer").first).not_to_contain_text("37 days")
    expect(page.get_by_text("Sending a Zephyr drone back")).to_have_count(0)


def test_the_editor_shows_what_customers_will_read(page: Page, product: Product) -> None:
    log_in(page, product)
    page.goto(f"{product.base_url}/admin/knowledge/document/add/")
    page.locator("#id_text").fill("## Charging\n\nUse the **blue** cable. <img src=x onerror=alert(1)>")
    preview = page.locator("#article-preview")
    expect(preview.get_by_role("heading", name="Charging")).to_be_visible()
    expect(preview.locator("strong")).to_have_text("blue")
    expect(preview.locator("[onerror]")).to_have_count(0)


def test_an_agent_created_here_logs_in_at_the_desk_and_not_here(page: Page, product: Product) -> None:
    log_in(page, product)
    page.goto(f"{product.base_url}/admin/assistant/user/add/")
    page.locator("#id_username").fill("sasha")
    page.locator("#id_password1").fill("a quiet green lamp")
    page.locator("#id_password2").fill("a quiet green lamp")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{product.base_url}/desk/")
    page.locator("#id_username").fill("sasha")
    page.get_by_label("Password").fill("a quiet green lamp")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/desk/")
    page.goto(f"{product.base_url}/admin/")
    expect(page.get_by_label("Password")).to_be_visible()
