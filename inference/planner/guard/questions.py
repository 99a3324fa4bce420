"""Talk that asks for no work: questions for information and what robots cannot do at all."""

from __future__ import annotations

import re

from inference.planner.guard import plain

_OUT_OF_SCOPE = re.compile(
    r"\b(?:weather|wetter|clima|tiempo hace|meteo|pogod[ay]|joke|jokes|witz|chiste|blague|zart|piada|"
    r"poem|gedicht|poema|poeme|"
    r"song|songs|sing|music|news|football|soccer|bitcoin|stock price|recipe|"
    r"e ?mail|homework|essay|story|capital of|president|translate|lottery|horoscope|movie|netflix|pizza|"
    r"holiday|vacation|meaning of life|your name|who are you|how are you|how old are you|"
    r"who made you|what can you do|love me|marry me|phone call|play (?:a )?(?:game|chess|music)|dance|"
    r"selfie|password|passwords)\b|天气|笑话|唱歌|新闻"
)
# Words that also begin an order ("when you are done, ...", "esta caja va a ..."): a question only with its mark.
_MARKED_QUESTION = re.compile(
    r"^\W*(?:\w+\s*,\s*)?(?:when|que|como|cuando|esta|estan|has|hay|o que|quando|onde|co|ile|jest)\b"
)
_QUESTION = re.compile(
    r"^\W*(?:(?:hey|hi|hello|ok|so|and|please|\w+)\s*,\s*)?(?:where|what|whats|who|whose|which|why|"
    r"how (?!about)|wheres|whos|is|are|does|did|has|have you|do we|do you|was|were|"
    r"wo|was|wer|wie|warum|wann|welche\w*|ist|sind|hat|donde|quien|cual|cuanto\w*|por que|"
    r"ou est|ou sont|quel\w*|qui|pourquoi|combien|comment|est ce|"
    r"onde|quem|qual|quantos?|quantas?|gdzie|kto|dlaczego|kiedy|czy)\b"
)


def _line(text: str) -> str:
    """Folded, on one line, punctuation other than sentence ends as spaces."""
    return re.sub(r"[^\S\n]+", " ", re.sub(r"[^\w\s.,!?;:]", " ", plain.folded(plain.visible(text)))).strip()


def out_of_scope(text: str) -> bool:
    """Whether the text names something no robot here does."""
    return bool(_OUT_OF_SCOPE.search(re.sub(r"[.,!?;:\s]+", " ", _line(text))))


def is_question(text: str) -> bool:
    """Whether the text asks for information ("where is R-7?") instead of asking for work ("can you bring ...?")."""
    line = _line(text)
    return bool(_QUESTION.match(line) or ("?" in line and _MARKED_QUESTION.match(line)))
