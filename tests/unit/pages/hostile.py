"""Labels that try to be more than text, and the sample with such labels."""

from tests.unit.pages.sample import inputs, units

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE pupils; --",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    '#eval("1+1") #[*bold*] $x^2$ @ref <label>',
    "{{ 7*7 }} {% raw %}",
    "$\\alpha$ \\input{x}",
    "</style></svg></script>",
    "&amp; &lt; &#x3C;",
    "a\u202eb\u2066c",
    "x" * 300,
    "école 学校 مدرسة",
    "/* fonts */",
    "line\nbreak\ttab",
    "]]> <!-- --> <?xml?>",
    "javascript:alert(1)",
    "<svg onload=alert(1)>",
    "{name} {0} {outcome!r} %s %(x)s",
    "\u200b\u200d\ufeffhidden",
    '#read("/etc/hosts") #import "x"',
    '=HYPERLINK("x","y")',
    '"quoted",with;separators|and,commas',
    "`code` ``` *star* _line_ ~ ^ | \\",
    "</data></td></tr></table></main>",
    "data:text/html,<b>x</b>",
    "٣٫١٤ −5 ½ ① 1e308 NaN Infinity",
    "<iframe srcdoc='<p>x'></iframe>",
]


PLACES = 15  # labels of a report that stand in places of their own


def hostile(number):
    """The inputs of a report full of such labels, and the labels that stand in it.

    All of them are categories of a variable, and names of schools; fifteen of them, others in each
    report, are titles, labels, units, waves, reasons, plurals, codes and details.
    """
    given = inputs()
    own = HOSTILE[number * PLACES : (number + 1) * PLACES]
    _single_places(given, own)
    _categories(given)
    effects = given["results"]["effects"][0]
    effects["units"] = units(len(HOSTILE))
    for unit, label in zip(effects["units"], HOSTILE, strict=True):
        unit["unit"] = [label]
    return given, HOSTILE


def _single_places(given, own):
    configuration, survey = given["configuration"], given["survey"]
    configuration |= {"title": own[0], "description": own[1], "source": own[2]}
    configuration["variables"]["math"]["label"] = own[3]
    configuration["variables"]["math"]["unit"] = own[4]
    configuration["waves"][1]["label"] = own[5]
    configuration["levels"][0]["plural"] = own[6]
    configuration["time"]["label"] = own[7]
    declared = {"kind": "declared", "meaning": own[8]}
    survey["waves"][0]["excluded"][0]["reason"]["reason"] = declared
    survey["waves"][0]["missing"][0]["reason"] = declared
    labels = [{"code": own[9], "label": own[0]}]
    survey["waves"][0]["labels"] = [{"variable": "ses", "labels": labels}]
    survey["waves"][0]["files"][0]["file"] = own[1]
    configuration["variables"]["class_type"]["label"] = own[10]
    configuration["variables"]["ses"]["label"] = own[11]
    configuration["variables"]["experience"]["unit"] = own[12]
    configuration["waves"][2]["label"] = own[13]
    configuration["levels"][1]["plural"] = own[14]


def _categories(given):
    """A variable with all labels as categories, each with a coefficient and a mean."""
    codes = [f"c{i}" for i in range(len(HOSTILE))]
    ses = given["configuration"]["variables"]["ses"]
    ses["categories"] = {"base": "Base", **dict(zip(codes, HOSTILE, strict=True))}
    rows = [_coefficient(code) for code in codes]
    for model in ("full", "settled"):
        for criterion in ("ml", "reml"):
            fit = given["results"][model][criterion]
            fit["fixed"] = [row for row in fit["fixed"] if not _holds_ses(row)] + rows


def _holds_ses(row) -> bool:
    return any(factor["variable"] == "ses" for factor in row["term"])


def _coefficient(code: str) -> dict:
    term = [{"variable": "ses", "category": code, "power": 1}]
    test = {"t": 4.0, "df": 900.0, "p_value": 0.001}
    return {"term": term, "estimate": 2.0, "std_error": 0.5, "lower": 1.0, "upper": 3.0, **test}
