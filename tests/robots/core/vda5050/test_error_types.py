from __future__ import annotations

import pytest

from robots.core.vda5050.error_types import (
    Fault,
    RejectReason,
    error_type,
    fault_of,
    fault_type,
    level_of,
    reason_of,
    text_of,
)
from robots.core.vda5050.reports import Error, ErrorLevel

R = RejectReason


@pytest.mark.parametrize("reason", [r for r in RejectReason if r not in (R.ORDER_ERROR, R.OTHER)])
def test_3_0_has_a_word_of_its_own_for_every_reason(reason):
    assert reason_of(error_type(reason, "3.0.0")) is reason


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("validationError", R.MALFORMED),
        ("ORDER_ERROR", R.ORDER_ERROR),
        ("orderUpdateError", R.OUTDATED_UPDATE),
        ("noRouteError", R.NO_ROUTE),
        ("sameOrderUpdateId", R.SAME_UPDATE_ID),
        ("INVALID_ORDER", R.ORDER_ERROR),
        ("batteryCold", None),
        ("NO_ORDER_TO_CANCEL", None),
    ],
)
def test_words_are_read_in_any_spelling(word, reason):
    assert reason_of(word) is reason


@pytest.mark.parametrize("reason", list(RejectReason))
def test_2_x_words_mean_a_rejection(reason):
    said = error_type(reason, "2.1.0")
    assert said[0].islower() and reason_of(said) is not None


@pytest.mark.parametrize("version", ["2.1.0", "3.0.0"])
@pytest.mark.parametrize("fault", list(Fault))
def test_faults_of_any_version_are_read(fault, version):
    assert fault_of(fault_type(fault, version)) is fault
    assert reason_of(fault_type(fault, version)) is None


def test_spellings_of_2_x():
    assert fault_type(Fault.NO_ORDER_TO_CANCEL, "2.1.0") == "noOrderToCancel"
    assert fault_type(Fault.INVALID_INSTANT_ACTION, "2.1.0") == "instantActionError"


def test_levels_of_3_0():
    assert level_of(R.UNSUPPORTED_PARAMETER) is ErrorLevel.CRITICAL
    assert level_of(R.NO_MEMORY) is ErrorLevel.URGENT
    assert level_of(R.MALFORMED) is ErrorLevel.WARNING


def test_the_robots_own_words_are_kept():
    assert text_of(Error("x", ErrorLevel.WARNING)) == "x"
    assert text_of(Error("x", ErrorLevel.WARNING, (), "stuck", "push it")) == "stuck (push it)"
