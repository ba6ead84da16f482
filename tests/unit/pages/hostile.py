"""Labels that try to be more than text, and the sample with such labels."""

from tests.unit.pages.sample import inputs

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


def hostile(label):
    """The inputs of a report in which everything that has a label has this one."""
    given = inputs()
    configuration = given["configuration"]
    configuration.title = label
    configuration.description = label
    configuration.variables["math"].label = label
    configuration.variables["math"].unit = label
    configuration.variables["class_type"].label = label
    configuration.variables["class_type"].categories = {"reg": "Regular", "small": label}
    configuration.waves[1].label = label
    for unit in given["results"]["effects"][0]["units"]:
        unit["path"] = {"school": label}
    given["survey"]["waves"][0]["excluded"][0]["reason"] = label
    return given
