"""The linter's findings, without the one that the lock file answers."""

import lint

ENVIRONMENT = """Lints for rule clean (line 26, rules/rows.smk):
    * Specify a conda environment or container for each rule.:
      This way, the used software is documented.
"""
LOG = """
Lints for rule link (line 53, rules/rows.smk):
    * No log directive defined:
      Without a log directive, all output will be printed.
"""


def test_the_environment_of_each_rule_is_the_one_of_the_lock():
    assert lint.findings(ENVIRONMENT) == []


def test_any_other_finding_is_named_with_its_place():
    found = lint.findings(ENVIRONMENT + LOG)
    assert found == ["Lints for rule link (line 53, rules/rows.smk): No log directive defined"]
