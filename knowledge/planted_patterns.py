"""The words of instructions to an assistant, planted in articles. Read against folded sentences; see planted.py."""

import re

_OUTPUT = (
    r"(?:answers?|responses?|repl(?:y|ies)|outputs?|messages?|summar(?:y|ies)|completions?|"
    r"responding|replying|answering)"
)
_CHANGE = (
    r"(?:add|append|include|insert|integrate|incorporate|augment|enhance|modify|change|alter|adjust|adapt|replace|"
    r"substitute|swap|convert|transform|translate|encode|encrypt|decode|render|write|rewrite|provide|give|deliver|"
    r"present|format|use|introduce|misspell|scramble|jumble|shuffle|rearrange|anagram|remove|omit|delete|group|"
    r"combine|merge|reverse|repeat|end|begin|start|finish|close|conclude|prefix|precede|suffix|tag|make|put|place|"
    r"mention|promote|recommend|advertise|state|say|express|reply|respond|answer|output|print|emit|return|hint|tease|"
    r"suggest|invite|encourage|emphasi[sz]e|highlight|weave|embed|link|direct|tell|instruct|ask|ensure|limit|keep|"
    r"restrict|capitali[sz]e|spell)"
)
_OPENING = r"(?:(?:please|now|also|then|always|instead|must|should|you|first|finally|and|just|only|simply|kindly) )*"
_OF_MODEL = r"(?:ai\b|assistants?\b|(?:chat ?)?bots?\b|(?:language )?models?\b|llms?\b)"


def _compiled(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I | re.S)


_POLITE = (
    r"^\W*(?:please |kindly |now |also |can you |could you |would you |will you |i want you to |"
    r"you (?:must|should|need to) )*"
)
_LETTERS = (
    r"(?:(?:every|each|all|the) )?(?:\w+ )?(?:letters?|vowels?|consonants?|words?|spaces?|characters?|sentences?)\b"
)
_WRITING = (
    r"(?:essays?|poems?|haikus?|sonnets?|limericks?|(?:short )?stor(?:y|ies)|songs?|lyrics|speech(?:es)?|tales?|"
    r"letters?|dialogues?|monologues?|(?:blog )?posts?|jokes?|riddles?|recipes?|scripts?|slogans?)"
)


# What nobody writes to readers, whatever the article is about.
PLAIN = _compiled(
    r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass|discard|do not follow|stop following)\b"
    r"(?:\W+(?:all|any|the|of|your|every|everything|user['’]?s?|question|and|previous|prior|above|earlier|preceding|"
    r"foregoing|original|former|initial|system|other|retrieved|given)){0,8}\W+(?:(?:previous|prior|above|earlier|"
    r"preceding|foregoing|original|former|initial|system|your)\W+(?:instructions?|prompts?|directions?|directives?|"
    r"guidelines|rules|programming)|retrieved context|user (?:query|question)|user['’]s (?:query|question))\b",
    r"\b(?:previous|prior|earlier|original|system) (?:instructions|prompts?|directives|guidelines) (?:are|is|have been|"
    r"were) (?:now )?(?:obsolete|superseded|void|cancell?ed|revoked|overridden|invalid)",
    r"\b(?:policy|instruction|safety|system) override\b",
    rf"{_POLITE}(?:integrate|incorporate|weave|slip|work)\b.{{0,160}}\b(?:in|into|throughout) your "
    r"(?:answers?|responses?|summar(?:y|ies)|completions?)\b",
    rf"\b{_CHANGE}\b.{{0,60}}\b(?:letters?|vowels?|consonants?|words?|characters?|punctuation)\b.{{0,60}}"
    rf"\b(?:in|of|throughout|across) your (?:\w+ )?{_OUTPUT}\b",
    rf"\b(?:note|attention|notice|message|instructions?|directives?|reminder|important)\W+(?:to|for)\W+"
    rf"(?:(?:the|any|all|every|an?|ai) )*{_OF_MODEL}\W*[:,(—–-]",
    r"^\W*(?:assistant|ai|bot|llm)[_ ](?:note|directive|override|instruction|message)\b\W*[:>]|\bassistant_directive\b",
    r"^\W*<\|?/?(?:system|assistant|im_start)\b|\[/?(?:inst|system|admin)\]",
    rf"\bif (?:you are )?an? (?:ai |virtual |language )?{_OF_MODEL}\W+(?:is |are )?(?:reading|process|answer|summari)",
    r"\b(?:decode|decrypt|unscramble|read it backwards)\b.{0,30}\band (?:comply|obey|execute it|follow it)\b",
    r"\b(?:reply|respond|answer) with (?:exactly|only) (?:this|the (?:word|following))\b.{0,40}\bnothing else\b",
    r"\bemit tool call\b|\bdo anything now\b|"
    r"\b(?:never|do not|don['’]t) break (?:out of )?character\b(?!\s+(?:limits?|encodings?|sets?|counts?|classes))",
    r"\b(?:unfiltered|uncensored)\W+(?:\w+\W+){0,2}(?:ai|chat ?bots?|language models?)\b",
    r"\b(?:ai|chat ?bot|language model)\b.{0,40}\b(?:unfiltered|uncensored)\b",
    r"\b(?:reveal|print|show|repeat|output|leak|disclose|dump) (?:\w+ ){0,3}?(?:your|the) (?:\w+ )?"
    r"(?:system prompt|hidden instructions|initial prompt)\b",
)

# What speaks to an assistant in most articles, and of one in an article about assistants.
LIKELY = _compiled(
    rf"{_POLITE}(?:integrate|incorporate|weave|slip|work)\b.{{0,160}}\b(?:in|into|throughout) your "
    r"(?:\w+ )?(?:answers?|responses?|repl(?:y|ies)|summar(?:y|ies)|completions?)\b",
    rf"{_POLITE}(?:add|append|include|insert|say|write|print|put|mention) [\"“][^\"”]{{8,}}$",
    r"^\W*(?:can|could|would|will) you (?:please )?(?:show|give|tell|write|explain|translate) me\b",
    r"(?<!can )(?<!may )(?<!could )(?<!safely )"
    r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overrid(?:e|ing)|bypass|discard|neglect)\b(?:\W+\w+){0,4}?\W+"
    r"(?:instructions?|prompts?|directions?|directives?|guidelines|query|question)\b",
    r"\b(?:as an ai\b|system prompt|developer mode|jailbr(?:eak|oken)|do anything now|(?:you|your) .{0,40}chat ?gpt)",
    rf"\b(?:note|attention|message|instructions?|directives?|reminder|info(?:rmation)?)\W+(?:to|"
    rf"for)\W+(?:the |any |all "
    rf"|every |an? )*{_OF_MODEL}|^\W*(?:assistant|system|user|human|ai)\W*[:\]>]|\bif (?:an?|the|"
    rf"you are an?) {_OF_MODEL}",
    rf"^\W*(?:[\w ]{{0,40}}[:,;.]\W*)?{_OPENING}\b{_CHANGE}\b.{{0,160}}\b(?:your|the|every|each|all|"
    rf"any|this|next|final|"
    rf"entire|whole|future) (?:(?:own|next|final|first|last|entire|whole|following|future|subsequent) )*{_OUTPUT}\b",
    rf"\b(?:in|to|of|throughout|within|into|with|after|before|for) (?:your|every|each|all|any) "
    rf"(?:(?:own|next|final|entire|whole|following|future|subsequent) )*{_OUTPUT}\b.{{0,12}}\b{_CHANGE}\b",
    rf"^\W*(?:[\w ,'’]{{0,60}}[:,;.]\W*|.*\band )?{_OPENING}(?:respond|reply|answer) (?:only |"
    rf"exactly |solely |always |just )*"
    r"(?:with|as|in)\b",
    r"\bwhen (?:answering|responding|replying|asked|summari[sz]ing)\b.{0,60}\b(?:respond|reply|say|"
    r"output|include|append|"
    r"tell|print|only|write)\b",
    r"\b(?:output|print|emit|say|append|include|repeat|return|begin|end|start|write|display|"
    r"type)\b.{0,60}\b(?:verbatim|"
    r"(?:verification|session|secret|confirmation|security|audit) (?:code|token|marker|phrase|key)|"
    r"following (?:token|code|phrase|string|text|marker|word|value)|nothing else|tool call|"
    r"this identifier|the value)\b",
    r"\b(?:verification|session|audit) (?:token|code|marker) for this (?:session|conversation|chat)|"
    r"\ball (?:responses|answers|replies) must\b|\b(?:suffix|prefix|footer|"
    r"text) (?:text )?for (?:all |every )?(?:support )?"
    r"(?:replies|responses|answers)\b|\bto include in (?:the|your|every) (?:answer|response|reply)\b",
    r"\b(?:invoke|call|run|trigger|execut(?:e|ing)|use) (?:the )?\w+_\w+ tool\b",
    r"\b(?:you are|you're|you will be|you shall be) (?:(?:now|no longer|henceforth|from now on)"
    r",? (?:an?|bound|free|called|named|acting|to|my|in \w+ mode)|going to (?:act|pretend))\b",
    r"\byou (?:(?:will|must|shall|should|are going to|are about to|have to|need to|can|now) )+(?:simulate|imitate|"
    r"emulate|immerse yourself|act as|play the|role ?-?play|pretend|impersonate|go by|obey)\b|\bforget everything\b|"
    r"\b(?:hello|hi|hey|dear|ok|okay|listen|attention),? (?:chat ?gpt|ai|assistant|bot)\b|"
    r"\bi(?:'d like| (?:want|need|would like)) you to\b|\byour (?:persona|character) (?:is|will|has|must)\b|"
    r"\b(?:let['’]?s|we are going to|we will) (?:all )?(?:play|role ?-?play|pretend|act out)\b|"
    r"\byou are (?:now )?(?:\w+gpt|dan|an? (?:\w+ ){0,3}(?:ai|language model|chat ?bot))\b",
    r"\bfrom now on,? (?:you|your|always|only|answer|respond)\b|\b(?:pretend|roleplay|role-play|"
    r"imagine) (?:to be|that you|"
    r"you are)|\bact as (?:if|though) you\b|\bstay in character\b|\byour new (?:role|persona|name|"
    r"task|instructions?|goal)\b",
    r"\b(?:do not|don't|never) (?:show|tell|mention|reveal|disclose|inform)(?: \w+){0,3}? (?:to )?(?:the )?"
    r"(?:users?|customers?|readers?)\b|\btell (?:the|every|each|all) (?:user|customer)s?\b",
    r"\b(?:rot-?13|base-?64).{0,60}\b(?:comply|obey|instruction)",
)

# What asks for a text that few articles ask their readers for: an essay, other letters, a translation.
TEXT = _compiled(
    rf"{_POLITE}(?:replace|substitute|swap|remove|use|scramble|capitali[sz]e|repeat|group|combine|double) {_LETTERS}",
    rf"{_POLITE}(?:write|draft|compose|generate|create|craft)\b.{{0,60}}\b{_WRITING}\b",
    r"^\W*(?:what|how)\b.{0,100}\b(?:in|into) (?:english|german|french|spanish|italian|portuguese|dutch|polish|russian|"
    r"chinese|japanese|latin)\W*$",
)

# What asks for a text or a deed; planted only where the article is about something else altogether.
REQUEST = _compiled(
    rf"{_POLITE}(?:write|draft|compose|generate|develop|design|provide|give|explain|describe|discuss|summari[sz]e|"
    r"translate|break down|outline|tell|define|analy[sz]e|calculate|solve|convert|encode|decode|rewrite|paraphrase|"
    r"schedule|book|order|send|e?mail|announce|spread|promote|advertise|recommend|suggest|invite|encourage|report|"
    r"predict|estimate|evaluate|classify|rate|recite|sing|imagine|pretend|act|play|craft|produce|devise|offer|narrate|"
    r"reverse|speak|talk|reply|respond|persuade|convince|inform|notify|remind|claim|state|argue|express|"
    r"publish|post|tweet|transfer|pay|buy|purchase|sign|prepare|share|mention|add|append|include|insert|integrate|"
    r"incorporate|introduce|augment|enhance|modify|misspell|emphasi[sz]e|highlight)\b.*\w\W*$",
)
# A question that is not the customer's: an article asks few, and fewer of something else.
QUESTION = _compiled(r"^\W*(?:what|who|whose|which|when|where|why|how|is|are|do|does|did|can|could)\b.*\?\W*$")
# Half a question, run on into a sentence of the article; half a sentence, whose beginning stands elsewhere.
BEGUN = _compiled(r"^\W*(?:what|who|whose|which|where|why|how) (?:is|are|was|were|do|does|did|can|could|would|to)\b")
FRAGMENT = re.compile(r"[a-z]+[ ,'’]")
