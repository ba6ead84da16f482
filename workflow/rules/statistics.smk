rule merge:
    """Add the cross-products of all waves and make the columns with time."""
    input:
        config=JOBS.config_file,
        statistics=JOBS.for_waves("results/{survey}/statistics/{wave}"),
        records=JOBS.for_waves("results/{survey}/statistics/{wave}.made.json"),
        again=STANDING.again("merge"),
    output:
        statistics="results/{survey}/{analysis}/statistics.npz",
        record="results/{survey}/{analysis}/statistics.made.json",
    log:
        "logs/{survey}/merge-{analysis}.log",
    benchmark:
        "logs/{survey}/merge-{analysis}.benchmark.jsonl"
    group:
        TOGETHER.of("merge")
    threads: 1
    resources:
        mem_mb=needs.memory("merge", JOBS.configurations),
        runtime=needs.minutes("merge"),
    params:
        made_by=JOBS.made_by("merge"),
    message:
        "Merge the waves of {wildcards.survey} for {wildcards.analysis}"
    shell:
        "python -m mlm --log {log:q} merge --out {output.statistics:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} {input.statistics:q} > {log:q} 2>&1"


rule merge_imputed:
    """Add the cross-products of all waves in each imputation that files brought."""
    input:
        config=JOBS.config_file,
        statistics=JOBS.for_waves("results/{survey}/statistics/{wave}"),
        records=JOBS.for_waves("results/{survey}/statistics/{wave}.made.json"),
        again=STANDING.again("merge_imputed"),
    output:
        imputed=directory("results/{survey}/{analysis}/imputed"),
        record="results/{survey}/{analysis}/imputed.made.json",
    log:
        "logs/{survey}/merge-imputed-{analysis}.log",
    benchmark:
        "logs/{survey}/merge-imputed-{analysis}.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.completed) or "(?!x)x",
    group:
        TOGETHER.of("merge_imputed")
    threads: 1
    resources:
        mem_mb=needs.memory("merge_imputed"),
        runtime=needs.minutes("merge_imputed"),
    params:
        made_by=JOBS.made_by("merge_imputed"),
    message:
        "Merge the imputations of {wildcards.survey} for {wildcards.analysis}"
    shell:
        "python -m mlm --log {log:q} merge_imputed --out {output.imputed:q}"
        " --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} {input.statistics:q} > {log:q} 2>&1"


rule impute:
    """Draw what rows lack from a joint model: one file of merged cross-products an imputation."""
    input:
        config=JOBS.config_file,
        tables=JOBS.for_waves("results/{survey}/clean/{wave}.parquet"),
        columns="results/{survey}/columns.json",
        records=JOBS.for_waves("results/{survey}/clean/{wave}.made.json"),
        record_of_columns="results/{survey}/columns.made.json",
        again=STANDING.again("impute"),
    output:
        imputed=directory("results/{survey}/{analysis}/imputed"),
        record="results/{survey}/{analysis}/imputed.made.json",
    log:
        "logs/{survey}/impute-{analysis}.log",
    benchmark:
        "logs/{survey}/impute-{analysis}.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.drawn) or "(?!x)x",
    threads: PROCESSES_OF_CHAINS
    resources:
        mem_mb=needs.memory("impute"),
        runtime=needs.minutes("impute"),
    params:
        made_by=JOBS.made_by("impute"),
        processes=needs.granted,
    message:
        "Impute {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} impute --processes {params.processes} --columns {input.columns:q}"
        " --out {output.imputed:q}"
        " --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} {input.tables:q} > {log:q} 2>&1"


rule analyse:
    """Fit, test, reduce: all models of one analysis, from the cross-products alone."""
    input:
        config=JOBS.config_file,
        statistics="results/{survey}/{analysis}/statistics.npz",
        survey="results/{survey}/survey.json",
        records=[
            "results/{survey}/{analysis}/statistics.made.json",
            "results/{survey}/survey.made.json",
        ],
        tables=JOBS.to_draw_from(JOBS.for_waves("results/{survey}/clean/{wave}.parquet")),
        records_of_tables=JOBS.to_draw_from(
            JOBS.for_waves("results/{survey}/clean/{wave}.made.json")
        ),
        columns=JOBS.to_draw_from("results/{survey}/columns.json"),
        record_of_columns=JOBS.to_draw_from("results/{survey}/columns.made.json"),
        again=STANDING.again("analyse"),
    output:
        results="results/{survey}/{analysis}/results.json",
        units=directory("results/{survey}/{analysis}/results.units"),
        record="results/{survey}/{analysis}/results.made.json",
        fits=directory("results/{survey}/{analysis}/fits"),
    log:
        "logs/{survey}/analyse-{analysis}.log",
    benchmark:
        "logs/{survey}/analyse-{analysis}.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.summed) or "(?!x)x",
    threads: PROCESSES
    resources:
        mem_mb=needs.memory("analyse"),
        runtime=needs.minutes("analyse"),
    params:
        made_by=JOBS.made_by("analyse"),
        processes=needs.granted,
        folder=subpath(output.results, parent=True),
        rows=lambda wildcards, input: [f"--rows={path}" for path in input.tables],
        columns=lambda wildcards, input: [f"--columns={path}" for path in input.columns],
    message:
        "Analyse {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} analyse --processes {params.processes} --statistics {input.statistics:q}"
        " --survey {input.survey:q}"
        " {params.rows:q} {params.columns:q} --out {params.folder:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} > {log:q} 2>&1"


rule analyse_imputed:
    """Fit, test, reduce all imputations as one analysis, and pool the answers."""
    input:
        config=JOBS.config_file,
        imputed="results/{survey}/{analysis}/imputed",
        statistics="results/{survey}/{analysis}/statistics.npz",
        survey="results/{survey}/survey.json",
        records=[
            "results/{survey}/{analysis}/imputed.made.json",
            "results/{survey}/{analysis}/statistics.made.json",
            "results/{survey}/survey.made.json",
        ],
        again=STANDING.again("analyse_imputed"),
    output:
        results="results/{survey}/{analysis}/results.json",
        units=directory("results/{survey}/{analysis}/results.units"),
        record="results/{survey}/{analysis}/results.made.json",
        fits=directory("results/{survey}/{analysis}/fits"),
    log:
        "logs/{survey}/analyse-{analysis}.log",
    benchmark:
        "logs/{survey}/analyse-{analysis}.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.imputed) or "(?!x)x",
    threads: PROCESSES
    resources:
        mem_mb=needs.memory("analyse_imputed"),
        runtime=needs.minutes("analyse_imputed"),
    params:
        made_by=JOBS.made_by("analyse_imputed"),
        processes=needs.granted,
        folder=subpath(output.results, parent=True),
        imputations=JOBS.imputations,
    message:
        "Analyse the imputations of {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} analyse --processes {params.processes} {params.imputations:q}"
        " --complete {input.statistics:q}"
        " --survey {input.survey:q} --out {params.folder:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} > {log:q} 2>&1"


rule analyse_sample:
    """Fit, test, reduce with weights and plausible values: read the clean rows of all waves."""
    input:
        config=JOBS.config_file,
        tables=JOBS.for_waves("results/{survey}/clean/{wave}.parquet"),
        survey="results/{survey}/survey.json",
        records=JOBS.for_waves("results/{survey}/clean/{wave}.made.json"),
        record_of_survey="results/{survey}/survey.made.json",
        again=STANDING.again("analyse_sample"),
    output:
        results="results/{survey}/{analysis}/results.json",
        units=directory("results/{survey}/{analysis}/results.units"),
        record="results/{survey}/{analysis}/results.made.json",
        fits=directory("results/{survey}/{analysis}/fits"),
    log:
        "logs/{survey}/analyse-{analysis}.log",
    benchmark:
        "logs/{survey}/analyse-{analysis}.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.sampled) or "(?!x)x",
    threads: 1
    resources:
        mem_mb=needs.memory("analyse_sample"),
        runtime=needs.minutes("analyse_sample"),
    params:
        made_by=JOBS.made_by("analyse_sample"),
        folder=subpath(output.results, parent=True),
        rows=lambda wildcards, input: [f"--rows={path}" for path in input.tables],
    message:
        "Analyse {wildcards.analysis} of the sample {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} analyse {params.rows:q} --survey {input.survey:q}"
        " --out {params.folder:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} > {log:q} 2>&1"
