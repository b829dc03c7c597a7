"""What the desk says of a reply that is not stored yet: what the agent has to do, and else that it goes by itself."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SAID = """async (item) => {
  const { pendingNode } = await import("/static/desk/said.js");
  const node = pendingNode(item, false, { retry() {}, edit() {} });
  const buttons = Array.from(node.querySelectorAll("button"), (button) => button.textContent);
  return [node.querySelector(".by-line").textContent, Boolean(node.querySelector(".failed")), buttons];
}"""


@pytest.mark.parametrize(
    ("state", "reason", "words", "alarms", "buttons"),
    [
        ("sending", None, "Sending", False, []),
        ("waits", "Try again in a moment.", "sent again by itself", False, ["Edit"]),
        ("failed", "The reply is too long.", "Not sent: The reply is too long.", True, ["Retry", "Edit"]),
    ],
)
def test_only_a_reply_that_needs_its_agent_raises_an_alarm(
    module_page: Page, state: str, reason: str | None, words: str, alarms: bool, buttons: list[str]
) -> None:
    line, alarmed, offered = module_page.evaluate(SAID, {"state": state, "reason": reason, "text": "Here you are."})
    assert words in line
    assert (alarmed, offered) == (alarms, buttons)
