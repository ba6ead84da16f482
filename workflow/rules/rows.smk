rule simulate:
    """Draw the wave files of a simulated survey from its documented truth."""
    input:
        config=JOBS.config_file,
        again=STANDING.again("simulate"),
    output:
        waves=directory("results/{survey}/simulated"),
        record="results/{survey}/simulated.made.json",
    log:
        "logs/{survey}/simulate.log",
    benchmark:
        "logs/{survey}/simulate.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.simulated) or "(?!x)x",
    threads: 1
    resources:
        mem_mb=needs.memory("simulate"),
        runtime=needs.minutes("simulate"),
    params:
        made_by=JOBS.made_by("simulate"),
    message:
        "Simulate the waves of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} simulate --made-by {params.made_by:q}"
        " -- {input.config:q} {output.waves:q} > {log:q} 2>&1"


rule intake:
    """Take in some of the many files of a wave; their rows are brought together by `clean`."""
    input:
        config=JOBS.config_file,
        files=JOBS.files_of_part,
        again=STANDING.again("intake"),
    output:
        rows=directory("results/{survey}/intake/{wave}/{part}"),
        record="results/{survey}/intake/{wave}/{part}.made.json",
    log:
        "logs/{survey}/intake-{wave}-{part}.log",
    benchmark:
        "logs/{survey}/intake-{wave}-{part}.benchmark.jsonl"
    wildcard_constraints:
        part="[0-9]+",
    group:
        TOGETHER.of("intake")
    threads: 1
    resources:
        mem_mb=needs.memory("intake"),
        runtime=needs.minutes("intake"),
    params:
        made_by=JOBS.made_by("intake"),
        first=JOBS.first_of_part,
    message:
        "Take in part {wildcards.part} of wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} intake --first {params.first} --out {output.rows:q}"
        " --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.wave:q} {input.files:q} > {log:q} 2>&1"


rule clean:
    """Check and clean the rows of one wave; account for every row in a ledger."""
    input:
        config=JOBS.config_file,
        files=JOBS.wave_files,
        beside=JOBS.files_beside,
        simulated=JOBS.simulated_waves,
        parts=JOBS.for_parts("intake", "results/{survey}/intake/{wave}/{part}"),
        records=JOBS.for_parts("intake", "results/{survey}/intake/{wave}/{part}.made.json"),
        again=STANDING.again("clean"),
    output:
        table="results/{survey}/clean/{wave}.parquet",
        ledger="results/{survey}/clean/{wave}.json",
        record="results/{survey}/clean/{wave}.made.json",
    log:
        "logs/{survey}/clean-{wave}.log",
    benchmark:
        "logs/{survey}/clean-{wave}.benchmark.jsonl"
    group:
        TOGETHER.of("clean")
    threads: 1
    resources:
        mem_mb=needs.memory("clean"),
        runtime=needs.minutes("clean"),
    params:
        made_by=JOBS.made_by("clean"),
        files=lambda wildcards, input: JOBS.given(input, [wildcards.wave]) or input.files,
        beside=lambda wildcards, input: [
            f"--beside={path}"
            for path in JOBS.given(input, JOBS.waves_beside(wildcards)) or input.beside
        ],
        parts=lambda wildcards, input: [f"--part={path}" for path in input.parts],
    message:
        "Clean wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} clean {params.beside:q} {params.parts:q} --out {output.table:q} --ledger {output.ledger:q}"
        " --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.wave:q} {params.files:q} > {log:q} 2>&1"


rule complete:
    """Match imputed files with the rows of a wave, check them, and put them beside each other."""
    input:
        config=JOBS.config_file,
        files=JOBS.wave_files,
        beside=JOBS.files_beside,
        imputed=JOBS.imputed_files,
        again=STANDING.again("complete"),
    output:
        table="results/{survey}/completed/{wave}.parquet",
        account="results/{survey}/completed/{wave}.json",
        record="results/{survey}/completed/{wave}.made.json",
    log:
        "logs/{survey}/complete-{wave}.log",
    benchmark:
        "logs/{survey}/complete-{wave}.benchmark.jsonl"
    wildcard_constraints:
        survey="|".join(JOBS.completed) or "(?!x)x",
    group:
        TOGETHER.of("complete")
    threads: 1
    resources:
        mem_mb=needs.memory("complete"),
        runtime=needs.minutes("complete"),
    params:
        made_by=JOBS.made_by("complete"),
        beside=lambda wildcards, input: [f"--beside={path}" for path in input.beside],
        imputed=lambda wildcards, input: [f"--imputed={path}" for path in input.imputed],
    message:
        "Complete wave {wildcards.wave} of {wildcards.survey} by its imputations"
    shell:
        "python -m mlm --log {log:q} complete {params.beside:q} {params.imputed:q}"
        " --out {output.table:q} --account {output.account:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.wave:q} {input.files:q} > {log:q} 2>&1"


rule link_wave:
    """Read the rows of a wave of a large survey for its links; `link` joins the waves."""
    input:
        config=JOBS.config_file,
        table="results/{survey}/clean/{wave}.parquet",
        record="results/{survey}/clean/{wave}.made.json",
        again=STANDING.again("link_wave"),
    output:
        part=directory("results/{survey}/linked/{wave}"),
        record="results/{survey}/linked/{wave}.made.json",
    log:
        "logs/{survey}/link-{wave}.log",
    benchmark:
        "logs/{survey}/link-{wave}.benchmark.jsonl"
    group:
        TOGETHER.of("link_wave")
    threads: 1
    resources:
        mem_mb=needs.memory("link_wave"),
        runtime=needs.minutes("link_wave"),
    params:
        made_by=JOBS.made_by("link_wave"),
    message:
        "Read wave {wildcards.wave} of {wildcards.survey} for its links"
    shell:
        "python -m mlm --log {log:q} link_wave --out {output.part:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.wave:q} {input.table:q} > {log:q} 2>&1"


rule link:
    """Link the waves: which units recur, who stays, leaves or is new, what contradicts the design."""
    input:
        config=JOBS.config_file,
        tables=JOBS.for_waves("results/{survey}/clean/{wave}.parquet"),
        ledgers=JOBS.for_waves("results/{survey}/clean/{wave}.json"),
        records=JOBS.for_waves("results/{survey}/clean/{wave}.made.json"),
        parts=JOBS.linked_apart("results/{survey}/linked/{wave}"),
        records_of_parts=JOBS.linked_apart("results/{survey}/linked/{wave}.made.json"),
        again=STANDING.again("link"),
    output:
        survey="results/{survey}/survey.json",
        record="results/{survey}/survey.made.json",
    log:
        "logs/{survey}/link.log",
    benchmark:
        "logs/{survey}/link.benchmark.jsonl"
    group:
        TOGETHER.of("link")
    threads: 1
    resources:
        mem_mb=needs.memory("link", JOBS.configurations),
        runtime=needs.minutes("link"),
    params:
        made_by=JOBS.made_by("link"),
        ledgers=lambda wildcards, input: [f"--ledger={path}" for path in input.ledgers],
        parts=lambda wildcards, input: [f"--part={path}" for path in input.parts],
    message:
        "Link the waves of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} link {params.ledgers:q} {params.parts:q} --out {output.survey:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {input.tables:q} > {log:q} 2>&1"


rule ledger:
    """List every row and every missing cell of a survey in one table."""
    input:
        config=JOBS.config_file,
        survey="results/{survey}/survey.json",
        record="results/{survey}/survey.made.json",
        again=STANDING.again("ledger"),
    output:
        table="results/{survey}/ledger.csv",
        record="results/{survey}/ledger.made.json",
    log:
        "logs/{survey}/ledger.log",
    benchmark:
        "logs/{survey}/ledger.benchmark.jsonl"
    group:
        TOGETHER.of("ledger")
    threads: 1
    resources:
        mem_mb=needs.memory("ledger"),
        runtime=needs.minutes("ledger"),
    params:
        made_by=JOBS.made_by("ledger"),
    message:
        "List the rows of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} ledger --survey {input.survey:q} --out {output.table:q}"
        " --made-by {params.made_by:q}"
        " -- {input.config:q} > {log:q} 2>&1"


rule columns:
    """Fix origin and unit of every column, from the configuration and the first wave alone."""
    input:
        config=JOBS.config_file,
        table=JOBS.for_first_wave("results/{survey}/clean/{wave}.parquet"),
        record=JOBS.for_first_wave("results/{survey}/clean/{wave}.made.json"),
        again=STANDING.again("columns"),
    output:
        columns="results/{survey}/columns.json",
        record="results/{survey}/columns.made.json",
    log:
        "logs/{survey}/columns.log",
    benchmark:
        "logs/{survey}/columns.benchmark.jsonl"
    group:
        TOGETHER.of("columns")
    threads: 1
    resources:
        mem_mb=needs.memory("columns"),
        runtime=needs.minutes("columns"),
    params:
        made_by=JOBS.made_by("columns"),
    message:
        "Fix the columns of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} columns --out {output.columns:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {input.table:q} > {log:q} 2>&1"


rule accumulate_part:
    """Turn a part of the rows of a large wave into cross-products; `accumulate` adds them."""
    input:
        config=JOBS.config_file,
        table="results/{survey}/clean/{wave}.parquet",
        columns="results/{survey}/columns.json",
        records=[
            "results/{survey}/clean/{wave}.made.json",
            "results/{survey}/columns.made.json",
        ],
        again=STANDING.again("accumulate_part"),
    output:
        statistics=directory("results/{survey}/sums/{wave}/{part}"),
        record="results/{survey}/sums/{wave}/{part}.made.json",
    log:
        "logs/{survey}/accumulate-{wave}-{part}.log",
    benchmark:
        "logs/{survey}/accumulate-{wave}-{part}.benchmark.jsonl"
    wildcard_constraints:
        part="[0-9]+",
    group:
        TOGETHER.of("accumulate_part")
    threads: 1
    resources:
        mem_mb=needs.memory("accumulate_part", JOBS.configurations),
        runtime=needs.minutes("accumulate_part"),
    params:
        made_by=JOBS.made_by("accumulate_part"),
        of=JOBS.n_sums,
    message:
        "Accumulate part {wildcards.part} of wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} accumulate_part --number {wildcards.part} --of {params.of}"
        " --columns {input.columns:q} --out {output.statistics:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.wave:q} {input.table:q} > {log:q} 2>&1"


rule accumulate:
    """Turn the rows of one wave into cross-products, for all analyses in one pass."""
    input:
        config=JOBS.config_file,
        table="results/{survey}/clean/{wave}.parquet",
        columns="results/{survey}/columns.json",
        records=[
            "results/{survey}/clean/{wave}.made.json",
            "results/{survey}/columns.made.json",
        ],
        completed=JOBS.of_completed("results/{survey}/completed/{wave}.parquet"),
        record_of_completed=JOBS.of_completed("results/{survey}/completed/{wave}.made.json"),
        parts=JOBS.for_parts("accumulate_part", "results/{survey}/sums/{wave}/{part}"),
        records_of_parts=JOBS.for_parts(
            "accumulate_part", "results/{survey}/sums/{wave}/{part}.made.json"
        ),
        again=STANDING.again("accumulate"),
    output:
        statistics=directory("results/{survey}/statistics/{wave}"),
        record="results/{survey}/statistics/{wave}.made.json",
    log:
        "logs/{survey}/accumulate-{wave}.log",
    benchmark:
        "logs/{survey}/accumulate-{wave}.benchmark.jsonl"
    group:
        TOGETHER.of("accumulate")
    threads: 1
    resources:
        mem_mb=needs.memory("accumulate", JOBS.configurations),
        runtime=needs.minutes("accumulate"),
    params:
        made_by=JOBS.made_by("accumulate"),
        completed=lambda wildcards, input: [f"--completed={path}" for path in input.completed],
        parts=lambda wildcards, input: [f"--part={path}" for path in input.parts],
    message:
        "Accumulate wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} accumulate --columns {input.columns:q} --out {output.statistics:q}"
        " {params.completed:q} {params.parts:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.wave:q} {input.table:q} > {log:q} 2>&1"


rule residuals_of_wave:
    """Read the rows of a wave of a large survey once more; `residuals` adds what they sum up to."""
    input:
        config=JOBS.config_file,
        table="results/{survey}/clean/{wave}.parquet",
        statistics="results/{survey}/{analysis}/statistics.npz",
        fits="results/{survey}/{analysis}/fits",
        records=[
            "results/{survey}/clean/{wave}.made.json",
            "results/{survey}/{analysis}/statistics.made.json",
            "results/{survey}/{analysis}/results.made.json",
        ],
        again=STANDING.again("residuals_of_wave"),
    output:
        sums="results/{survey}/{analysis}/residuals/{wave}.npz",
        record="results/{survey}/{analysis}/residuals/{wave}.made.json",
    log:
        "logs/{survey}/residuals-{analysis}-{wave}.log",
    benchmark:
        "logs/{survey}/residuals-{analysis}-{wave}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=needs.memory("residuals_of_wave"),
        runtime=needs.minutes("residuals_of_wave"),
    params:
        made_by=JOBS.made_by("residuals_of_wave"),
    message:
        "Residuals of {wildcards.analysis} in wave {wildcards.wave} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} residuals_of_wave --statistics {input.statistics:q}"
        " --fits {input.fits:q} --out {output.sums:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} {wildcards.wave:q} {input.table:q} > {log:q} 2>&1"


rule residuals:
    """Read the rows once more: residuals of the final model, summarised."""
    input:
        config=JOBS.config_file,
        tables=JOBS.read_together("results/{survey}/clean/{wave}.parquet"),
        parts=JOBS.read_apart("results/{survey}/{analysis}/residuals/{wave}.npz"),
        statistics="results/{survey}/{analysis}/statistics.npz",
        fits="results/{survey}/{analysis}/fits",
        records=[
            "results/{survey}/{analysis}/statistics.made.json",
            "results/{survey}/{analysis}/results.made.json",
        ],
        records_of_waves=JOBS.read_together("results/{survey}/clean/{wave}.made.json"),
        records_of_parts=JOBS.read_apart("results/{survey}/{analysis}/residuals/{wave}.made.json"),
        again=STANDING.again("residuals"),
    output:
        residuals="results/{survey}/{analysis}/residuals.json",
        record="results/{survey}/{analysis}/residuals.made.json",
    log:
        "logs/{survey}/residuals-{analysis}.log",
    benchmark:
        "logs/{survey}/residuals-{analysis}.benchmark.jsonl"
    threads: 1
    resources:
        mem_mb=needs.memory("residuals"),
        runtime=needs.minutes("residuals"),
    params:
        made_by=JOBS.made_by("residuals"),
        parts=lambda wildcards, input: [f"--part={path}" for path in input.parts],
    message:
        "Residuals of {wildcards.analysis} of {wildcards.survey}"
    shell:
        "python -m mlm --log {log:q} residuals --statistics {input.statistics:q} --fits {input.fits:q}"
        " --out {output.residuals:q} {params.parts:q} --made-by {params.made_by:q}"
        " -- {input.config:q} {wildcards.analysis:q} {input.tables:q} > {log:q} 2>&1"
