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

# The plainest of them in other languages, each: forget what you were told; you are now another; tell your instructions.
# Read against a sentence of which no letters are folded, or Cyrillic would not be.
_AI = r"(?:\w+\W+){0,2}(?:dan\b|ai\b|bot|chat-?bot|hacker|pirat)"
PLAIN_ELSEWHERE = _compiled(
    # German
    r"\b(?:ignorier\w*|vergiss|vergesst|vergessen sie|missacht\w*|verwirf|verwerfen sie)\b(?:\W+\w+){0,5}?\W+"
    r"(?:vorherig|vorig|bisherig|früher|vorangegangen|vorangehend|vorstehend|obig|ursprünglich|deine)\w*\W+(?:\w+\W+)?"
    r"(?:anweisung|instruktion|regel|vorgabe|befehl|richtlinie|system-?prompt|prompt)\w*",
    rf"\bdu bist (?:jetzt|nun|ab jetzt|ab sofort|von nun an) (?:{_AI}|(?:\w+\W+){{0,2}}(?:ki\b|ki-|assistent))",
    r"\b(?:verrat|zeig|nenn|offenbar|gib|wiederhol|druck)\w*\b(?:\W+\w+){0,2}?\W+(?:(?:deine?n?|den|ihren?) "
    r"system-?prompt|deine (?:systemanweisung|geheimen anweisung))",
    # Spanish, Portuguese, Italian, French
    r"\b(?:ignor(?:a|e|en|ad|ar)|olvid(?:a|e|en|ad|ar)|descart(?:a|e|ar)|desobede(?:ce|zca))\b(?:\W+\w+){0,3}?\W+"
    r"(?:instrucciones|reglas|órdenes|indicaciones|directrices)\W+(?:\w+\W+)?(?:anteriores|previas|precedentes"
    r"|originales)",
    rf"\b(?:ahora|a partir de ahora|desde ahora),? (?:tú )?eres {_AI}|\beres ahora {_AI}",
    r"\b(?:revela|muestra|muéstra(?:me|nos)|repite|imprime|di(?:me|nos)?)\b(?:\W+\w+){0,1}?\W+(?:tu|el|su) "
    r"prompt del? sistema",
    r"\b(?:ignor(?:e|a|em|ar)|esque(?:ça|ce|çam|cer)|desconsider(?:e|a|em|ar)|descart(?:e|a|ar))\b(?:\W+\w+){0,3}?\W+"
    r"(?:instruções|regras|ordens|orientações|diretrizes)\W+(?:\w+\W+)?(?:anteriores|prévias|precedentes|originais"
    r"|acima)",
    rf"\b(?:agora|a partir de agora),? (?:você|tu) (?:é|és|será) {_AI}|\b(?:você|tu) (?:agora )?(?:é|és) agora {_AI}|"
    rf"\bvocê agora é {_AI}",
    r"\b(?:revel[ae]|mostr[ae]|repit[ae]|imprim[ae]|diga)\b(?:\W+\w+){0,1}?\W+(?:seu|teu|o) prompt d[eo] sistema",
    r"\b(?:ignor(?:a|i|ate|are)|dimentic(?:a|hi|ate|are)|tralasci(?:a|ate|are))\b(?:\W+\w+){0,3}?\W+"
    r"(?:(?:precedenti|passate) (?:istruzioni|regole|indicazioni|direttive)|(?:istruzioni|regole|indicazioni"
    r"|direttive)\W+"
    r"(?:\w+\W+)?(?:precedenti|passate|originali|(?:qui )?sopra))",
    rf"\b(?:ora|adesso|da ora in poi|d'ora in poi),? (?:tu )?sei {_AI}|\bsei ora {_AI}",
    r"\b(?:rivel[ai]|mostra(?:mi)?|ripeti|stampa|dimmi)\b(?:\W+\w+){0,1}?\W+(?:tuo|il) prompt di sistema",
    r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|n['’]ignore pas|négligez?)\b(?:\W+\w+){0,3}?\W+"
    r"(?:(?:précédentes|anciennes) (?:instructions|règles|consignes|directives)|(?:instructions|règles|consignes"
    r"|directives)"
    r"\W+(?:\w+\W+)?(?:précédentes|antérieures|initiales|ci-dessus|d['’]avant))",
    rf"\b(?:tu es|vous êtes) (?:maintenant|désormais) {_AI}|\b(?:désormais|maintenant),? (?:tu es|vous êtes) {_AI}",
    r"\b(?:révèle|révélez|montre|montrez|affiche|affichez|répète|répétez|donne)\b(?:\W+\w+){0,1}?\W+(?:ton|votre|le) "
    r"prompt (?:du |de )?système",
    # Dutch, Swedish, Polish
    r"\b(?:negeer|vergeet|ignoreer)\b(?:\W+\w+){0,3}?\W+(?:vorige|eerdere|voorgaande|bovenstaande|oorspronkelijke"
    r"|jouw)\W+"
    r"(?:\w+\W+)?(?:instructies|regels|opdrachten|aanwijzingen|richtlijnen|prompts?)",
    rf"\b(?:je|jij|u) (?:bent|ben) (?:nu|voortaan|vanaf nu) {_AI}|\b(?:vanaf nu|voortaan) (?:ben|bent) (?:je|jij"
    rf"|u) {_AI}",
    r"\b(?:onthul|toon|laat|herhaal|geef)\b(?:\W+\w+){0,1}?\W+(?:(?:je|jouw|uw|de) systeem-?prompt"
    r"|(?:je|jouw) systeeminstructies)",
    r"\b(?:ignorera|glöm|bortse från|strunta i)\b(?:\W+\w+){0,3}?\W+(?:tidigare|föregående|ovanstående|ursprungliga"
    r"|dina)\W+"
    r"(?:\w+\W+)?(?:instruktion|regl|anvisning|order|riktlinj|prompt)\w*",
    rf"\bdu är (?:nu|hädanefter|från och med nu) {_AI}|\b(?:från och med nu|hädanefter) är du {_AI}",
    r"\b(?:avslöja|visa|upprepa|skriv ut)\b(?:\W+\w+){0,1}?\W+(?:din|dina|er) (?:system-?prompt|systeminstruktion)",
    r"\b(?:z?ignoruj(?:cie)?|zapomnij(?:cie)?(?: o)?|pomiń(?:cie)?|odrzuć)\b(?:\W+\w+){0,3}?\W+"
    r"(?:(?:poprzedni|wcześniejsz|powyższ|dotychczasow)\w*\W+(?:instrukcj|poleceni|polece|zasad|reguł|wytyczn)\w*|"
    r"(?:instrukcj|polece|zasad|reguł|wytyczn)\w*\W+(?:poprzedni|wcześniejsz|powyższ|dotychczasow)\w*)",
    rf"\b(?:jesteś teraz|teraz jesteś|od teraz jesteś) {_AI}",
    r"\b(?:ujawnij|pokaż|powtórz|wypisz|podaj)\b(?:\W+\w+){0,1}?\W+(?:swój |twój )?prompt systemowy",
    # Russian
    r"\b(?:(?:про)?игнорируй(?:те)?|забудь(?:те)?|отбрось(?:те)?|не обращай(?:те)? внимания на)\b(?:\W+\w+){0,3}?\W+"
    r"(?:предыдущ|прежн|прошл|вышеуказанн|вышеизложенн|предшествующ|исходн)\w*\W+(?:\w+\W+)?"
    r"(?:инструкци|указани|правил|команд|распоряжени|промпт)\w*",
    r"\b(?:ты теперь|теперь ты|вы теперь|отныне ты)\W+(?:\w+\W+){0,2}(?:dan\b|ии\b|бот|чат-?бот|хакер|пират|ассистент)",
    r"\b(?:раскрой|покажи|выведи|повтори|назови)(?:те)?\b(?:\W+\w+){0,1}?\W+(?:(?:свой |твой |ваш )?системный промпт|"
    r"(?:свои|твои) системн\w+ инструкци\w+)",
    # Chinese, Japanese
    r"(?:忽略|无视|忽视|忘记|忘掉|不要理会|無視|忽視)[^。！？\n]{0,8}(?:之前|以前|以上|先前|前面|上述|上面|此前)[^。！？\n]{0,6}"
    r"(?:指令|指示|规则|規則|提示|命令|说明|要求)",
    r"(?:你现在是|现在你是|从现在(?:开始|起)，?你(?:就)?是|你現在是)[^。！？\n]{0,10}(?:DAN|AI|机器人|黑客|助手|海盗)",
    r"(?:显示|透露|告诉我|输出|泄露|重复|公开)[^。！？\n]{0,6}(?:你的(?:系统)?(?:提示|指令)|系统提示词)",
    r"(?:これまで|以前|以上|上記|前|今まで|先ほど)の[^。！？\n]{0,8}(?:指示|命令|ルール|規則|プロンプト|指令)[^。！？\n]{0,6}"
    r"(?:無視|忘れ|破棄|従わない)",
    r"(?:あなた|君|お前)は(?:今|今から|これから|いま|現在)[、は]?[^。！？\n]{0,10}(?:DAN|AI|ボット|ハッカー|アシスタント|海賊)",
    r"(?:システムプロンプト|システム指示)を?[^。！？\n]{0,6}(?:見せ|教え|表示|明か|出力|開示|公開)",
)
