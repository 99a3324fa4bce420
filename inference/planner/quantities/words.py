"""The number words of seven languages as data, folded: what one word counts, and how words are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inference.planner.text import fold


def _counted(listed: str, first: int = 0, step: int = 1) -> dict[str, int]:
    """Words in order, alternatives of one value joined with "|"."""
    return {fold(word): first + n * step for n, entry in enumerate(listed.split()) for word in entry.split("|")}


@dataclass(frozen=True, slots=True)
class Counting:
    """`words`: single words. `links`: what may stand between tens and units; `wide`: between hundreds and the rest.
    `tens`: the first ten that takes a unit behind it. `hundred`, `thousand`: words that multiply what is before them.
    `ones`: words that are 1 only inside of a compound, because alone they are an article.
    """

    words: Mapping[str, int]
    hundred: frozenset[str] = frozenset()
    thousand: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    wide: frozenset[str] = frozenset()
    linked: bool = False
    ones: frozenset[str] = frozenset()


_TEENS_DE = "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"


def _german() -> dict[str, int]:
    """One word for each number up to 999, and the full hundreds up to 1900, in both spellings of the umlauts."""
    units = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
    teens = _TEENS_DE.split()
    tens = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
    below: dict[int, str] = {n: units[n] for n in range(2, 10)} | {1: "eins"} | {10 + n: w for n, w in enumerate(teens)}
    for n in range(20, 100):
        below[n] = tens[n // 10] if n % 10 == 0 else f"{units[n % 10]}und{tens[n // 10]}"
    out: dict[str, int] = {"null": 0, "zwo": 2, "hundert": 100}
    for n, word in below.items():
        out[word] = n
        out["hundert" + word] = out["hundertund" + word] = 100 + n
        for hundreds in range(1, 10):
            out[f"{units[hundreds]}hundert{word}"] = hundreds * 100 + n
    for hundreds in range(1, 20):
        out[("ein" if hundreds == 1 else below[hundreds]) + "hundert"] = hundreds * 100
    spelled: dict[str, int] = {}
    for word, n in out.items():
        spelled[fold(word)] = n
        spelled[fold(word.replace("ü", "ue").replace("ö", "oe"))] = n
    return spelled


_EN = (
    _counted(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    )
    | _counted("twenty thirty forty|fourty fifty sixty seventy eighty ninety", 20, 10)
    | {"dozen": 12, "hundred": 100, "thousand": 1000}
)
_DE = _german() | {"dutzend": 12, "tausend": 1000}
_ES = (
    _counted(
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
        "dieciocho diecinueve veinte veintiuno|veintiún|veintiuna veintidós veintitrés veinticuatro veinticinco "
        "veintiséis veintisiete veintiocho veintinueve"
    )
    | _counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa cien|ciento", 30, 10)
    | _counted(
        "doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas quinientos|quinientas "
        "seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas novecientos|novecientas mil",
        200,
        100,
    )
    | {"docena": 12, "docenas": 12}
)
_FR = (
    _counted("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize")
    | _counted("vingt|vingts trente quarante cinquante soixante septante huitante|octante nonante", 20, 10)
    | {"cent": 100, "cents": 100, "mille": 1000, "douzaine": 12, "douzaines": 12, "dizaine": 10, "vingtaine": 20}
)
_FR.pop("un")
_PT = (
    _counted(
        "zero um dois|duas três quatro cinco seis sete oito nove dez onze doze treze catorze|quatorze quinze "
        "dezasseis|dezesseis dezassete|dezessete dezoito dezanove|dezenove"
    )
    | _counted("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem|cento", 20, 10)
    | _counted(
        "duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas seiscentos|seiscentas "
        "setecentos|setecentas oitocentos|oitocentas novecentos|novecentas mil",
        200,
        100,
    )
    | {"dúzia": 12, "duzia": 12, "duzias": 12}
)
_PT.pop("um")
_PL = (
    _counted(
        "zero jeden|jedna|jedno|jedną|jednego|jednej|jednym dwa|dwie|dwóch|dwu|dwóm|dwoma|dwiema "
        "trzy|trzech|trzem|trzema cztery|czterech|czterem|czterema pięć|pięciu sześć|sześciu siedem|siedmiu "
        "osiem|ośmiu dziewięć|dziewięciu "
        "dziesięć|dziesięciu jedenaście|jedenastu dwanaście|dwunastu trzynaście|trzynastu czternaście|czternastu "
        "piętnaście|piętnastu szesnaście|szesnastu siedemnaście|siedemnastu osiemnaście|osiemnastu "
        "dziewiętnaście|dziewiętnastu"
    )
    | _counted(
        "dwadzieścia|dwudziestu trzydzieści|trzydziestu czterdzieści|czterdziestu pięćdziesiąt|pięćdziesięciu "
        "sześćdziesiąt|sześćdziesięciu siedemdziesiąt|siedemdziesięciu osiemdziesiąt|osiemdziesięciu "
        "dziewięćdziesiąt|dziewięćdziesięciu sto|stu",
        20,
        10,
    )
    | _counted(
        "dwieście|dwustu trzysta|trzystu czterysta|czterystu pięćset|pięciuset sześćset|sześciuset "
        "siedemset|siedmiuset "
        "osiemset|ośmiuset dziewięćset|dziewięciuset tysiąc|tysiąca",
        200,
        100,
    )
    | {"tysiące": 1000, "tysiace": 1000, "tysiecy": 1000, "tuzin": 12, "tuzina": 12, "tuziny": 12}
)
_ZH = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2, "俩": 2, "百": 100, "千": 1000}

# Each language also reads the English words, because names and habits are mixed on the floor; its own come first
# ("once" is eleven in Spanish).
COUNTING: dict[str, Counting] = {
    "en": Counting(_EN, frozenset({"hundred"}), frozenset({"thousand"}), wide=frozenset({"and"})),
    "de": Counting(
        _EN | _DE,
        frozenset({"hundred", "hundert"}),
        frozenset({"thousand", "tausend"}),
        wide=frozenset({"und", "and"}),
    ),
    "es": Counting(
        _EN | _ES,
        frozenset({"hundred"}),
        frozenset({"mil"}),
        frozenset({"y"}),
        linked=True,
        ones=frozenset({"un", "una"}),
    ),
    "fr": Counting(
        _EN | _FR,
        frozenset({"cent", "cents"}),
        frozenset({"mille"}),
        frozenset({"et"}),
        ones=frozenset({"un", "une"}),
    ),
    "pt": Counting(
        _EN | _PT,
        frozenset({"hundred"}),
        frozenset({"mil"}),
        frozenset({"e"}),
        frozenset({"e"}),
        linked=True,
        ones=frozenset({"um", "uma"}),
    ),
    "pl": Counting(_EN | _PL, frozenset({"hundred"}), frozenset({"tysiac", "tysiaca", "tysiace", "tysiecy"})),
    "zh": Counting(_EN | _ZH),
}
_HOURS_PL = (
    "pierwsz drug trzeci czwart piąt szóst siódm ósm dziewiąt dziesiąt jedenast dwunast trzynast czternast piętnast "
    "szesnast siedemnast osiemnast dziewiętnast dwudziest"
)
_CASES_PL = ("a", "ej", "iej", "ą", "ego", "y", "i", "ym", "im")
# Ordinals, which Polish hours are said with ("o trzeciej").
ORDINALS_PL = {fold(stem + ending): n for n, stem in enumerate(_HOURS_PL.split(), 1) for ending in _CASES_PL} | {
    "trzeci": 3
}
