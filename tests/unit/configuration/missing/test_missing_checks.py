"""What is said about missing values: what an analysis is told, and mistakes with their place."""

from __future__ import annotations

import pytest

from mlm.configuration.planning import plan_of
from mlm.errors import ConfigurationError, ModelError
from mlm.nouns.missing_values import MissingValues
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

FILES = "{a: 'a{1..3}.csv', b: ['b1.csv', 'b2.csv', 'b3.csv']}"


def with_missing(folder, text: str, configuration: str = CONFIGURATION):
    """The small survey with something said about missing values."""
    return write_survey(folder, f"{configuration}missing: {text}\n")


def test_rows_are_left_out_where_nothing_is_said(tmp_path):
    assert plan_of(write_survey(tmp_path), "score").missing == MissingValues(None)


def test_files_are_paired_by_their_order(tmp_path):
    configuration = with_missing(tmp_path, f"{{method: files, files: {FILES}}}")
    assert configuration.imputed_names("a") == ("a1.csv", "a2.csv", "a3.csv")
    assert configuration.imputed_names("b") == ("b1.csv", "b2.csv", "b3.csv")
    assert plan_of(configuration, "score").missing == MissingValues("files", draws=3)


def test_a_column_numbers_as_many_imputations_as_are_said(tmp_path):
    configuration = with_missing(tmp_path, "{method: files, column: .imp, row: .id, draws: 7}")
    assert plan_of(configuration, "score").missing == MissingValues("files", draws=7)
    assert configuration.imputed_names("a") == ()


def test_one_imputation_is_none():
    with pytest.raises(ModelError, match="1 imputation; expected 2 or more"):
        MissingValues("files", draws=1)


ONE = "missing.files: one file, which is one imputation; expected 2 or more"
MISTAKES = {
    "an unknown method": ("{method: mice}", "missing.method: 'mice': expected 'joint', 'files' or"),
    "no method": ("{draws: 5}", "missing: say which method: joint, files or complete"),
    "one draw": ("{method: joint, draws: 1}", "missing.draws: '1': must be at least 2"),
    "a key of another method": (
        "{method: complete, draws: 5}",
        "missing.draws: 'draws' is of method joint or files, not of complete; remove it",
    ),
    "a shift of files": (
        f"{{method: files, files: {FILES}, shift: {{ses: 1}}}}",
        "missing.shift: 'shift' is of method joint, not of files; remove it",
    ),
    "an unknown auxiliary": (
        "{method: joint, auxiliary: [score, sess]}",
        "missing.auxiliary[1]: 'sess' is not a variable; did you mean 'ses'?",
    ),
    "an auxiliary twice": (
        "{method: joint, auxiliary: [ses, ses]}",
        "missing.auxiliary[1]: 'ses' is listed twice",
    ),
    "a shift of no variable": (
        "{method: joint, shift: {sess: 1}}",
        "missing.shift.sess: 'sess' is not a variable; did you mean 'ses'?",
    ),
    "a shift of a category": (
        "{method: joint, shift: {kind: 1}}",
        "missing.shift.kind: 'kind' is a category, which has no amount to be shifted by",
    ),
    "a shift of the outcome": (
        "{method: joint, shift: {score: 1}}",
        "missing.shift.score: 'score' is the outcome; only covariates are imputed",
    ),
    "a shift of what is not used": (
        "{method: joint, shift: {age: 1}}",
        "missing.shift.age: 'age' is a term of no analysis and not auxiliary",
    ),
    "a shift of what is computed": (
        "{method: joint, shift: {double: 1}}",
        "missing.shift.double: 'double' is computed from other variables",
    ),
    "no files": ("{method: files}", "missing: method files needs the files with the imputations"),
    "no number of imputations": (
        "{method: files, column: .imp}",
        "missing: say how many imputations '.imp' numbers, apart from the observed rows",
    ),
    "one column for two things": (
        "{method: files, column: .imp, row: .imp, draws: 5}",
        "missing.row: the same column numbers imputations ('column') and rows",
    ),
    "files of no wave": (
        "{method: files, files: [a1.csv, a2.csv]}",
        "missing.files: say of which wave these files are: {a: [...], ...}",
    ),
    "files of some waves": (
        "{method: files, files: {a: 'a{1..3}.csv'}}",
        "missing.files: no imputed files of b, but of a; give those of every wave",
    ),
    "files of an unknown wave": (
        "{method: files, files: {a: 'a{1..3}.csv', c: 'c{1..3}.csv', b: 'b{1..3}.csv'}}",
        "missing.files.c: 'c' is not a wave",
    ),
    "other numbers of files": (
        "{method: files, files: {a: 'a{1..3}.csv', b: 'b{1..2}.csv'}}",
        "imputations pair by their number over the waves, and these have a 3, b 2",
    ),
    "numbers that run backwards": (
        "{method: files, files: {a: 'a{3..1}.csv', b: 'b{1..2}.csv'}}",
        "missing.files.a",
    ),
    "one file": ("{method: files, files: {a: a1.csv, b: b1.csv}}", ONE),
    "a number that is not that of the files": (
        f"{{method: files, files: {FILES}, draws: 5}}",
        "missing.draws: 3 files a wave are 3 imputations, not 5; remove it",
    ),
    "a file of the waves": (
        "{method: files, files: {a: [a.csv, a2.csv], b: [b1.csv, b2.csv]}}",
        "missing.files.a[0]: 'a.csv' is a file of the waves; imputations are other files",
    ),
    "a file twice": (
        "{method: files, files: {a: [a1.csv, a1.csv], b: [b1.csv, b2.csv]}}",
        "missing.files.a[1]: 'a1.csv' is listed before; each imputation has its own file",
    ),
    "a file that is not read": (
        "{method: files, files: {a: [a1.rds, a2.rds], b: [b1.csv, b2.csv]}}",
        "missing.files.a[0]: 'a1.rds': files of this kind are not read",
    ),
}
FURTHER = """\
  age: {label: Age, type: number, level: row}
  double: {label: Twice, type: number, level: row, derive: "2 * ses"}
analyses:"""


OF_FILES = {
    "a statistic of all waves": (
        "  mean: {label: Mean, type: number, level: school,\n"
        "         aggregate: {of: ses, within: school, statistic: mean, waves: all}}\nanalyses:",
        "variables.mean.aggregate: a statistic of all waves would need the imputations of every",
    ),
    "an outcome that is a term": (
        "analyses:\n  other: {outcome: ses, terms: [score]}",
        "missing.method: 'score' is the outcome of score and a term of another analysis",
    ),
}


@pytest.mark.parametrize("case", OF_FILES)
def test_what_files_of_single_waves_cannot_complete_is_refused(case, tmp_path):
    more, told = OF_FILES[case]
    text = CONFIGURATION.replace("analyses:", more)
    with pytest.raises(ConfigurationError) as error:
        with_missing(tmp_path, f"{{method: files, files: {FILES}}}", text)
    assert told in str(error.value)


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_told_with_their_place(case, tmp_path):
    text, told = MISTAKES[case]
    with pytest.raises(ConfigurationError) as error:
        with_missing(tmp_path, text, CONFIGURATION.replace("analyses:", FURTHER))
    assert told in str(error.value)


def test_samples_leave_rows_out(tmp_path):
    text = CONFIGURATION.replace("analyses:", FURTHER)
    text += "sampling: {weights: {pupil: W}}\n"
    with pytest.raises(ConfigurationError, match="files is for surveys whose rows count alike"):
        with_missing(tmp_path, f"{{method: files, files: {FILES}}}", text)
