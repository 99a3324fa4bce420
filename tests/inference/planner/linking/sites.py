"""Small sites, one per language, whose names the linking cases speak of; and how the cases are read and judged."""

from __future__ import annotations

from pathlib import Path

from inference.contract import Named, PlanRequest, Vocabulary
from inference.planner.reading import Atom, read

HERE = Path(__file__).parent
_SITES = {
    "en": (
        "rec-1=Receiving 1;rec-2=Receiving 2;rec-3=Receiving 3;freezer=Freezer Aisle;cooler=Cooler Aisle;"
        "bay-a1=Bay A1;bay-a2=Bay A2;bay-b1=Bay B1;swap=Battery Swap;scrap=Scrap Yard;mezz=Mezzanine",
        "blue=blue totes|blues;gear=gearboxes;bubble=bubble wrap",
        "kx-3=KX-3;kx-4=KX-4;otter=Otter",
    ),
    "de": (
        "tor-1=Tor 1;tor-2=Tor 2;tor-3=Tor 3;tor-4=Tor 4;kuhl=Kühlhaus;hoch-1=Hochregal 1;hoch-2=Hochregal 2;"
        "waren=Wareneingang;lack=Lackiererei;pruf=Prüfplatz",
        "m8=Schrauben M8;gitter=Gitterboxen;leer=Leergut",
        "emil=Emil;k-14=K-14;k-15=K-15",
    ),
    "es": (
        "muelle-1=Muelle 1;muelle-2=Muelle 2;muelle-3=Muelle 3;camara=Cámara Fría;est-4=Estantería 4;"
        "est-5=Estantería 5;embalaje=Zona de Embalaje;taller=Taller",
        "tornillos=cajas de tornillos;botellas=botellas;harina=sacos de harina",
        "lince=Lince;rb-2=RB-2",
    ),
    "fr": (
        "quai-1=Quai 1;quai-2=Quai 2;quai-3=Quai 3;froide=Chambre Froide;allee-7=Allée 7;allee-8=Allée 8;"
        "atelier=Atelier;emballage=Zone d'Emballage",
        "vin=palettes de vin;vides=cartons vides;bobines=bobines",
        "mistral=Mistral;t-1=T-1",
    ),
    "pt": (
        "doca-1=Doca 1;doca-2=Doca 2;doca-3=Doca 3;camara=Câmara Fria;prat-4=Prateleira 4;prat-5=Prateleira 5;"
        "expedicao=Zona de Expedição;oficina=Oficina",
        "parafusos=caixas de parafusos;garrafoes=garrafões;bobinas=bobinas",
        "tatu=Tatu;p-9=P-9",
    ),
    "pl": (
        "rampa-1=Rampa 1;rampa-2=Rampa 2;rampa-3=Rampa 3;chlodnia=Chłodnia;regal-5=Regał 5;regal-6=Regał 6;"
        "pakowanie=Strefa Pakowania;warsztat=Warsztat;ladowarka=Ładowarka Północna",
        "sruby=śruby;maka=palety z mąką;opony=opony",
        "zubr=Żubr;w-2=W-2",
    ),
    "zh": (
        "shelf-3=3号货架;shelf-4=4号货架;cold=冷库;pack=包装区;wharf-1=一号码头;wharf-2=二号码头;repair=维修站",
        "screws=螺丝箱;pallet=空托盘;milk=牛奶",
        "fei=小飞;a-12=A-12",
    ),
}


def _named(listed: str) -> tuple[Named, ...]:
    out = []
    for entry in listed.split(";"):
        key, _, labels = entry.partition("=")
        name, *aliases = labels.split("|")
        out.append(Named(key, name, tuple(aliases)))
    return tuple(out)


SITES = {
    lang: Vocabulary(f"site-{lang}", "10:20", _named(places), _named(items), _named(robots))
    for lang, (places, items, robots) in _SITES.items()
}


def shown(atom: Atom, now: str) -> str | None:
    """An atom in the notation of the case files; None for one that neither names nor measures."""
    mention = atom.mention
    if mention is not None:
        if mention.named is not None:
            return mention.named.id
        many = mention.members or mention.candidates
        if mention.status == "unknown":
            return f"!{mention.kind}"
        return ("*" if mention.status == "group" else "?") + ",".join(n.id for n in many)
    if atom.kind == "clock" and atom.clock is not None:
        return f"@{atom.clock.resolve(now)}"
    return f"{ {'number': '=', 'duration': '~', 'percent': '%'}[atom.kind] }{atom.value}" if atom.kind in (
        "number", "duration", "percent") else None  # fmt: skip


def outcome(lang: str, text: str, hint: str | None = None) -> list[str]:
    site = SITES[lang]
    atoms = read(PlanRequest(text, site, hint)).atoms
    return [s for atom in atoms if (s := shown(atom, site.now)) is not None]


def cases(*files: str) -> list[tuple[str, str, list[str]]]:
    """(language, text, what must come out) of each line."""
    rows = []
    for name in files:
        for line in (HERE / name).read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                lang, text, expected = (part.strip() for part in line.split(" | "))
                rows.append((lang, text, [] if expected == "-" else expected.split()))
    return rows
