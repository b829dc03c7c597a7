"""What customers say when no article is wanted, and what is said back. Read against lower-cased words."""

import re

PERSON = (
    r"(?:(?:real|actual|live|human|normal|different|other|another|proper|non-robotic|bank|support|"
    r"service|customer)\s+)*"
    r"(?:person|people|human(?:\s+being)?s?|agents?|operators?|representatives?|reps?|someone(?:\s+else)?|"
    r"somebody(?:\s+else)?|managers?|supervisors?|workers?|employees?|advis[eo]rs?|colleagues?|staff|specialists?|"
    r"customer\s+(?:service|support|care)|support(?:\s+team)?|the\s+team)\b"
)
OF_ONE = r"(?:(?:a|an|the|your|one\s+of\s+your|some|to|with|any)\s+)*"
FIRST_PERSON = (
    r"\b(?:i|i'd|i'll|i'm|me|we|us|let|can|could|want|wanna|need|please|just|directly|rather|prefer|possible)\b"
)
WANTS_PERSON = [
    re.compile(
        rf"{FIRST_PERSON}[^.?!]*\b(?:talk|speak|chat|talking|speaking|chatting)\s+(?:directly\s+)"
        rf"?{OF_ONE}{PERSON}"
    ),
    re.compile(rf"^(?:talk|speak|chat)\s+{OF_ONE}{PERSON}"),
    re.compile(
        rf"\b(?:transfer|connect|pass|put|hand|forward|route|escalate|switch|redirect|refer)\s+(?:me|us|this|it)\b"
        rf"(?:\s+\w+){{0,3}}?\s+{OF_ONE}{PERSON}"
    ),
    re.compile(rf"\b(?:get|give|find|send|bring)\s+me\s+{OF_ONE}{PERSON}"),
    re.compile(
        r"\b(?:i\s+(?:want|need|prefer|demand)|i'd\s+(?:like|prefer|rather\s+have))\s+(?:a\s+|an\s+)"
        r"?(?:(?:real|live|actual)\s+(?:person|human|agent|one)|human)$"
    ),
    re.compile(rf"\b(?:ask|request)\s+(?:\w+\s+){{0,4}}from\s+{OF_ONE}(?:person|human|agent|manager)\b"),
    re.compile(
        r"\b(?:i\s+(?:want|need|demand)|i'd\s+like)\s+(?:a|an|the)\s+(?:person|human|agent|operator|"
        r"representative|manager|supervisor)\b"
    ),
    re.compile(rf"\bcan\s+(?:i|you)\s+get\s+{OF_ONE}{PERSON}"),
    re.compile(
        r"\b(?:can|could|will)\s+(?:somebody|someone|anybody|anyone)(?:\s+else)?\s+(?:please\s+)"
        r"?(?:take\s+a\s+look|look\s+at\s+(?:my|this)|call\s+me|contact\s+me)"
    ),
    re.compile(
        r"\b(?:don't|dont|do\s+not|no\s+longer|stop)\s+(?:want\s+to\s+)?(?:talk|talking|speak|speaking|"
        r"chat|chatting)\s+(?:to|with)\s+(?:you|bots?|a\s+(?:bot|machine|robot|computer)|machines|robots)"
        r"\b"
    ),
    re.compile(r"(?:\bnot|n't|\bdont)\s+(?:feel\s+)?comfortable\b[^.?!]*\b(?:machine|bot|robot|computer)\b"),
    re.compile(
        r"\bhow\s+(?:can|do)\s+i\s+(?:reach|get\s+hold\s+of|contact)\s+(?:a|an|one\s+of\s+your|your(?:\s+"
        r"other)?)\s+(?:real\s+|human\s+|live\s+)?(?:person|human|agents?|operators?|representatives?)\b"
    ),
    re.compile(
        r"^(?:(?:a|an|the|real|live|human|actual|please|now|hello|hi)\s+)*(?:human|person|agent|operator|"
        r"representative|real\s+person|live\s+(?:agent|chat)|customer\s+service)(?:\s+(?:please|now|pls))"
        r"*$"
    ),
]
REFUSES_PERSON = re.compile(
    r"^(?:do|will|would|must)\s+i\s+(?:have|need)\s+to\b|"
    rf"\b(?:don't|dont|do\s+not|no\s+need|needn't|without)\b(?:\s+\w+){{0,3}}?\s+(?:to\s+)?"
    rf"(?:transfer|transferring|connect|talk|talking|speak|speaking)\s+(?:me\s+)?{OF_ONE}{PERSON}"
)
UPSET = [
    re.compile(
        r"\b(?:this|you|your|the)\s+(?:\w+\s+)?(?:bot|chatbot|assistant|machine)?\s*(?:is|are|'re)\s+"
        r"(?:\w+\s+)?(?:stupid|useless|rubbish|garbage|an?\s+idiot|dumb|pathetic|worthless)\b"
    ),
    re.compile(r"\b(?:stupid|useless|dumb|idiotic)\s+(?:bot|chatbot|robot|machine|assistant)\b"),
    re.compile(r"\bthis\s+(?:conversation|chat)\s+is\s+(?:not|n't)\s+(?:working|helping|leading)\b"),
    re.compile(r"^this\s+is\s+(?:\w+\s+)?(?:frustrating|ridiculous|unacceptable|a\s+joke|hopeless|infuriating)$"),
    re.compile(
        r"\b(?:absolutely|totally|completely|utterly)\s+(?:unacceptable|ridiculous|disgusting|outrageous)"
        r"\b"
    ),
    re.compile(
        r"\b(?:file|make|lodge|raise)\s+a\s+(?:formal\s+)?complaint\s+(?:about|against)\s+(?:you|your|"
        r"this|the)\b"
    ),
    re.compile(
        r"\byou(?:'re|\s+are)\s+(?:all\s+)?(?:thieves|scammers|crooks|liars)\b|\bi\s+(?:was|have\s+been|"
        r"am\s+being)\s+scammed\s+by\s+you\b"
    ),
]
LEGAL = re.compile(
    r"\b(?:my|our|a)\s+(?:lawyer|attorney|solicitor)\b|\blegal\s+action\b|\b(?:i'll|i\s+will|going\s+"
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

POLITE = (
    r"(?:\s+(?:there|again|everyone|all|team|friend|my\s+friend|bot|assistant|please|mate|so\s+much|very\s+much|"
    r"a\s+lot|a\s+bunch|today|now|then|sir|you|man))*"
)
SMALL_TALK: list[tuple[re.Pattern[str], str]] = [
    (
        re.compile(
            rf"(?:(?:hi|hello|hey|heya|heyo|hiya|yo|howdy|greetings|good\s+(?:morning|afternoon|evening|day)|"
            rf"hola|bonjour){POLITE}\s*)+"
            r"(?:how\s+(?:are\s+(?:you|ya)|is\s+it\s+going)(?:\s+(?:doing|today))*)?"
        ),
        "Hello. What can I help you with?",
    ),
    (
        re.compile(
            r"(?:so\s+)?(?:how\s+(?:are\s+(?:you|ya)|ya|is\s+it|is\s+everything|you\s+are|have\s+you\s+been)"
            r"(?:\s+(?:doin|doing|going|been|today|my\s+friend))*|what's\s+up|sup|are\s+you\s+(?:good|ok|"
            r"okay|well))"
        ),
        "All well here, thank you. What can I help you with?",
    ),
    (
        re.compile(
            rf"(?:(?:ok|okay|great|perfect|cool|awesome|alright|no|yes|that\s+(?:worked|helped)|it\s+work(?:s|"
            rf"ed))\s+)*"
            rf"(?:thanks|thank\s+you|thank\s+u|thx|ty|cheers|much\s+appreciated|i\s+appreciate\s+(?:it|that|"
            rf"your\s+help)|many\s+thanks|i'm\s+thankful){POLITE}"
            r"(?:\s+for\s+(?:the|your|all\s+(?:the|your)|helping(?:\s+me)?(?:\s+out)?)(?:\s+(?:help|assist|"
            r"assistance|support|answer|info|information|time|out|today))*)?"
            r"(?:\s+(?:that\s+(?:worked|helped|was\s+helpful|is\s+all|solved\s+it)|it\s+work(?:s|ed)|bye|"
            r"goodbye))*"
        ),
        "You're welcome. Is there anything else?",
    ),
    (
        re.compile(
            r"(?:(?:ok|okay|great|thanks|no|well|this\s+was\s+(?:fun|a\s+nice\s+chat)|(?:i|it\s+was)\s+"
            r"(?:enjoyed|nice)\s+(?:our\s+talk|our\s+chat|speaking\s+with\s+you|talking\s+to\s+you))\s*)*"
            r"(?:bye(?:\s+bye)?|goodbye|good\s+bye|see\s+(?:ya|you)(?:\s+(?:later|soon|around))?|until\s+"
            r"next\s+time|peace\s+out|have\s+a\s+(?:nice|good|great)\s+(?:day|one|evening|weekend)|good\s+"
            r"night|farewell|take\s+care|that's\s+all|that\s+is\s+all)"
            rf"{POLITE}(?:\s+(?:bye|goodbye|for\s+now))?|this\s+was\s+a\s+nice\s+chat"
        ),
        "Goodbye, and come back whenever something comes up.",
    ),
    (
        re.compile(
            r"(?:ok|okay|k|great|perfect|cool|awesome|nice|got\s+it|i\s+see|understood|alright|all\s+good|"
            r"sounds\s+good|good|that\s+(?:worked|helped)|it\s+work(?:s|ed)(?:\s+now)?|makes\s+sense|solved)"
            r"(?:\s+(?:great|cool|good|now))?"
        ),
        "Good. Is there anything else?",
    ),
    (
        re.compile(
            r"(?:.{0,40}\b)?(?:are\s+you|you\s+are|am\s+i\s+(?:talking|speaking|chatting)\s+(?:to|with)|is\s+"
            r"this)\s+(?:an?\s+|really\s+|actually\s+|secretly\s+)*"
            r"(?:bot|robot|ai|machine|computer|human|real|real\s+person|person|artificial\s+"
            r"intelligence(?:\s+being)?)(?:\s+or\s+(?:an?\s+)?(?:\w+\s*){1,2})?"
        ),
        "I'm an AI assistant: I answer from this help centre's articles and show where each answer comes from. "
        "A person is one click away.",
    ),
    (
        re.compile(
            r"(?:hi\s+|hello\s+)?(?:(?:can\s+you\s+)?tell\s+me\s+)?what\s+(?:can\s+you\s+(?:do|help(?:\s+me)"
            r"?(?:\s+with)?|answer)|(?:(?:kinds?|types?|categories|sorts?)\s+of\s+)?(?:questions|things)"
            r"?\s*(?:can|could|may|am|do)\s+(?:i|you)\s+(?:allowed\s+to\s+)?(?:ask|answer)(?:\s+(?:you|the\s+"
            r"ai))?)"
        ),
        "Ask me anything about our products and services. I answer from the help centre and show "
        "the article each answer comes from; when it isn't there, a person can take over.",
    ),
    (
        re.compile(
            r"(?:hi\s+|hello\s+|and\s+)?(?:what\s+(?:exactly\s+)?(?:is|was|are)\s+your\s+names?|what's\s+"
            r"your\s+name|who\s+are\s+you|what\s+are\s+you|what\s+(?:may|should|can)\s+i\s+call\s+you)(?:\s+"
            r"(?:again|exactly|by\s+the\s+way|by\s+chance|please|if\s+i\s+may\s+ask))?"
        ),
        "I'm the AI assistant of this help centre. What can I help you with?",
    ),
]
YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok|okay|please|y|of\s+course|i\s+would|i'd\s+like\s+that|that\s+would\s+be\s+(?:great|good|nice))(?:\s+(?:please|i\s+would|do|thanks|thank\s+you))*"
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
