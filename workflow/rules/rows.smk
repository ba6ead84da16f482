rule simulate:
    """Draw the wave files of a simulated survey from its documented truth."""
    output:
        directory("results/{survey}/simulated"),
    log:
        "logs/{survey}/simulate.log",
    benchmark:
        "logs/{survey}/simulate.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.simulated) or "(?!x)x",
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        config=JOBS.config_file,
        part=JOBS.part("simulate"),
        code=JOBS.code("simulate"),
        software=jobs.software(*jobs.STATISTICAL),
    message:
        "Simulate the waves of {wildcards.survey}"
    shell:
        "python -m mlm simulate {params.config:q} {output:q} > {log:q} 2>&1"


rule clean:
    """Check and clean the rows of one wave; account for every row in a ledger."""
    input:
        JOBS.wave_files,
    output:
        table="results/{survey}/clean/{wave}.parquet",
        ledger="results/{survey}/clean/{wave}.json",
    log:
        "logs/{survey}/clean-{wave}.log",
    benchmark:
        "logs/{survey}/clean-{wave}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        config=JOBS.config_file,
        part=JOBS.part("clean"),
        code=JOBS.code("clean"),
        software=jobs.software(*jobs.STATISTICAL),
    message:
        "Clean wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm clean {params.config:q} {wildcards.wave:q}"
        " --out {output.table:q} --ledger {output.ledger:q} > {log:q} 2>&1"


rule link:
    """Link the waves: which units recur, who stays, leaves or is new, what contradicts the design."""
    input:
        tables=JOBS.for_waves("results/{survey}/clean/{wave}.parquet"),
        ledgers=JOBS.for_waves("results/{survey}/clean/{wave}.json"),
    output:
        "results/{survey}/survey.json",
    log:
        "logs/{survey}/link.log",
    benchmark:
        "logs/{survey}/link.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        config=JOBS.config_file,
        part=JOBS.part("link"),
        code=JOBS.code("link"),
        software=jobs.software(*jobs.STATISTICAL),
    message:
        "Link the waves of {wildcards.survey}"
    shell:
        "python -m mlm link {params.config:q} {input.tables:q}" " --out {output:q} > {log:q} 2>&1"


rule ledger:
    """List every row and every missing cell of a survey in one table."""
    input:
        "results/{survey}/survey.json",
    output:
        "results/{survey}/ledger.csv",
    log:
        "logs/{survey}/ledger.log",
    benchmark:
        "logs/{survey}/ledger.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        config=JOBS.config_file,
        part=JOBS.part("ledger"),
        code=JOBS.code("ledger"),
        software=jobs.software(*jobs.REPORTING),
    message:
        "List the rows of {wildcards.survey}"
    shell:
        "python -m mlm ledger {params.config:q} --survey {input:q} --out {output:q} > {log:q} 2>&1"


rule columns:
    """Fix origin and unit of every column, from the configuration and the first wave alone."""
    input:
        JOBS.for_first_wave("results/{survey}/clean/{wave}.parquet"),
    output:
        "results/{survey}/columns.json",
    log:
        "logs/{survey}/columns.log",
    benchmark:
        "logs/{survey}/columns.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        config=JOBS.config_file,
        part=JOBS.part("columns"),
        code=JOBS.code("columns"),
        software=jobs.software(*jobs.STATISTICAL),
    message:
        "Fix the columns of {wildcards.survey}"
    shell:
        "python -m mlm columns {params.config:q} {input:q} --out {output:q} > {log:q} 2>&1"


rule accumulate:
    """Turn the rows of one wave into cross-products, for all analyses in one pass."""
    input:
        table="results/{survey}/clean/{wave}.parquet",
        columns="results/{survey}/columns.json",
    output:
        directory("results/{survey}/statistics/{wave}"),
    log:
        "logs/{survey}/accumulate-{wave}.log",
    benchmark:
        "logs/{survey}/accumulate-{wave}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        config=JOBS.config_file,
        part=JOBS.part("accumulate"),
        code=JOBS.code("accumulate"),
        software=jobs.software(*jobs.STATISTICAL),
    message:
        "Accumulate wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm accumulate {params.config:q} {wildcards.wave:q} {input.table:q}"
        " --columns {input.columns:q} --out {output:q} > {log:q} 2>&1"


rule residuals:
    """Read the rows once more: residuals of the final model, summarised."""
    input:
        tables=JOBS.for_waves("results/{survey}/clean/{wave}.parquet"),
        statistics="results/{survey}/{analysis}/statistics.npz",
        fit="results/{survey}/{analysis}/slopes.reml.fit.json",
    output:
        "results/{survey}/{analysis}/residuals.json",
    log:
        "logs/{survey}/residuals-{analysis}.log",
    benchmark:
        "logs/{survey}/residuals-{analysis}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        config=JOBS.config_file,
        part=JOBS.part("residuals"),
        code=JOBS.code("residuals"),
        software=jobs.software(*jobs.STATISTICAL),
    message:
        "Residuals of {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm residuals {params.config:q} {wildcards.analysis:q} {input.tables:q}"
        " --statistics {input.statistics:q} --fit {input.fit:q} --out {output:q} > {log:q} 2>&1"
