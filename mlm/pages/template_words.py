"""The fixed words of the templates, for the page and for the PDF."""

from __future__ import annotations

from mlm.pages.language import _


def template_words() -> dict[str, str]:
    """The words that the templates print beside what the document holds, by name."""
    return {
        "contents": _("Contents"),
        "findings": _("Findings"),
        "skip": _("Skip to the findings"),
        "skip_index": _("Skip to the reports"),
        "back": _("Back to the findings"),
        "details": _("Details"),
        "permalink": _("Link to this finding"),
        "colon": _(": "),
        "brief": _("Brief"),
        "brief_pdf": _("Brief (PDF)"),
        "brief_docx": _("Brief (Word)"),
        "brief_pptx": _("Brief (slides)"),
        "report": _("Report"),
        "report_pdf": _("Report (PDF)"),
        "further": _("Also found"),
        "untold": _("What these data leave open"),
        "behind": _("Behind the findings"),
        "cite": _("How to cite:"),
        "survey": _("The survey"),
        "tables": _("Tables (XLSX)"),
        "tidy": _("One long table (CSV)"),
        "tidy_all": _("One long table of all surveys (CSV)"),
        "everything": _("All of it (JSON)"),
        "all_columns": _("All columns"),
        "folded": _("It stands on the page (HTML) and among the tables (XLSX)."),
        "contents_and_files": _("Contents and files"),
        "table_file": _("Table as CSV"),
        "chart_file": _("Data of the chart as CSV"),
        "note": _("Note:"),
        "caution": _("Caution:"),
        "equation": _("Equation"),
        "made_with": _("Made with"),
        "survey_name": _("Survey"),
        "analysis_name": _("Analysis"),
        "controlled": _("Controlled: for inside use, not for publication."),
        "reports": _("Reports"),
        "compared": _("Side by side"),
        "date": _("Date"),
        "waves": _("Waves"),
        "in_sd": _(
            "In standard deviations of the outcome in the last wave, for a policy of the "
            "group it is compared with. Lines are 95% intervals, hollow marks leave the "
            "direction open. Where the same people are followed, change is how they grew."
        ),
        "kicker": _("Multilevel analysis of longitudinal surveys"),
        "no_report": _("No report has been made yet."),
        "unknown_letters": _("The fonts of this PDF have no letters for"),
        "unknown_shown": _("Each is shown as �; the HTML page shows them."),
    }
