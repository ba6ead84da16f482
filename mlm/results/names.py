"""Names and labels that records may hold, each kind of text with a type of its own.

They come from the configuration or from the data; none is made of several others.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.nouns.design import DESIGNS

VariableName = Annotated[str, Field(description="name of a variable in the codebook")]
Category = Annotated[str, Field(description="code of a category in the codebook")]
WaveName = Annotated[str, Field(description="name of a wave in the configuration")]
LevelName = Annotated[str, Field(description="name of a level in the configuration")]
UnitId = Annotated[str, Field(description="id of a unit as it stands in the cleaned rows")]
SurveyName = Annotated[str, Field(description="name of a survey")]
AnalysisName = Annotated[str, Field(description="name of an analysis of the configuration")]
Plural = Annotated[str, Field(description="plural of a level's name, from the configuration")]
Label = Annotated[str, Field(description="meaning of a code, from the codebook or the file")]
CoefficientName = Annotated[
    str, Field(description="name of a column of a model, such as kind[T.b]:x; Intercept for 1")
]
TermName = Annotated[str, Field(description="a term in the notation of formulas, such as kind:x")]
SampleFingerprint = Annotated[
    str,
    Field(description="identity of the rows of a model", pattern="^([0-9a-f]{16})?$"),
]
Formula = Annotated[str, Field(description="a model in the notation of lme4")]
FileName = Annotated[str, Field(description="path of a file as configured")]
Sha256 = Annotated[str, Field(description="SHA-256 of a file's bytes", pattern="^[0-9a-f]{64}$")]
Version = Annotated[str, Field(description="version of a program or library")]
UnitOfMeasurement = Annotated[str, Field(description="unit of a variable, from the codebook")]
Digest = Annotated[
    str, Field(description="beginning of the SHA-256 of results", pattern="^[0-9a-f]{16}$")
]
CountName = Annotated[
    str, Field(description="place of a count, its item named where the place has a number")
]
LibraryName = Annotated[str, Field(description="name of a library")]
CommandLine = Annotated[str, Field(description="a command as typed into a shell")]
Day = Annotated[str, Field(description="a day", pattern=r"^\d{4}-\d{2}-\d{2}$")]
Commit = Annotated[str, Field(description="revision of the code", pattern="^[0-9a-f]{7,64}$")]

DesignName = Literal[tuple(DESIGNS)]
SpelledId = Annotated[str, Field(description="id of a unit, or how it is spelled")]
Unit = Annotated[tuple[UnitId, ...], Field(description="ids of a unit, outermost first")]
JobName = Annotated[str, Field(description="stage, wave or analysis, and survey")]
MakerName = Annotated[str, Field(description="configuration, code and software of a run")]
RecordedFile = Annotated[str, Field(description="path from a record's folder, or as configured")]
LastWords = Annotated[str, Field(description="what a command said at its end, as in its log")]
