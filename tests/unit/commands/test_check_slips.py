"""Whatever a name or key of a configuration is taken for: mistakes are told, not stumbled over."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mlm.commands.check import check
from mlm.commands.words.filled_words import filled_words
from mlm.configuration import loading
from mlm.configuration.document import Document, KeyPath, read_document
from mlm.errors import MLMError
from tests.unit.commands.bad_survey import BadSurvey

pytestmark = pytest.mark.slow
EXAMPLES = sorted(
    path for path in Path("config").rglob("*.yaml") if "survey" in (read_document(path).data or {})
)
NAMES_OF_ALL_KINDS = (
    "score: {outcome: score, terms: [sex, ses, kind]}",
    "score: {outcome: score, terms: [sex, ses, kind, 'sex:ses', 'ses^2', mean], alpha: 0.1,"
    " time_interactions: [sex], protected: [ses], slopes: [ses], between: [ses],"
    " policy: {kind: {evidence: randomised, level: school, wave: a, as: assigned}},"
    " ranking: {reliability: 0.5}, compare: last_wave, against: all}\n"
    "  other: {outcome: score, title: Another, terms: [weight], policy: {kind: adjusted}}",
)
MEAN = "mean: {label: M, type: number, level: school, aggregate: {of: ses, within: school, "
MEAN += "statistic: mean, waves: all}}\nanalyses:"


def slips(data: object, at: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every place of a configuration with what may be done there."""
    if isinstance(data, str):
        yield at, "misspelt"
    pairs = data.items() if isinstance(data, dict) else enumerate(data or ())
    for key, value in () if isinstance(data, str) else pairs:
        yield (*at, key), "dropped"
        if isinstance(data, dict):
            yield (*at, key), "renamed"
        yield from slips(value, (*at, key))


def slipped(data: object, at: KeyPath, slip: str) -> object:
    """A configuration with one slip; what was given is not changed."""
    data = copy.deepcopy(data)
    inner = data
    for key in at[:-1]:
        inner = inner[key]
    if slip == "misspelt":
        inner[at[-1]] = "xyzzy"
        return data
    value = inner.pop(at[-1])
    if slip == "renamed":
        inner[f"xyzzy{at[-1][1:]}"] = value
    return data


def stumbles(
    document: Document, read: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[KeyPath, str, Exception]]:
    """The slips in a configuration that are not told but end in an error of another kind."""
    found = []
    for at, slip in slips(document.data):
        made = slipped(document.data, at, slip)
        monkeypatch.setattr(
            loading,
            "read_document",
            lambda path, made=made: replace(
                document, data=made, lines=dict(document.lines), problems=[], places=set()
            ),
        )
        try:
            read(document.path)
        except MLMError:
            continue
        except Exception as error:  # whatever it is, it is one too many
            found.append((at, slip, error))
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_slip_in_a_configuration_is_told(path, monkeypatch):
    def read(path: Path) -> None:
        configuration = loading.read_configuration(path).configuration
        if configuration is not None:
            filled_words(configuration)

    assert stumbles(read_document(path), read, monkeypatch) == []


def test_every_slip_beside_rows_that_can_be_read_is_told(tmp_path, monkeypatch):
    survey = BadSurvey(tmp_path).configure(NAMES_OF_ALL_KINDS, ("analyses:", f"  {MEAN}"))
    document = read_document(survey.config)
    assert document.problems == []
    assert stumbles(document, lambda path: check([path]), monkeypatch) == []


@pytest.mark.parametrize("key", ["terms", "slopes", "protected", "time_interactions", "between"])
def test_a_name_that_is_no_variable_is_told_beside_the_rows(tmp_path, capsys, key):
    given = "terms: [sex, ses, kind]"
    made = "terms: [sex, ses, xyzzy]" if key == "terms" else f"{given}, {key}: [xyzzy]"
    survey = BadSurvey(tmp_path).configure((given, made))
    with pytest.raises(MLMError, match=r"line 20, .*'xyzzy'"):
        check([survey.config])
    assert "wave a: 6 rows read, 6 kept" in capsys.readouterr().out
