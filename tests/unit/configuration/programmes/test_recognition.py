"""Files are recognised by their columns, in any capitals, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.configuration.programmes.catalogue import PROGRAMMES
from mlm.configuration.programmes.recognition import (
    FileColumns,
    domains_of,
    missing_of,
    no_variables,
    recognised,
    replication_of,
)

BY_TITLE = {programme.title: programme for programme in PROGRAMMES}


def columns_of(programme, replication=0) -> list[str]:
    """FileColumns that a file of a programme has, that of schools merged."""
    known = [*programme.ids.values(), *programme.weights.values()]
    known += programme.replications[replication].names
    known += [name for domain in programme.domains for name in domain.draws]
    return [*known, *programme.covariates.values()]


@pytest.mark.parametrize("title", BY_TITLE)
def test_a_file_is_recognised_by_its_columns_and_a_year_in_its_name(title):
    programme = BY_TITLE[title]
    columns = FileColumns(columns_of(programme))
    found = recognised(columns, f"data {programme.cycle} all.sav")
    assert found.programme.name == programme.name
    assert programme in (found.programme, *found.others)
    assert {p.cycle for p in (found.programme, *found.others)} == {programme.cycle}
    assert replication_of(programme, columns) == programme.replications[0]
    assert domains_of(programme, columns) == programme.domains
    assert missing_of(programme, columns) == {}


@given(st.sampled_from(PROGRAMMES), st.data())
def test_capitals_do_not_count(programme, data):
    change = data.draw(st.sampled_from([str.lower, str.upper, str.title]))
    found = recognised(FileColumns(map(change, columns_of(programme))))
    assert found.programme.name == programme.name
    aside = no_variables(programme, FileColumns(map(change, columns_of(programme))))
    kept = {change(name) for name in programme.covariates.values()}
    assert aside == {change(name) for name in columns_of(programme)} - kept


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("PISA 2012", "INT_STU12_DEC03.sav"),
        ("PISA 2018", "CY07_MSU_STU_QQQ.sav"),
        ("PISA 2022", "CY08MSP_STU_QQQ.SAV"),
        ("PISA 2015", "cy6_ms_cmb_stu_qqq.sas7bdat"),
        ("TIMSS 2011 grade 8", "bsgautm5.sav"),
        ("TIMSS 2019 grade 4", "ASGNORM7.sav"),
        ("PIRLS 2016", "asgfrar4.sav"),
        ("ICCS 2016", "isgchlc3.sav"),
        ("TALIS 2018", "BTGFRAT3.sav"),
        ("PASEC 2019 grade 6", "PASEC2019_GRADE6.dta"),
    ],
)
def test_names_of_published_files_tell_the_cycle(title, file):
    found = recognised(FileColumns(columns_of(BY_TITLE[title])), file)
    assert (found.programme.title, found.others, found.by_name) == (title, (), True)


def test_cycles_that_columns_do_not_tell_apart_are_all_named():
    found = recognised(FileColumns(columns_of(BY_TITLE["PISA 2018"])), "mine.sav")
    cycles = {p.cycle for p in (found.programme, *found.others)}
    assert (cycles, found.by_name) == ({"2015", "2018", "2022"}, False)


def test_an_extract_without_replicates_is_recognised_by_its_plausible_values():
    columns = FileColumns(
        ["schoolid", "w_fstuwt", "w_fschwt", *(f"pv{m}math" for m in range(1, 6))]
    )
    found = recognised(columns)
    assert found.programme.title == "PISA 2012"
    assert [d.name for d in domains_of(found.programme, columns)] == ["math"]
    assert [*missing_of(found.programme, columns)] == ["replicates"]


def test_what_a_file_lacks_is_told():
    programme = BY_TITLE["PISA 2012"]
    columns = [c for c in columns_of(programme) if c not in ("W_FSCHWT", "W_FSTR80", "PV5READ")]
    assert missing_of(programme, FileColumns(columns)) == {
        "weights of school": ("W_FSCHWT",),
        "replicates": ("W_FSTR80",),
    }
    assert [d.name for d in domains_of(programme, FileColumns(columns))] == ["math", "science"]


def test_replicates_are_made_of_zones_where_a_file_has_no_weights_of_them():
    programme = BY_TITLE["ICCS 2016"]
    columns = FileColumns(columns_of(programme, replication=1))
    assert replication_of(programme, columns).zone == "JKZONES"


@pytest.mark.parametrize(
    "columns",
    [
        [],
        ["school", "pupil", "math", "weight"],
        ["W_FSTUWT", "math"],
        ["W_FSTUWT", "PV1MATH"],
        # of TIMSS or of PIRLS: no score tells which
        ["TOTWGT", "JKZONE", "JKREP", "IDSCHOOL", "IDSTUD"],
    ],
)
def test_other_files_are_not_recognised(columns):
    assert recognised(FileColumns(columns), "pisa_2012.csv") is None


@given(st.lists(st.text(max_size=9)))
def test_any_names_may_be_looked_at(names):
    assert recognised(FileColumns(names)) is None


def test_the_name_of_a_file_tells_its_cycle_before_its_covariates_do():
    earlier, later = BY_TITLE["PASEC 2014 grade 6"], BY_TITLE["PASEC 2019 grade 6"]
    columns = FileColumns(columns_of(earlier))
    assert recognised(columns, "PASEC2019_GRADE6.dta").programme == later
    assert recognised(columns, "PASEC2014_GRADE6.dta").programme == earlier
    assert recognised(columns, "pupils.dta").programme == earlier
