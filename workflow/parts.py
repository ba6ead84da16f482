"""The part of a configuration that each stage uses.

Snakemake compares the parameters of a rule as a set of values without their names, so two values
that were exchanged would go unnoticed. Therefore each rule gets its part as *one* text of JSON, in
which the order counts (it does for categories). The part leaves out what the stage does not use
(other waves, labels, other analyses): that is why a new wave leaves the older waves' jobs alone.
A key that no function here names stays in every part, so that a new one is not missed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from file_parts import n_sums, parts_of

from mlm.configuration import Configuration

# keys that say how a report reads and touch no number
SHOWN = {"title", "description", "source", "language", "disclosure", "publication"}


def part_of(stage: str, configuration: Configuration, wildcards) -> str:
    """Part of a configuration that a stage uses, as JSON."""
    return json.dumps(PARTS[stage](configuration, wildcards), ensure_ascii=False)


def _computed(configuration: Configuration) -> dict:
    """All that numbers can depend on: the configuration without what is only shown."""
    content = configuration.model_dump(mode="json", exclude=SHOWN)
    labelled = (*content["levels"], *content["variables"].values(), *content["waves"])
    for entry in (*labelled, content["time"] or {}):
        entry.pop("label", None)
        entry.pop("grid", None)
        entry.pop("persons", None)
    for entry in content["variables"].values():
        del entry["phrase"]
        entry["categories"] = list(entry["categories"] or ())
    for analysis in content["analyses"].values():
        analysis.pop("title", None)
    return content


def _simulate_part(configuration: Configuration, wildcards) -> dict:
    content = _computed(configuration)
    del content["analyses"]
    return content


def _clean_part(configuration: Configuration, wildcards) -> dict:
    content = _wave_part(configuration, wildcards)
    if not configuration.observed_are_stacked:
        del content["missing"]
    return content


def _intake_part(configuration: Configuration, wildcards) -> dict:
    """That of a wave with the files of the part alone, whatever others come to it."""
    content = _clean_part(configuration, wildcards)
    numbers = parts_of(configuration, wildcards.wave)[int(wildcards.part)]
    (wave,) = content["waves"]
    wave["files"] = [wave["files"][i] for i in numbers]
    wave["sha256"] = {name: wave["sha256"].get(name) for name in wave["files"]}
    rows = wave["rows"] if isinstance(wave["rows"], dict) else {}
    wave["rows"] = {name: rows.get(name) for name in wave["files"]}
    return {**content, "outcomes": None, "first": numbers.start}


def _complete_part(configuration: Configuration, wildcards) -> dict:
    terms = {name: list(entry.terms) for name, entry in configuration.analyses.items()}
    return {**_wave_part(configuration, wildcards), "terms": terms}


def _wave_part(configuration: Configuration, wildcards) -> dict:
    names = configuration.waves_looked_at(wildcards.wave)
    content = _codebook(configuration, *names)
    waves = [configuration.wave(name) for name in names]
    content["waves"] = [wave.model_dump(mode="json", exclude={"label"}) for wave in waves]
    outcomes = list(dict.fromkeys(a.outcome for a in configuration.analyses.values()))
    return {**content, "outcomes": outcomes}


def _link_part(configuration: Configuration, wildcards) -> dict:
    content = _computed(configuration)
    for key in ("simulate", "minimum_proficiency", "linking_error", "missing"):
        del content[key]
    content["analyses"] = {
        name: {key: entry[key] for key in ("outcome", "terms", "slopes", "policy")}
        for name, entry in content["analyses"].items()
    }
    return content


def _link_wave_part(configuration: Configuration, wildcards) -> dict:
    analyses = {
        name: {key: entry[key] for key in ("outcome", "terms", "policy")}
        for name, entry in _computed(configuration)["analyses"].items()
    }
    content = _codebook(configuration, wildcards.wave)
    return {**content, "wave": wildcards.wave, "analyses": analyses}


def _ledger_part(configuration: Configuration, wildcards) -> dict:
    return {
        "plurals": {level.name: level.plural for level in configuration.levels},
        "missing": [configuration.missing.method, configuration.is_sampled],
        "outcomes": {name: entry.outcome for name, entry in configuration.analyses.items()},
    }


def _columns_part(configuration: Configuration, wildcards) -> dict:
    first = configuration.waves[0].name
    return {**_codebook(configuration, first), **_of_models(configuration)}


def _accumulate_part(configuration: Configuration, wildcards) -> dict:
    content = _codebook(configuration, wildcards.wave)
    sums = {"sums": n} if (n := n_sums(configuration, wildcards.wave)) else {}
    return {**content, "wave": wildcards.wave, **_of_models(configuration), **sums}


def _part_of_sums_part(configuration: Configuration, wildcards) -> dict:
    return {**_accumulate_part(configuration, wildcards), "part": wildcards.part}


def _analysis_part(configuration: Configuration, wildcards) -> dict:
    content = _computed(configuration)
    content["analyses"] = {wildcards.analysis: content["analyses"][wildcards.analysis]}
    del content["simulate"]
    return content


def _impute_part(configuration: Configuration, wildcards) -> dict:
    content = _analysis_part(configuration, wildcards)
    entry = content["analyses"][wildcards.analysis]
    for key in ("alpha", "ranking", "compare", "against", "protected"):
        entry.pop(key, None)
    return content


def _report_part(configuration: Configuration, wildcards) -> dict:
    content = configuration.model_dump(mode="json")
    content["analyses"] = {wildcards.analysis: content["analyses"][wildcards.analysis]}
    grids = (configuration.grid(name).tiles for name in configuration.level_names)
    content["grids"] = [[(tile.id, tile.column, tile.row) for tile in tiles] for tiles in grids]
    return content


# keys of levels and variables that are given wave by wave; keys of the survey that are left out of
# what a single wave is told (a key that is not named here counts, so that a new one is not missed)
BY_WAVE = {"names", "by_wave"}
OF_ALL_WAVES = {"waves", "analyses", "simulate", "minimum_proficiency", "linking_error"}

PARTS = {
    "simulate": _simulate_part,
    "intake": _intake_part,
    "clean": _clean_part,
    "complete": _complete_part,
    "link_wave": _link_wave_part,
    "link": _link_part,
    "ledger": _ledger_part,
    "columns": _columns_part,
    "accumulate_part": _part_of_sums_part,
    "accumulate": _accumulate_part,
    "merge": _analysis_part,
    "analyse": _analysis_part,
    "merge_imputed": _analysis_part,
    "impute": _impute_part,
    "analyse_imputed": _analysis_part,
    "analyse_sample": _analysis_part,
    "residuals_of_wave": _analysis_part,
    "residuals": _analysis_part,
    "report": _report_part,
    "units": _report_part,
}


def _codebook(configuration: Configuration, *waves: str) -> dict:
    """Design, levels and variables as some waves see them: nothing that other waves say."""
    content = _computed(configuration)
    for entry in (*content["variables"].values(), *content["levels"]):
        entry.pop("plural", None)
        for key in BY_WAVE & entry.keys():
            entry[key] = [entry[key].get(wave) for wave in waves]
    for key in ("sampling", "plausible_values"):
        content[key] = _names_in(content[key], waves)
    content["missing"] = _imputations(configuration, waves)
    return {key: value for key, value in content.items() if key not in OF_ALL_WAVES}


def _imputations(configuration: Configuration, waves: Sequence[str]) -> dict | None:
    """The files with the imputations of some waves; None where there are none."""
    entry = configuration.missing
    if entry.method != "files":
        return None
    files = [configuration.imputed_names(wave) for wave in waves]
    return {**entry.model_dump(mode="json", exclude={"files"}), "files": files}


def _names_in(entry: object, waves: Sequence[str]) -> object:
    """A key of the sample with the names of columns in some waves alone."""
    if not isinstance(entry, dict):
        return [_names_in(part, waves) for part in entry] if isinstance(entry, list) else entry
    seen = {key: _names_in(part, waves) for key, part in entry.items() if key != "names"}
    return seen | ({"names": [entry["names"].get(w) for w in waves]} if "names" in entry else {})


def _of_models(configuration: Configuration) -> dict:
    """What the sums are made for: the analyses without what only later stages use."""
    later = {"title", "alpha", "ranking", "compare", "against", "policy", "protected"}
    analyses = {
        name: {**analysis.model_dump(mode="json", exclude=later), "policies": list(analysis.policy)}
        for name, analysis in configuration.analyses.items()
    }
    entry = configuration.missing
    return {"analyses": analyses, "method": entry.method, "auxiliary": list(entry.auxiliary)}
