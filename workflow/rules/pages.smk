rule report:
    """Write one analysis as a page, a PDF, and tables."""
    input:
        config=JOBS.config_file,
        results="results/{survey}/{analysis}/results.json",
        units="results/{survey}/{analysis}/results.units",
        residuals=JOBS.of_residuals("results/{survey}/{analysis}/residuals.json"),
        survey="results/{survey}/survey.json",
        beside=JOBS.beside("results/{survey}/{other}/results.json"),
        units_beside=JOBS.beside("results/{survey}/{other}/results.units"),
        residuals_beside=JOBS.of_residuals_beside("results/{survey}/{other}/residuals.json"),
        records=[
            "results/{survey}/{analysis}/results.made.json",
            "results/{survey}/survey.made.json",
        ],
        record_of_residuals=JOBS.of_residuals("results/{survey}/{analysis}/residuals.made.json"),
        records_beside=JOBS.beside("results/{survey}/{other}/results.made.json"),
        records_of_residuals_beside=JOBS.of_residuals_beside(
            "results/{survey}/{other}/residuals.made.json"
        ),
        style=JOBS.style_files,
        again=STANDING.again("report"),
    output:
        document="results/{survey}/{analysis}/{place}/report.json",
        record="results/{survey}/{analysis}/{place}.made.json",
        brief="results/{survey}/{analysis}/{place}/brief.html",
        brief_pdf="results/{survey}/{analysis}/{place}/brief.pdf",
        brief_docx="results/{survey}/{analysis}/{place}/brief.docx",
        brief_pptx="results/{survey}/{analysis}/{place}/brief.pptx",
        tidy="results/{survey}/{analysis}/{place}/tidy.csv",
        page=report(
            "results/{survey}/{analysis}/{place}/report.html",
            caption="../report/page.rst",
            category="{survey}",
            subcategory="{analysis}",
            labels={"form": "page"},
        ),
        pdf=report(
            "results/{survey}/{analysis}/{place}/report.pdf",
            caption="../report/pdf.rst",
            category="{survey}",
            subcategory="{analysis}",
            labels={"form": "PDF"},
        ),
        workbook=report(
            "results/{survey}/{analysis}/{place}/tables.xlsx",
            caption="../report/tables.rst",
            category="{survey}",
            subcategory="{analysis}",
            labels={"form": "tables"},
        ),
        tables=directory("results/{survey}/{analysis}/{place}/tables"),
        figures=directory("results/{survey}/{analysis}/{place}/figures"),
    log:
        "logs/{survey}/report-{analysis}-{place}.log",
    benchmark:
        "logs/{survey}/report-{analysis}-{place}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=needs.memory("report"),
        runtime=needs.minutes("report"),
    params:
        made_by=JOBS.made_by("report"),
        folder=subpath(output.record, parent=True),
        residuals=lambda wildcards, input: [f"--residuals={path}" for path in input.residuals],
        beside=lambda wildcards, input: [f"--beside={path}" for path in input.beside],
        residuals_beside=lambda wildcards, input: [
            f"--residuals-beside={path}" for path in input.residuals_beside
        ],
    message:
        "Report {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} report --results {input.results:q} {params.residuals:q}"
        " --survey {input.survey:q} {params.beside:q} {params.residuals_beside:q}"
        " --out {params.folder:q}"
        " --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} > {log:q} 2>&1"


rule units:
    """Write a page for each school or county, for inside use."""
    input:
        config=JOBS.config_file,
        results="results/{survey}/{analysis}/results.json",
        units="results/{survey}/{analysis}/results.units",
        survey="results/{survey}/survey.json",
        records=[
            "results/{survey}/{analysis}/results.made.json",
            "results/{survey}/survey.made.json",
        ],
        style=JOBS.style_files,
        again=STANDING.again("units"),
    output:
        pages=directory("results/{survey}/{analysis}/units"),
        record="results/{survey}/{analysis}/units.made.json",
    log:
        "logs/{survey}/units-{analysis}.log",
    benchmark:
        "logs/{survey}/units-{analysis}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=needs.memory("units"),
        runtime=needs.minutes("units"),
    params:
        made_by=JOBS.made_by("units"),
        folder=subpath(output.record, parent=True),
    message:
        "Pages of single units, {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} units --results {input.results:q} --survey {input.survey:q}"
        " --out {params.folder:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} > {log:q} 2>&1"


rule index:
    """List all reports on one page, and bring those to publish into one folder."""
    input:
        configs=lambda wildcards: JOBS.listed_configs,
        reports=STANDING.reports,
        again=STANDING.again("index"),
    output:
        page=report("results/index.html", caption="../report/index.rst", category="index"),
        site=directory("results/publish"),
        record="results/index.made.json",
    log:
        "logs/index.log",
    benchmark:
        "logs/index.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=needs.memory("index"),
        runtime=needs.minutes("index"),
    params:
        made_by=JOBS.made_by("index"),
        documents=lambda wildcards, input: [p for p in input.reports if p.endswith("report.json")],
        configs=lambda wildcards, input: [f"--config={path}" for path in input.configs],
    message:
        "Write the index of all reports"
    shell:
        "python -m mlm --log {log:q} index --out {output.page:q} {params.configs:q} --made-by {params.made_by:q}"
        " -- {params.documents:q} > {log:q} 2>&1"
