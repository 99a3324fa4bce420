"""The German catalogue is whole, compiled, and agrees with what the sources ask for."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest
from django.conf import settings

from fleet.language import catalogue
from fleet.language.catalogue import Key

FOLDER = Path(settings.LOCALE_PATHS[0]) / "de" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
ENTRIES = catalogue.read_po(PO.read_text())


def test_the_compiled_file_is_what_the_source_compiles_to() -> None:
    assert MO.read_bytes() == catalogue.compile_mo(ENTRIES, "de")


def test_the_source_is_written_as_our_tool_writes_it() -> None:
    assert PO.read_text() == catalogue.write_po(ENTRIES, "de")


def test_every_text_of_the_sources_has_a_german_one_with_the_same_placeholders() -> None:
    assert catalogue.faults(ENTRIES, catalogue.wanted(Path(settings.BASE_DIR))) == []


def test_pythons_own_reader_understands_the_compiled_file() -> None:
    read = gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))
    assert read.gettext("STOP SITE") == "STANDORT ANHALTEN"
    assert read.pgettext("said", "Queued") == "In der Warteschlange"
    one, many = (read.ngettext("Resume %(n)s robot now", "Resume %(n)s robots now", n) for n in (1, 2))
    assert one == many == "%(n)s Roboter jetzt fortsetzen"


def test_a_software_stop_is_never_called_by_the_name_of_the_physical_one() -> None:
    words = " ".join(form for forms in ENTRIES.values() for form in forms).lower()
    words += (Path(settings.BASE_DIR) / "static" / "js" / "words-de.js").read_text().lower()
    assert not any(banned in words for banned in ("not-aus", "notaus", "notstopp", "not-stopp", "nothalt", "not-halt"))


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({}, "not translated: 'Hello %(name)s'"),
        ({Key("", "Hello %(name)s"): ("",)}, "not translated: 'Hello %(name)s'"),
        ({Key("", "Hello %(name)s"): ("Hallo",)}, "other placeholders: 'Hello %(name)s'"),
        ({Key("", "Hello %(name)s"): ("Hallo %(name)s",), Key("", "Old"): ("Alt",)}, "not wanted any more: 'Old'"),
    ],
)
def test_faults_are_told(entry: dict[Key, tuple[str, ...]], fault: str) -> None:
    assert catalogue.faults(entry, [Key("", "Hello %(name)s")]) == [fault]


def test_a_fuzzy_entry_is_refused() -> None:
    with pytest.raises(ValueError, match="fuzzy"):
        catalogue.read_po('#, fuzzy\nmsgid "a"\nmsgstr "b"\n')


def test_texts_are_found_in_templates_and_python() -> None:
    block = "{% blocktranslate count n=x %}{{ n }} one{% plural %}{{ n }} more{% endblocktranslate %}"
    found = set(catalogue.in_template('{% translate "Up 5 %" %}' + block))
    assert found == {Key("", "Up 5 %%"), Key("", "%(n)s one", "%(n)s more")}
    assert set(catalogue.in_python("x = gettext('Sure')")) == {Key("", "Sure")}


def test_what_is_written_is_read_again() -> None:
    entries = {Key("", 'a "quoted"\n\\ line'): ("ä",), Key("c", "one", "many"): ("eins", "viele")}
    assert catalogue.read_po(catalogue.write_po(entries, "de")) == entries
