"""Configurations that cannot be meant.

Each case: what is done to the sound survey, and what the message must hold: the place, and what is
wrong.
"""

from __future__ import annotations

DERIVED = '  made: {label: M, type: number, level: LEVEL, derive: "TEXT"}\nanalyses:'
AGGREGATE = "  made: {label: M, type: number, level: school, aggregate: {TEXT}}\nanalyses:"
ANOTHER = AGGREGATE.replace("made:", "another:")
OVER_WAVES = "within: school, statistic: mean, waves: all"


def derived(text: str, level: str = "row"):
    """A computed variable added to the codebook."""
    return lambda s: s.configure(
        ("analyses:", DERIVED.replace("TEXT", text).replace("LEVEL", level))
    )


def aggregated(text: str):
    """An aggregate added to the codebook."""
    return lambda s: s.configure(("analyses:", AGGREGATE.replace("TEXT", text)))


def configured(old: str, new: str):
    """One text of the configuration replaced."""
    return lambda s: s.configure((old, new))


CONFIGURATIONS = {
    "no configuration": (lambda s: s.config.unlink(), ["bad.yaml"]),
    "an empty configuration": (
        lambda s: s.config.write_text(""),
        ["bad.yaml, line 1: the file is"],
    ),
    "no YAML": (configured("levels:", "levels: ["), ["bad.yaml, line", "not valid YAML"]),
    "an unknown key": (configured("title:", "titel:"), ["line 2", "did you mean 'title'?"]),
    "a key twice": (configured("source:", "title:"), ["line 4, title: the key was given before"]),
    "a tag": (
        configured("title: A", "title: !!python/name:os.system A"),
        ["line 2, title: the tag"],
    ),
    "a path as a name": (configured("survey: bad", "survey: ../bad"), ["line 1, survey: '../bad'"]),
    "a level that is not known": (configured("level: pupil", "level: pupl"), ["line 16", "pupl"]),
    "a wave that is not known": (
        configured("label: Home,", "label: Home, by_wave: {c: {rescaled: true}},"),
        ["line 15, variables.ses.by_wave.c: 'c' is not a wave"],
    ),
    "a range upside down": (configured("[0, 100]", "[100, 0]"), ["line 14", "the lowest value"]),
    "a hash that is none": (
        configured("files: [a.csv]", "files: [a.csv], sha256: {a.csv: 12}"),
        ["line 11", "a SHA-256 has 64"],
    ),
    "rows of an unknown file": (
        configured("files: [a.csv]", "files: [a.csv], rows: {c.csv: 3}"),
        ["line 11, waves[0].rows.c.csv: 'c.csv' is not a file of the wave"],
    ),
    "Python in a derived variable": (
        derived("__import__('os').system('touch owned')"),
        ["line 19, variables.made.derive: ", "is not one of the functions"],
    ),
    "an attribute in a derived variable": (derived("ses.real"), ["ses.real is not allowed"]),
    "no expression": (derived("ses +"), ["'ses +' is not an expression"]),
    "a huge exponent": (derived("ses ** 999"), ["the exponent 999 is not a number up to 9"]),
    "an unknown variable in a derived one": (derived("sess"), ["'sess' is not a variable"]),
    "a category in a derived number": (derived("sex + 1"), ["'sex' is a category; compare it"]),
    "an unknown category in a derived number": (derived("sex == 'q'"), ["'q' is not a category"]),
    "a circle": (derived("made + ses"), ["'made' is computed from itself, in a circle"]),
    "a derived variable too high": (
        derived("ses / 2", "school"),
        ["made.level: it is made of a variable at level row", "'aggregate'"],
    ),
    "an aggregate within nothing": (
        aggregated("of: ses, within: scool, statistic: mean"),
        ["made.aggregate.within: 'scool' is not a level; did you mean 'school'?"],
    ),
    "a mean of a category": (
        aggregated("of: sex, within: school, statistic: mean"),
        ["made.aggregate.of: 'sex' is a category; use the statistic share"],
    ),
    "a share of a number": (
        aggregated("of: ses, within: school, statistic: share, categories: [g]"),
        ["made.aggregate.of: 'ses' is a number; a share needs a category"],
    ),
    "a statistic that is not known": (
        aggregated("of: ses, within: school, statistic: median"),
        ["made.aggregate.statistic: 'median': expected 'mean'"],
    ),
    "a statistic over waves of units that do not recur": (
        lambda s: s.configure(
            ("design: same_pupils", "design: new_schools"),
            ("analyses:", AGGREGATE.replace("TEXT", f"of: ses, {OVER_WAVES}")),
        ),
        ["made.aggregate.waves: in new_schools each school belongs to one wave"],
    ),
    "a statistic over waves of another one": (
        lambda s: s.configure(
            ("analyses:", AGGREGATE.replace("TEXT", f"of: ses, {OVER_WAVES}")),
            ("analyses:", ANOTHER.replace("TEXT", f"of: made, {OVER_WAVES}")),
        ),
        ["another.aggregate.waves: it is made of made, which is a statistic over several waves"],
    ),
    "crossed units with local ids": (
        configured("id: pupil}", "id: pupil, moves: crossed}"),
        ["line 8, levels[1].moves: crossed units are known by their id alone"],
    ),
    "crossed units above the lowest": (
        configured("id: school}", "id: school, ids: global, moves: crossed}"),
        ["line 7, levels[0].moves: only the lowest level of same_pupils", "episode"],
    ),
    "a policy for local ids": (
        configured("id: pupil}", "id: pupil, ids: local, moves: drop}"),
        ["line 8, levels[1].moves: local ids mean nothing in another parent"],
    ),
    "a weight as a term": (
        configured(
            "terms: [sex, ses, kind]}\n", "terms: [weight]}\nsampling: {weights: {row: weight}}\n"
        ),
        ["'weight' is a sampling weight; it is neither an outcome nor a term"],
    ),
    "a weight of an unknown level": (
        configured("analyses:", "sampling: {weights: {pupl: weight}}\nanalyses:"),
        ["sampling.weights.pupl: 'pupl' is not a level; did you mean 'pupil'?"],
    ),
    "a weight of two levels": (
        lambda s: s.configure(
            ("label: Weight, type: number, level: row", "label: W, type: number, level: school"),
            ("analyses:", "sampling: {weights: {school: weight, pupil: weight}}\nanalyses:"),
        ),
        ["sampling.weights.pupil: 'weight' is the weight of school too"],
    ),
    "a weight that differs within its units": (
        configured("analyses:", "sampling: {weights: {school: weight}}\nanalyses:"),
        ["sampling.weights.school: 'weight' is at level row; the weight of school has one value"],
    ),
    "weights outside sampling": (
        configured("analyses:", "weights: [weight]\nanalyses:"),
        ["weights: 'weights' stands under 'sampling'", "sampling: {weights: {row: weight}}"],
    ),
    "plausible values inside sampling": (
        configured("analyses:", "sampling: {plausible_values: {pv: [score, ses]}}\nanalyses:"),
        ["'plausible_values' is a key of the survey, not of 'sampling'"],
    ),
    "replicates outside sampling": (
        configured("analyses:", "replicates: {method: brr, columns: R1-R4}\nanalyses:"),
        ["replicates: 'replicates' stands under 'sampling'"],
    ),
    "one plausible value": (
        configured("analyses:", "plausible_values: {score: [pv1]}\nanalyses:"),
        ["plausible_values.score: plausible values of score: 1 column (pv1); expected 2 or more"],
    ),
}
