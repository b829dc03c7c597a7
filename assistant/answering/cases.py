"""Whether a message is about the customer's own case: an article may explain it, only a person can look into it. Pure.

A sentence is when it names something of the customer's (an order, a payment, an account) and either what happened
to it ("was charged twice", "still hasn't arrived"), where it stands ("where is"), a number of it, or what is to be
done with it ("refund my payment"). "How do I change my e-mail?" and "how do refunds work?" are not. What is here is
English; other languages have their patterns (hearing.py).
"""

import re

from assistant.answering import hearing
from assistant.answering.acts import sentences
from assistant.terms import words


def _any(alternatives: str) -> str:
    """A group of words; "_" stands for the space within one."""
    return "(?:" + "|".join(alternatives.split()).replace("_", r"\s+") + ")"


def _some(most: int) -> str:
    """At most so many words in between."""
    return rf"(?:[\w'-]+\s+){{0,{most}}}?"


_THING = (
    _any(
        "order invoice bill payment refund charge transfer transaction account subscription membership parcel package "
        "delivery shipment booking reservation money deposit balance top-?up top_up withdrawal purchase claim ticket "
        "card contract licen[cs]e salary cheque check cash"
    )
    + "s?"
)
_MY_THING = rf"(?:my|our)\s+{_some(2)}{_THING}\b"
_NUMBERED = rf"\b{_THING}\s+(?:(?:number|no|id|ref|reference)\s+)?[a-z]{{0,4}}-?\d[\d-]{{2,}}\b"
_HAS = _any(
    "was were got been is are has have had hasn't haven't hasnt havent isn't isnt wasn't wasnt didn't didnt did_not "
    "has_not have_not is_not was_not still never not already twice wrongly just being"
)
_HAPPENED = _any(
    "charged billed debited credited refunded hacked stolen compromised locked blocked suspended frozen closed "
    "disabled banned declined rejected missing lost gone cancelled canceled delayed late arrived arrive received "
    "delivered shipped pending failed reverted reversed returned overcharged swallowed disappeared processed approved "
    "paid taken wrong incorrect deducted waiting showing show shown"
)
_TO_ME = _any("charged overcharged billed debited refunded scammed banned blocked")
_I = "(?:i|we)"
_WAS = _any("was were got been have_been have_just_been had_been keep_being keep_getting")
# "When am I charged?" and "if I am charged" ask what holds for anybody; "why am I charged?" does not.
_IN_GENERAL = "".join(
    rf"(?<!\b{word}\s)"
    for word in ("when", "if", "whether", "what", "much", "often", "before", "until", "once", "after")
)
_AGAIN = _any("twice double again already wrongly")
_DONE_BY_YOU = _any("charged billed debited hacked stole blocked locked closed used took")
_TAKEN_BY_YOU = _any("took taken take withdrew withdrawn deducted charged debited")
_NOT_BY_ME = _any("never didn't didnt did_not don't dont do_not haven't havent have_not")
_DONE_BY_ME = _any(
    "made make authorised authorized authorise authorize recognise recognize ordered order placed place approved "
    "approve paid bought upgraded renewed cancelled canceled"
)
_OFF = _any("higher lower more less wrong double doubled empty negative different")
_NOT = _any("haven't havent have_not never didn't didnt did_not")
_NOT_THEN = _any("never hasn't hasnt has_not didn't did_not still")
_WHERE = _any(
    "where's where_is where_are what_happened_to what_happened_with status_of when_will_i_get when_will when_does"
)
# "Where is my order history page?" is about the site, not about an order.
_NOT_OF_THE_SITE = r"(?!\s+(?:\w+\s+)?(?:history|page|settings|list|overview|details|tab|section|button)\b)"
_DO = _any("refund unlock unblock reactivate restore cancel close delete track correct check release reverse stop")
_LOST = _any("lost can't_find cannot_find cant_find don't_see dont_see am_missing")
_WISH = _any(
    "i_want_to i_wish_to i_need_to i_would_like_to i'd_like_to we_want_to we_need_to we_would_like_to we'd_like_to"
)
_CANNOT = _any("can't cannot cant can_not couldn't am_unable_to am_not_able_to are_unable_to")
_ENTER = _any("access log_into log_in_to login_to sign_into sign_in_to get_into get_in_to get_back_into log_on_to")
_OWN = [
    re.compile(pattern)
    for pattern in (
        rf"\b{_MY_THING}.*\b{_HAS}\s+{_some(3)}{_HAPPENED}\b",
        rf"\b(?!(?<=when\s)(?:is|are)\b){_HAS}\s+{_MY_THING}\s+{_some(2)}{_HAPPENED}\b",
        rf"\b(?:{_I}|i've|we've)\s+{_some(1)}{_WAS}\s+{_some(1)}{_TO_ME}\b",
        rf"{_IN_GENERAL}\b(?:i\s+am|i'm|we\s+are|we're)\s+{_some(2)}{_TO_ME}\b",
        rf"\b(?:was|were)\s+{_I}\s+{_some(2)}{_TO_ME}\b",
        rf"\b(?:why|how\s+come)\s+(?:am|are|have|did)\s+{_I}\s+{_some(2)}{_TO_ME}\b",
        rf"\b(?:am|are|have)\s+{_I}\s+{_some(2)}{_TO_ME}\s+{_some(2)}{_AGAIN}\b",
        rf"\b(?:you|someone|somebody|they)\s+(?:(?:have|has|just)\s+)?{_DONE_BY_YOU}\s+(?:me|us|my|our)\b",
        rf"\byou\s+(?:have\s+|just\s+)?{_TAKEN_BY_YOU}\s+{_some(4)}(?:from|off|out\s+of)\s+(?:me|us|my|our)\b",
        rf"\b{_THING}\b.*\b(?:i|we)\s+{_NOT_BY_ME}\s+{_some(1)}{_DONE_BY_ME}\b",
        rf"\bwhy\s+{_HAS}\s+{_MY_THING}\s+{_some(6)}{_OFF}\b",
        rf"\b(?:{_MY_THING}\s+(?:went|has\s+gone)\s+through|(?:i|we)\s+(?:have\s+)?{_DONE_BY_ME})\b.*\bbut\b.*\bstill\b",
        rf"\b(?:i|we)\s+(?:still\s+)?{_NOT}\s+(?:yet\s+)?(?:received?|got|gotten|get|had)\s+{_some(3)}{_THING}\b",
        rf"\b{_WHERE}\s+{_MY_THING}{_NOT_OF_THE_SITE}",
        rf"^(?:(?:please|kindly|(?:can|could)\s+you|i\s+want\s+you\s+to|you\s+must)\s+)*{_DO}\s+{_MY_THING}",
        rf"\b(?:i|we)\s+(?:have\s+|just\s+|think\s+i\s+)*{_LOST}\s+{_MY_THING}",
        rf"(?<!if\s)\b{_WISH}\s+(?:delete|close|cancel|terminate)\s+{_MY_THING}",
        rf"(?<!if\s)\b(?:i|we)\s+(?:still\s+)?{_CANNOT}\s+{_ENTER}\s+(?:my|our)\s+account\b",
        rf"\bwaiting\s+(?:on|for)\s+(?:my|our|a|the)\s+{_some(2)}{_THING}\b",
        rf"\b(?:my|the)\s+{_THING}\s+{_NOT_THEN}\b",
        _NUMBERED,
    )
]
# "Can you look up why my order was cancelled?" wants it done, "can you take something off?" asks whether anybody may.
_LOOK = _any("look check find tell see know explain help send give change let inform confirm verify")
_HOW_TO = re.compile(
    rf"^(?:{_any('hi hello please so and ok but')}\s+)*(?:"
    rf"{_any('how_do how_can how_could how_should how_to how_would can_i could_i may_i what_happens')}|"
    rf"{_any('where_do_i where_can_i is_it_possible is_there do_i does when_do if what_if')}|"
    rf"{_any('can_you could_you do_you')}(?!\s+{_some(1)}(?:{_LOOK}|{_DO})\b)"
    r")\b"
)


def own_case(text: str, language: str = "en") -> str | None:
    """The words that tell of the customer's own case; None where the message is a question for anybody."""
    if len(words(text)) > hearing.MOST_WORDS:
        return None
    for sentence in sentences(text):
        plain = " ".join(words(sentence))
        patterns = _OWN[-1:] if _HOW_TO.search(plain) else _OWN
        if found := next((match[0] for pattern in patterns if (match := pattern.search(plain))), None):
            return found
    heard = hearing.own_case(text, language)
    return heard.words if heard else None
