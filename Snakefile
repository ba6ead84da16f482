# Table of contents: the rules are in workflow/rules/, one file for each room; what is run and with
# which options is said in config/ and profiles/. `snakemake --cores all` makes everything.
include: "workflow/Snakefile"


rule all:
    default_target: True
    input:
        rules.reports.input,
    message:
        "All reports"
