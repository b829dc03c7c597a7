"""What the desk does where its connection dies without a sign, or the browser says that it is offline."""

import pytest
from playwright.sync_api import expect

from assistant.models import Message, User, Widget
from tests.browser.conftest import OpenDesk
from tests.browser.desk_line import line_of, reply
from tests.cast import make_widget
from tests.desk import scenes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def widget(transactional_db: None) -> Widget:
    return make_widget()


def test_a_reply_that_a_dead_connection_swallows_goes_out_soon_on_another(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    page = open_desk(f"/desk/c/{scenes.taken(widget, alice).pk}/?view=mine")
    line = line_of(page)
    line.deafen()
    reply(page, "On its way")
    expect(page.locator("#pending")).to_contain_text("Sending")
    line.pass_time(11)
    expect(page.locator("#messages .said.agent")).to_contain_text("On its way")
    assert Message.objects.filter(text="On its way").count() == 1


def test_retry_tries_at_once_also_where_the_connection_is_dead(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    page = open_desk(f"/desk/c/{scenes.taken(widget, alice).pk}/?view=mine")
    line = line_of(page)
    line.lost = lambda data: "message.send" in data
    reply(page, "On its way")
    line.pass_time(17)
    line.lost = lambda data: False
    line.deafen()
    page.get_by_role("button", name="Retry").click()
    line.pass_time(5)
    expect(page.locator("#messages .said.agent")).to_contain_text("On its way")


def test_a_browser_that_is_offline_is_told_so_before_the_connection_notices(
    open_desk: OpenDesk, widget: Widget, alice: User
) -> None:
    page = open_desk(f"/desk/c/{scenes.taken(widget, alice).pk}/?view=mine")
    line = line_of(page)
    bar = page.get_by_text("No connection.")
    page.context.set_offline(True)
    expect(bar).to_be_visible()
    line.deafen()
    page.context.set_offline(False)
    expect(bar).to_be_hidden()
    line.pass_time(5)
    assert len(line.connections) == 2


@pytest.mark.parametrize("width", [360, 1024, 1440])
@pytest.mark.parametrize("opens", [True, False], ids=["a conversation", "the list"])
def test_that_there_is_no_connection_covers_nothing(
    open_desk: OpenDesk, widget: Widget, alice: User, width: int, opens: bool
) -> None:
    conversation = scenes.taken(widget, alice)
    page = open_desk(f"/desk/c/{conversation.pk}/?view=mine" if opens else "/desk/?view=mine")
    page.set_viewport_size({"width": width, "height": 740})
    page.context.set_offline(True)
    bar = page.get_by_text("No connection.")
    expect(bar).to_be_visible()
    controls = [page.get_by_role("button", name="Resolve"), page.locator("#reply")] if opens else []
    for seen in [*controls, page.locator("#tab-mine")] if width > 767 or not opens else controls:
        expect(seen).to_be_in_viewport(ratio=1)
        seen.click(trial=True)
    edges = "[bar.getBoundingClientRect().bottom, document.querySelector('.shell').getBoundingClientRect()]"
    bottom, shell = bar.evaluate(f"bar => {edges}")
    assert (shell["top"], shell["bottom"]) == (bottom, 740)
