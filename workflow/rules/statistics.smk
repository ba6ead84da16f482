rule merge:
    """Add the cross-products of all waves and make the columns with time."""
    input:
        PLAN.for_waves("results/{survey}/statistics/{wave}"),
    output:
        "results/{survey}/{analysis}/statistics.npz",
    log:
        "logs/{survey}/merge-{analysis}.log",
    benchmark:
        "logs/{survey}/merge-{analysis}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=PLAN.config_file,
        part=PLAN.part("merge"),
        code=PLAN.code("merge"),
        software=plan.software(*plan.STATISTICAL),
    message:
        "Merge the waves of {wildcards.survey} for {wildcards.analysis}"
    shell:
        "python -m mlm merge {params.config:q} {wildcards.analysis:q} {input:q}"
        " --out {output:q} > {log:q} 2>&1"


rule analyse:
    """Fit, test, reduce: all models of one analysis, from the cross-products alone."""
    input:
        statistics="results/{survey}/{analysis}/statistics.npz",
        survey="results/{survey}/survey.json",
    output:
        results="results/{survey}/{analysis}/results.json",
        null="results/{survey}/{analysis}/null.fit.json",
        full="results/{survey}/{analysis}/full.fit.json",
        final="results/{survey}/{analysis}/final.fit.json",
    log:
        "logs/{survey}/analyse-{analysis}.log",
    benchmark:
        "logs/{survey}/analyse-{analysis}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        config=PLAN.config_file,
        part=PLAN.part("analyse"),
        code=PLAN.code("analyse"),
        software=plan.software(*plan.STATISTICAL),
        folder=subpath(output.results, parent=True),
    message:
        "Analyse {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm analyse {params.config:q} {wildcards.analysis:q}"
        " --statistics {input.statistics:q} --survey {input.survey:q}"
        " --out {params.folder:q} > {log:q} 2>&1"
