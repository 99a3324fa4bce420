"""What must never become a mission, recognised by fixed rules before any model reads the text.

The guard only ever refuses; passing it proves nothing. It looks for a *combination* (a verb that weakens and the thing
it weakens; driving and people), because single words such as "blocked", "fire exit" or "scanner" occur in
harmless work. Every planner runs it, on the text as typed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from inference.planner.text import fold


@dataclass(frozen=True, slots=True)
class Refusal:
    """reason: stop_words | unsafe | protection | injection | out_of_scope. `message` is for the page, in plain
    words.
    """

    reason: str
    message: str


_STOP = (
    "stop|stopp|halt|freeze|anhalten|stoppen|alto|detente|detenga|detenganse|pare|paren|parate|arrete|"
    "arretez|arretes|stoppez"
    "|stop now|all stop|hold everything|abort|notaus|not aus|notstopp|basta|stoppe|halte"
)
_STOP_ALONE = re.compile(
    rf"^(?:\W*(?:please|bitte|por favor|ya|everyone|everything|all|all robots|the robots|the robot|now|"
    rf"immediately|sofort|alle|alles|todo|todos|tout|"
    rf"all of them|right now|them|it|that|hey|whoa|no|everybody|alle roboter)\W+)*(?:{_STOP}|para|paralo|"
    rf"hold it|hold on)\b"
    r"(?!\s+(?:at|by|in|near|bei|en|a|signs?|off|over|light|the\s+(?!robots?\b)\w+\s+\w+))"
)
_STOP_LATER = re.compile(
    rf"(?:[.,!?;:]\s*|\b(?:and|then|please|just|to|must|should|make|have|tell|soll|muss|und|y|et|robots?|"
    rf"everyone|everybody|all)\s+)(?:{_STOP})\b(?=\W*(?:now|jetzt|ya|immediately|sofort|everything|"
    rf"everyone|all|alle|alles|todo|todos)?\W*$)"
)

_PEOPLE = (
    r"(?:people|persons?|pedestrians?|workers?|colleagues?|staff|crowds?|humans?|m[ae]n|wom[ae]n|guys?|"
    r"visitors?|operators?|drivers?|someone|"
    r"somebody|anyone|anybody|everyone|him|her|kids?|child(?:ren)?|employees?|pickers?|cleaners?|"
    r"bystanders?|cleaner|forklift driver|"
    r"menschen|personen?|leuten?|mitarbeiter\w*|arbeitern?|kolleg\w+|jemand\w*|besucher\w*|personas?|"
    r"gente|trabajador\w*|obrer\w*|emplead\w*|"
    r"compan[ei]r\w*|alguien|peatones|visitantes?|personnes?|gens|employes?|ouvriers?|collegues?|quelqu "
    r"un|pietons?|visiteurs?)"
)
_RAM = (
    r"(?:driv\w*|run|runs|running|go|goes|going|move|push\w*|plough|plow|barge|force|squeeze|head|"
    r"straight|send\w*|fahr\w*|geh\w*|pass\w*|conduc\w*|ve|"
    r"pasa|pasar|atraviesa|cruza|roul\w*|fonce\w*|passe|traverse)"
)
_THROUGH = (
    r"(?:through|into|over(?! to)|straight at|durch|uber|in die|a traves de|por encima de|por entre|contra|entre|"
    r"a travers|sur|dans|parmi)"
)
_HIT = (
    r"(?:ram|ramming|hit|hits|knock|bump|crush|crash|smash|chase|scare|frighten|hurt|injure|attack|kill|"
    r"run over|run down|rammen?|ramm|uberfahr\w*|verletz\w*|"
    r"anfahren|umfahren sie|atropella\w*|embiste\w*|choca\w*|golpea\w*|asusta\w*|hiere\w*|ecrase\w*|"
    r"percute\w*|blesse\w*|heurte\w*|renverse\w*)"
)
_WEAKEN = (
    r"(?:ignor\w*|disregard\w*|bypass\w*|overrid\w*|disabl\w*|switch\w* off|turn\w* off|turning off|"
    r"deactivat\w*|mut(?:e|ing)|unplug\w*|defeat\w*|circumvent\w*|"
    r"forget(?: about)?|skip\w*|never mind|do ?n[o']?t (?:care|worry|mind|bother)\w*(?: about)?|cut off|"
    r"jump\w*|suspend\w*|shut off|pay no attention to|without|"
    r"ignorier\w*|umgeh\w*|abschalt\w*|ausschalt\w*|schalt\w*|deaktivier\w*|uberbruck\w*|missacht\w*|vergiss|ohne|"
    r"ignora\w*|desactiv\w*|desactiva\w*|apaga\w*|anula\w*|omite\w*|salta\w*|sin|desconecta\w*|olvida\w*|inhabilita\w*|"
    r"ignore\w*|desactive\w*|eteins|eteindre|contourne\w*|coupe\w*|neutralise\w*|oublie\w*|sans|debranche\w*)"
)
_PROTECTION = (
    r"(?:safety\w*|safe(?:guard\w*)|sensors?|scanners?|laser scanners?|lidars?|bumpers?|interlocks?|light "
    r"curtains?|protective \w+|warnings?|alarms?|"
    r"speed limits?|limits?|obstacles?|obstacle detection|collision \w+|keep ?out\w*|no ?go\w*|human only "
    r"\w+|restricted \w+|closed zones?|zones?|"
    r"battery (?:limit\w*|warning\w*|level\w*)|the battery|rules?|restrictions?|brak\w+|people|persons?|"
    r"pedestrians?|traffic (?:lights?|rules?)|right of way|load limit|weight limit|payload limit|stop "
    r"(?:button|signal|command)s?|checks?|"
    r"sicherheit\w*|sensor\w*|schutz\w*|lichtvorhang|warnung\w*|hindernis\w*|grenz\w*|"
    r"geschwindigkeitsbegrenzung|tempolimit|regeln?|sperrzone\w*|zonen?|bremse\w*|menschen|personen|"
    r"seguridad|sensor\w*|limite\w*|zonas?|obstaculos?|advertencias?|alarmas?|reglas?|normas?|personas|"
    r"frenos?|protecci\w*|"
    r"securite|capteurs?|limite\w*|zones?|obstacles?|avertissements?|alarmes?|regles?|personnes|freins?|protection\w*)"
)
# Harmless with "without": they say what the robot should not do, not what should not protect.
_STRONG_WITHOUT = (
    r"(?:safety\w*|sensors?|scanners?|bumpers?|sicherheit\w*|sensor\w*|schutz\w*|seguridad|sensor\w*|"
    r"proteccion\w*|securite|capteurs?|protection\w*|limits?|speed limits?|rules?|warnings?|alarms?|interlocks?|"
    r"light curtains?|protective \w+|lichtvorhang|regeln?|tempolimit|limite\w*|reglas?|normas?|regles?|brak\w+|"
    r"bremse\w*|frenos?|freins?|alarmas?|alarmes?|warnung\w*)"
)

_UNSAFE = [
    rf"\b{_RAM}\b[\w\s]{{0,25}}\b{_THROUGH}\s+(?:\w+\s+){{0,3}}{_PEOPLE}\b",
    rf"\b{_HIT}\b\s+(?:\w+\s+){{0,3}}{_PEOPLE}\b",
    rf"\b(?:run|drive|roll)s?\s+(?:over(?! to)|down|into)\s+(?:\w+\s+){{0,2}}{_PEOPLE}\b",
    (
        r"\b(?:they|he|she|people|anyone|everyone) (?:will|ll|can|should|has to|have to|must) (?:jump|move|"
        r"get|step) (?:aside|away|out|over)"
    ),
    (
        r"\b(?:do ?n[o']?t|do not|never|without|no) (?:stop\w*|brak\w*|slow\w*|yield\w*|wait\w*)(?: down)?(?: "
        r"\w+){0,2} (?:for|on|at|when|if|because)\b"
    ),
    r"\bwithout (?:stopping|braking|slowing|yielding|looking|checking|waiting for (?:people|anyone|clearance))\b",
    (
        r"\b(?:no matter (?:who|what|if)|even (?:if|when|though)|regardless (?:of )?(?:who|what|if|whether)|"
        r"whether or not)\b.{0,30}\b(?:way|people|person|someone|somebody|anyone|standing|"
        r"battery (?:is )?(?:dead|flat|empty))\b"
    ),
    (
        rf"\b(?:regardless of|despite|in spite of|trotz|a pesar de|"
        rf"malgre)\b\s+(?:\w+\s+){{0,2}}(?:{_PROTECTION}|{_PEOPLE})"
    ),
    rf"\b{_WEAKEN}\b\s+(?:\w+\s+){{0,4}}?{_PROTECTION}\b",
    (
        rf"\b{_PROTECTION}\s+(?:\w+\s+){{0,3}}?(?:off|disabled|out|aus|ausschalten|abschalten|ignorieren|"
        rf"deaktivieren|umgehen|missachten|desactivad\w+|apagad\w+)\b"
    ),
    (
        r"\b(?:faster|quicker|schneller|mas rapido|plus vite)\s+(?:than|als|que|"
        r"de)\s+(?:\w+\s+){0,2}(?:allowed|permitted|limit|erlaubt|permitido|limite|autorise|safe|maximum|"
        r"max)\w*"
    ),
    (
        r"\b(?:exceed|break|go over|more than|above|over|beyond|uberschreit\w*|excede\w*|supera\w*|"
        r"depasse\w*)\s+(?:\w+\s+){0,2}(?:(?:speed|weight|load|payload)\s+)?(?:limits?|maximum|capacity|"
        r"rating|grenze|limite|rated load)\b"
    ),
    r"\b(?:overload|uberlad\w*|sobrecarg\w*|surcharge[rz]?)\b",
    r"\bmore than (?:it|the robot|he|she|allowed|permitted)(?: can| is allowed| should| may)?\b",
    (
        rf"\b{_RAM}\b[\w\s]{{0,25}}\b(?:into|through|across|inside|durch|in|por|en|dans|par)\s+(?:\w+\s+){{0,2"
        rf"}}(?:closed|forbidden|prohibited|restricted|no ?go|keep ?out|human only|pedestrian|gesperrt\w*|verbo"
        rf"ten\w*|sperrzone|prohibid\w+|cerrad\w+|restringid\w+|interdite?s?|fermee?s?)\b"
    ),
    (
        r"\b(?:block|obstruct|barricade|park (?:in front of|across|before)|blockier\w*|versperr\w*|bloquea|"
        r"bloquear|obstruye|bloque|bloquer)\b (?!ed)(?:\w+\s+){0,2}(?:fire|emergency|escape|exit|exits|"
        r"evacuation|notausgang|fluchtweg\w*|salida\w*|sortie\w*|stairs?)\b"
    ),
    (
        rf"\b(?:carry|lift|transport|give|pick up|take)\s+(?:\w+\s+){{0,2}}(?:{_PEOPLE})\s+(?:a ride|for a "
        rf"ride|on (?:the|your) (?:robot|back|forks?|platform))"
    ),
    (
        r"\b(?:ride|riding|sit|stand|climb)\s+(?:\w+\s+)?on (?:the|a|your|top of)\s*(?:robot|agv|amr|forks?|"
        r"platform|back)?\b"
    ),
    r"\b(?:give|let)\s+(?:\w+\s+){1,3}(?:a )?ride\b",
    (
        r"\b(?:until|till|bis|hasta que|jusqu a ce que) (?:\w+\s+){0,2}(?:battery|akku|bateria|batterie)(?: "
        r"\w+){0,2} (?:dies?|dead|flat|empty|leer|agote|vide)\b"
    ),
    r"\b(?:ram|smash|crash|bash)\b(?:\s+\w+){0,2}\s+(?:into|through|the|it|against|door|wall|gate)\b",
    r"\b(?:set fire|burn down|blow up|explosives?|weapons?|sabotage|destroy|vandali\w+|throw)\b",
    r"\b(?:tip|push|knock)\b(?:\s+\w+){0,3}\s+over\b",
]
_PROTECT = [
    (
        r"\b(?:open|unlock|reopen|lift|offne\w*|entsperr\w*|abre|abrir|ouvre|"
        r"ouvrir)\b\s+(?:\w+\s+){0,2}(?:zone|zones|area|sperrzone|zona|fence|interlock|safety gate)\b"
    ),
    (
        r"\b(?:reset|release|clear|cancel|lift|acknowledge|silence|remove|delete|quittier\w*|losche\w*|"
        r"restablece|anula)\b\s+(?:\w+\s+){0,2}(?:stop|latch|hold|alarm|alarms|fault|e ?stop|emergency stop|"
        r"safety stop|protective stop|interlock|not ?aus)\b"
    ),
    r"\bput\b(?:\s+\w+){1,3}\s+back (?:in|into) service\b",
    (
        r"\b(?:raise|increase|change|lower|remove|set|widen|lift)\b\s+(?:\w+\s+){0,2}(?:speed limit|safety "
        r"\w+|limits?|protective field|stop distance|battery limit)\b"
    ),
    r"\b(?:grant|give)\b\s+(?:\w+\s+){0,2}(?:admin|permissions?|rights|access)\b",
]
_INJECTION = [
    r"(?:^|\n|[.!?]\s)\s*(?:system|assistant|developer|admin|user|root)\s*:",
    (
        r"\b(?:ignore|disregard|forget|override|bypass|ignorier\w*|vergiss|ignora\w*|olvida\w*|oublie\w*|"
        r"ignore[rz]?)\b\s+(?:\w+\s+){0,4}(?:instructions?|rules?|prompts?|guidelines|training|policy|"
        r"policies|anweisungen|regeln|vorgaben|instrucciones|reglas|normas|consignes|regles)\b"
    ),
    (
        r"\b(?:previous|prior|above|earlier|vorherigen?|bisherigen?|anteriores|precedentes) (?:instructions?|"
        r"rules?|prompts?|anweisungen|regeln|instrucciones|reglas|consignes)\b"
    ),
    r"\byou are now\b|\bdu bist (?:jetzt|nun)\b|\bahora eres\b|\btu es maintenant\b",
    (
        r"\b(?:developer|debug|god|maintenance|admin|root|unrestricted|jailbreak|dan|override|test) mode\b|"
        r"\bwartungsmodus\b|\bmodo (?:admin\w*|desarrollador|mantenimiento)\b|\bmode (?:admin\w*|developpeur|"
        r"maintenance)\b"
    ),
    r"\b(?:pretend|act as|roleplay|role play|simulate being|imagine you|behave as|tu so als)\b",
    (
        r"\b(?:safety|checks?|limits?|rules?|validation|guards?|zones?)\b(?:\s+\w+){0,4}\s+(?:are|is|were|"
        r"have been|has been)\s+(?:\w+\s+){0,2}(?:off|disabled|lifted|suspended|waived|void|switched off|"
        r"turned off|not needed|inactive|deactivated|irrelevant)\b"
    ),
    r"\b(?:rules?|checks?|limits?|safety|validation)\b(?:\s+\w+){0,2}\s+(?:do|does)(?: ?n[o']?t| not) apply\b",
    (
        r"\bnew (?:system )?(?:instructions?|rules?|prompt)\b|\b(?:system|your|the) prompt\b|\boverride code\b|"
        r"\badmin(?:istrator)? (?:override|access|rights|authori\w+)\b"
    ),
    (
        r"\b(?:i am|as|this is) (?:the |an |your )?(?:admin\w*|developer|root|supervisor|safety officer|"
        r"manager|ceo)\b.{0,40}\b(?:authori[sz]\w+|allow\w*|permission|override|approve\w*|skip|ignore)\b"
    ),
    (
        r"\b(?:without|skip|bypass|no need for|ohne|sin|sans)\s+(?:\w+\s+){0,2}(?:validation|validator|"
        r"confirmation|preview|approval|review|bestatigung|freigabe|confirmacion|aprobacion)\b"
    ),
    r"\b(?:sudo|eval|exec|drop table|delete from|rm rf|import os|base64|select \w+ from|curl|javascript)\b",
]
_RAW_INJECTION = re.compile(
    r"<\||\|>|</?\s*(?:script|system|tool|assistant)\b|\{\s*\"|\[/?inst\]|```|###|https?://|\$\(|\{\{|\{%",
    re.IGNORECASE,
)
_OUT_OF_SCOPE = (
    r"\b(?:weather|wetter|clima|tiempo hace|meteo|joke|jokes|witz|chiste|blague|poem|gedicht|poema|poeme|"
    r"song|songs|sing|music|news|football|soccer|bitcoin|stock price|recipe|"
    r"e ?mail|homework|essay|story|capital of|president|translate|lottery|horoscope|movie|netflix|pizza|"
    r"holiday|vacation|meaning of life|your name|who are you|how are you|how old are you|"
    r"who made you|what can you do|love me|marry me|phone call|play (?:a )?(?:game|chess|music)|dance|"
    r"selfie|password|passwords)\b"
)
# Words that also begin an order ("when you are done, ...", "esta caja va a ..."): a question only with its mark.
_MARKED_QUESTION = re.compile(r"^\W*(?:\w+\s*,\s*)?(?:when|que|como|cuando|esta|estan|has|hay)\b")
_QUESTION = re.compile(
    r"^\W*(?:(?:hey|hi|hello|ok|so|and|please|\w+)\s*,\s*)?(?:where|what|whats|who|whose|which|why|"
    r"how (?!about)|wheres|whos|is|are|does|did|has|have you|do we|do you|was|were|"
    r"wo|was|wer|wie|warum|wann|welche\w*|ist|sind|hat|donde|quien|cual|cuanto\w*|por que|"
    r"ou est|ou sont|quel\w*|qui|pourquoi|combien|comment|est ce)\b"
)


def _plain(text: str) -> str:
    """Folded, invisible characters dropped, punctuation other than sentence ends as spaces."""
    visible = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in "\n\t")
    return re.sub(
        r"[^\S\n]+", " ", re.sub(r"[^\w\s.,!?;:']", " ", fold(unicodedata.normalize("NFKC", visible)))
    ).strip()


_UNSAFE_RE = [re.compile(p) for p in _UNSAFE]
_PROTECT_RE = [re.compile(p) for p in _PROTECT]
_INJECTION_RE = [re.compile(p) for p in _INJECTION]
_SCOPE_RE = re.compile(_OUT_OF_SCOPE)
_WITHOUT = re.compile(
    rf"\b(?:without|ohne|sin|sans|skip\w*|jump\w*|salta\w*|umgeh\w*|contourne\w*|bypass\w*|forget(?: "
    rf"about)?|never mind|schalt\w*)\b\s+(?:\w+\s+){{0,4}}?{_PROTECTION}\b"
)
_WITHOUT_STRONG = re.compile(
    rf"\b(?:without|ohne|sin|sans|skip\w*|jump\w*|salta\w*|umgeh\w*|contourne\w*|bypass\w*|forget(?: "
    rf"about)?|never mind|schalt\w*)\b\s+(?:\w+\s+){{0,4}}?{_STRONG_WITHOUT}\b"
)


def check(text: str, names: tuple[str, ...] = ()) -> Refusal | None:
    """The refusal that `text` calls for, or None. `names` (folded) of robots may stand before a stop word."""
    plain = _plain(text)
    flat = re.sub(r"[.,!?;:']", " ", plain)
    flat = re.sub(r"\s+", " ", flat).strip()
    bare, spoken = flat, plain
    for name in names:
        bare = re.sub(rf"\b{re.escape(name)}\b", " ", bare)
        spoken = re.sub(rf"\b{re.escape(name)}\b", " , ", spoken)
    bare = re.sub(r"\s+", " ", bare).strip()
    if _STOP_ALONE.match(bare) or _STOP_LATER.search(spoken):
        return Refusal("stop_words", "To stop robots, use the Stop button: it works at once and needs no planner.")
    if _RAW_INJECTION.search(text) or any(p.search(plain) or p.search(flat) for p in _INJECTION_RE):
        return Refusal(
            "injection", "The text tries to change the rules the planner works under. Say only what should be done."
        )
    if any(p.search(flat) for p in _PROTECT_RE):
        return Refusal(
            "protection",
            "This would lower a protection. That is done on the site's safety page by someone with that role.",
        )
    if any(p.search(flat) for p in _UNSAFE_RE) and not _only_weak(flat):
        return Refusal("unsafe", "This would put people or the site at risk and is never sent to a robot.")
    if _SCOPE_RE.search(flat):
        return Refusal(
            "out_of_scope",
            "That is not something the robots here can do. Say what should be moved, checked or visited.",
        )
    return None


def _only_weak(flat: str) -> bool:
    """Whether all that fired is a weak pair such as "skip zone B" or "without obstacles": those go to the planner."""
    if not _WITHOUT.search(flat) or _WITHOUT_STRONG.search(flat):
        return False
    rest = _WITHOUT.sub(" ", flat)
    return not any(p.search(rest) for p in _UNSAFE_RE)


def is_question(text: str) -> bool:
    """Whether the text asks for information ("where is R-7?") instead of asking for work ("can you bring ...?")."""
    plain = _plain(text)
    return bool(_QUESTION.match(plain) or ("?" in plain and _MARKED_QUESTION.match(plain)))
