"""The form of ``report.json``: what a published report holds, for those who read it by program.

The document is made as plain dictionaries; these records say which keys it has, and from them the
JSON Schema is made. They are closed: a key that they do not name is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from mlm.results.record import Record

Style = Literal[
    "number",
    "signed",
    "percent",
    "points",
    "count",
    "tally",
    "p",
    "p_equals",
    "plain",
    "tiny",
    "chance",
]
Rule = Literal[
    "small",
    "complementary",
    "analyses",
    "version",
    "dependent",
    "shorter",
    "single",
    "dominated",
    "pooled",
    "left_out",
]
Drawn = float | int | str | bool | None
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]


class Operation(Record):
    """A number that is computed from others."""

    op: Literal[
        "sum", "count", "difference", "ratio", "quotient", "product", "negative", "root", "items"
    ]
    of: tuple[Source, ...]


Source = Annotated[
    str | Operation,
    Field(description="JSON pointer into an input, as results#/n_obs, or an operation on such"),
]


class Words(Record):
    """A piece of a sentence without a number of the results."""

    text: str
    strong: Literal[True] | None = None


class HiddenNumber(Record):
    """A number that a public report does not show."""

    text: str = Field(description="[c], or in a sentence 'fewer than' the threshold")
    hidden: Rule = Field(description="the rule that hides it")
    strong: Literal[True] | None = None


class ShownNumber(Record):
    """A number, rounded as it is published."""

    text: str = Field(description="as printed, in the language of the report")
    value: float | int | None = Field(description="rounded to the decimals; None: not known")
    source: Source
    decimals: int = Field(description="places after the point; below 0 before it: -1 for tens")
    style: Style
    strong: Literal[True] | None = None
    cell: Id | None = Field(None, description="id of the table cell that shows the same number")


Run = ShownNumber | HiddenNumber | Words
Sentence = Annotated[tuple[Run, ...], Field(description="pieces, to be read one after the other")]


class Paragraph(Record):
    """A paragraph; one with the role ``answer`` answers the question of its section."""

    type: Literal["paragraph"]
    role: str
    runs: Sentence


class Note(Record):
    """A boxed remark."""

    type: Literal["note"]
    kind: Literal["information", "caution"]
    runs: Sentence


class Heading(Record):
    """A heading inside a section."""

    type: Literal["heading"]
    id: Id
    text: str


class Bullets(Record):
    """An unordered list of sentences."""

    type: Literal["list"]
    items: tuple[Sentence, ...]


class Definition(Record):
    """A term with its explanation."""

    term: str
    runs: Sentence


class Definitions(Record):
    """Terms with their explanations."""

    type: Literal["definitions"]
    entries: tuple[Definition, ...]


class Code(Record):
    """Text to be copied as it stands."""

    type: Literal["code"]
    text: str
    label: str


class Token(Record):
    """A sign of an equation: an operator, or a letter with what stands below and above it."""

    op: str
    sym: str
    sub: str
    sup: str


class Equation(Record):
    """A displayed equation."""

    type: Literal["equation"]
    tokens: tuple[Token, ...]
    spoken: str = Field(description="the equation in words")


class TableColumn(Record):
    """A column of a table."""

    label: str
    kind: Literal["text", "number"]
    group: str = Field(description="heading over several columns; empty: none")
    main: bool = Field(description="whether it is shown where there is room for few columns")
    long: bool = Field(description="whether it holds texts of more than a few words")


class Span(Record):
    """A heading over several columns."""

    label: str
    width: int


class WordsCell(Words):
    """A cell with words, a mark such as [z], or a letter with an index."""

    id: Id
    runs: Sentence | None = None
    letter: str | None = None
    index: str | None = None


class HiddenCell(HiddenNumber):
    """A cell with a number that is not shown."""

    id: Id


class NumberCell(ShownNumber):
    """A cell with a number."""

    id: Id
    pad: int | None = Field(None, description="places by which its column is finer")
    pad_point: bool | None = Field(None, description="whether it has no decimal point itself")


class TableRow(Record):
    """A row of a table; a ``group`` names the rows below it, which are ``indented``."""

    kind: Literal["row", "group", "indented"]
    cells: tuple[NumberCell | HiddenCell | WordsCell, ...]


class Table(Record):
    """A table; its CSV is ``tables/<id>.csv``."""

    type: Literal["table"]
    id: Id
    label: str = Field(description="with its number: Table 7")
    caption: Sentence
    columns: tuple[TableColumn, ...]
    has_groups: bool
    spans: tuple[Span, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[Sentence, ...]
    folded: bool = Field(description="folded on the page; a PDF has its caption alone")


class Figure(Record):
    """A chart; its picture and its data are ``figures/<id>.svg``, ``.png`` and ``.csv``."""

    type: Literal["figure"]
    id: Id
    label: str = Field(description="with its number: Figure 3")
    kind: str
    title: Sentence = Field(description="what it finds; empty: nothing in particular")
    caption: Sentence
    unit: str
    how: Sentence = Field(description="how to read it")
    alt: Sentence = Field(description="text alternative")
    data: dict[str, tuple[Drawn, ...]] = Field(description="columns of equal length")
    sources: dict[str, tuple[Source | None, ...]] = Field(description="of counts and shares")
    marks: tuple[tuple[str, int, str], ...] = Field(
        description="column, position and mark of values that there are not"
    )
    hidden: tuple[tuple[str, int], ...] = Field(
        description="column and position of values that are not shown"
    )
    pooled: int = Field(description="marks of too few units, joined with their neighbours")
    options: dict[str, JsonValue]


Block = Annotated[
    Paragraph | Note | Heading | Bullets | Definitions | Code | Equation | Table | Figure,
    Field(discriminator="type"),
]


class ReportSection(Record):
    """A section of the report."""

    id: Id
    number: str
    title: str
    question: str
    blocks: tuple[Block, ...]


class LargeFigure(Record):
    """A large figure of the first screen."""

    label: str
    runs: Sentence


class ReportedFinding(Record):
    """A finding: one sentence, with its keys and numbers."""

    key: Id = Field(description="the same in every report that has this finding")
    kind: Literal[
        "proficiency",
        "policy",
        "change",
        "gap",
        "spread",
        "ranking",
        "association",
        "slope",
        "caveat",
    ]
    variable: str | None
    category: str | None = Field(description="that is compared with the reference")
    wave: str | None = Field(description="None: of all waves")
    unit: str = Field(description="of the estimate; empty: a share, or no estimate")
    estimate: ShownNumber | HiddenNumber | None
    lower: ShownNumber | HiddenNumber | None = Field(description="of the 95 % interval")
    upper: ShownNumber | HiddenNumber | None = Field(description="of the 95 % interval")
    size: ShownNumber | HiddenNumber | None = Field(
        description="in standard deviations of the outcome in that wave, without a sign"
    )
    size_lower: ShownNumber | HiddenNumber | None = Field(
        description="of the 95 % interval, in them"
    )
    size_upper: ShownNumber | HiddenNumber | None = Field(
        description="of the 95 % interval, in them"
    )
    section: Id = Field(description="of the report, which has the details")
    short: Sentence = Field(description="the message without its numbers")
    runs: Sentence


class Findings(Record):
    """The first screen."""

    studied: Sentence
    sizes: tuple[LargeFigure, ...]
    who: Sentence = Field(description="who was studied, and when")
    when: str = Field(description="the waves: from which to which")
    items: tuple[ReportedFinding, ...] = Field(description="six at most, in order of importance")
    further: tuple[ReportedFinding, ...]
    untold: tuple[ReportedFinding, ...] = Field(description="what the data cannot tell")
    remarks: tuple[ReportedFinding, ...] = Field(description="on how sure the findings are")
    figure: Figure | None
    lead: Table | None = Field(description="differences between groups by wave")
    table: Table | None


class BriefSection(Record):
    """A list on the second page of the brief."""

    id: Id
    title: str
    items: tuple[Sentence, ...]


class Brief(Record):
    """The second page of the brief; the first are the findings."""

    sections: tuple[BriefSection, ...]


class ReportPublication(Record):
    """Who publishes the report, and how it is cited; empty texts where that is not said."""

    publisher: str
    contact: str
    licence: str
    address: str
    date: str = Field(description="ISO 8601")
    day: str = Field(description="the date in words")
    next: str = Field(description="when the next results are published")
    cite: str


class HiddenCells(Record):
    """How many cells a rule hides in a place."""

    place: str
    rule: Rule
    cells: int


class Protection(Record):
    """How the people in the survey are protected."""

    mode: Literal["public", "controlled"]
    threshold: int
    zeros: Literal["shown"]
    analyses: tuple[str, ...] = Field(description="protected together with this one")
    log: tuple[HiddenCells, ...]


class Report(Record):
    """A report of one analysis."""

    schema_version: Literal[1] = Field(alias="schema")
    survey: str
    analysis: str
    language: str
    title: str
    survey_title: str
    description: str
    date: str | None
    version: str
    publication: ReportPublication
    findings: Findings
    brief: Brief
    sections: tuple[ReportSection, ...]
    disclosure: Protection
