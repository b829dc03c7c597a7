"""What customers say when no article is wanted, and what is said back. Patterns read lower-cased words.

What learning from many phrasings does better (assistant/answering/acts.py) is not here.
"""

import re

LEGAL = re.compile(
    r"\b(?:my|our)\s+(?:lawyer|attorney|solicitor)\b|"
    r"\b(?:get|hire|call|contact|see|consult|involve)(?:ing)?\s+a\s+(?:lawyer|attorney|solicitor)\b|\blegal\s+action\b|\b(?:i'll|i\s+will|going\s+"
    r"to|gonna|we\s+will)\s+sue\b|"
    r"\btake\s+(?:you|this)\s+to\s+court\b|\bsmall\s+claims\b|\b(?:file|filing|start)\s+a\s+"
    r"(?:lawsuit|chargeback)\b|"
    r"\breport\s+you\s+to\b"
)
SELF_HARM = re.compile(
    r"\b(?:kill|hurt|harm)(?:ing)?\s+myself\b|\bend\s+my\s+life\b|\bsuicid(?:e|al)\b|\bwant\s+to\s+die\b"
)
DANGER = re.compile(
    r"\b(?:caught|catching|on)\s+fire\b|\b(?:is|started|began)\s+(?:to\s+)?smok(?:e|ing)\b|\bsmoke\s+"
    r"(?:is\s+)?(?:coming|came|pouring)\b|"
    r"\b(?:has|just|it)\s+exploded\b|\bgot\s+(?:an?\s+)?(?:electric(?:al)?\s+)?shock(?:ed)?\b|"
    r"\bburn(?:ed|t)\s+(?:me|my)\b|"
    r"\b(?:was|been|got)\s+injured\b|\bgas\s+leak\b"
)

PERSON_TEXT = "I'll bring in a person. They will see this conversation, so there is no need to repeat anything."
UPSET_TEXT = "I'm sorry this has been frustrating. I'll bring in a person who can look at it with you."
LEGAL_TEXT = "This needs a person. I'll pass the conversation on, and they will read what you wrote."
SELF_HARM_TEXT = (
    "I'm sorry you are going through this. If you might be in danger, please call your local emergency number or a "
    "crisis line now. I'm also bringing in a person here."
)
DANGER_TEXT = (
    "If anyone is hurt or in danger, call your local emergency number first. If it is safe, disconnect the power and "
    "stop using the product. I'm bringing in a person."
)

DANGERS = (("safety", SELF_HARM, SELF_HARM_TEXT), ("safety", DANGER, DANGER_TEXT), ("legal", LEGAL, LEGAL_TEXT))

UNHELPED_TEXT = "I'm sorry that didn't help. What did you try, and what did you see instead?"
UNHELPED_TWICE_TEXT = (
    "I'm sorry, I'm not getting you any further. I'll bring in a person; they will see this conversation."
)
OWN_CASE = "A person can look into your own case."
OWN_CASE_TEXT = "A person has to look into this. I'll pass the conversation on, and they will read what you wrote."
TOO_LITTLE_TEXT = (
    "What do you need help with? A few words about the product, what you tried and what you saw are enough."
)

# By the act of a message; where it does several, the first of these is answered.
SMALL_TALK: dict[str, str] = {
    "stay": "All right, I won't bring in anyone. What can I help you with?",
    "bot": "I'm an AI assistant: I answer from this help centre's articles and show where each answer comes from. "
    "A person is one click away.",
    "abilities": "Ask me anything about our products and services. I answer from the help centre and show "
    "the article each answer comes from; when it isn't there, a person can take over.",
    "name": "I'm the AI assistant of this help centre. What can I help you with?",
    "personal": "I'm an AI assistant, so there is little to tell about me. What can I help you with?",
    "pastime": "That is beyond me: all I know is what this help centre says. What can I help you with?",
    "goodbye": "Goodbye, and come back whenever something comes up.",
    "thanks": "You're welcome. Is there anything else?",
    "wellbeing": "All well here, thank you. What can I help you with?",
    "understood": "All right. Is there anything else?",
    "greeting": "Hello. What can I help you with?",
}
# "ok thanks" says that it is enough, and takes up no offer.
YES = re.compile(
    r"(?!ok(?:ay)?\s+(?:thanks|thank\s+you))(?:yes|yeah|yep|yup|sure|ok|okay|please|y|of\s+course|i\s+would|i'd\s+like\s+that|that\s+would\s+be\s+(?:great|good|nice))(?:\s+(?:please|i\s+would|do|thanks|thank\s+you))*"
)
NO = re.compile(r"(?:no|nope|nah|not\s+now|no\s+need|n)(?:\s+(?:thanks|thank\s+you|thx|it's\s+(?:ok|fine)))*")
WITHOUT_SUBJECT = frozenset(
    [
        "help",
        "problem",
        "issue",
        "question",
        "trouble",
        "error",
        "work",
        "works",
        "working",
        "broken",
        "not",
        "assistance",
        "support",
        "urgent",
        "stuck",
    ]
)
