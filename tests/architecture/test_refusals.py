"""Every place that may refuse data after a wave was cleaned is known to `mlm check`."""

from __future__ import annotations

import ast

from tests.architecture.imports import modules, tree

RUN_BY_CHECK = "check runs it"
NOT_BY_DATA = "asked for by users of the library, or by a plan that configurations cannot make"
BROKEN_FILES = "intermediate files that are not what made them"
CAUGHT = "caught by its caller, which gives the reason in the report"
BY_SIMULATION = "of a simulated survey alone, whose rows check draws"
OF_IMPUTATIONS = "completed data sets that are not of the same rows, which check does not see"
BY_FIT = "only a fit can know; check says that it fits nothing"

RAISED = {
    "commands.analyses.of_imputations._shifted": NOT_BY_DATA,
    "commands.analyses.of_imputations._shifted_files": NOT_BY_DATA,
    "commands.analyses.of_sums.analyse_sums": NOT_BY_DATA,
    "commands.analyse._named": BY_FIT,
    "commands.analyse.analyse": NOT_BY_DATA,
    "commands.check.check": RUN_BY_CHECK,
    "commands.check._check_wave": RUN_BY_CHECK,
    "commands.clean._check_same_files": BROKEN_FILES,
    "commands.init.init": NOT_BY_DATA,
    "commands.jobs.arrow._NoPandas.find_spec": NOT_BY_DATA,
    "commands.program.main": NOT_BY_DATA,
    "commands.project.new.new": NOT_BY_DATA,
    "commands.project.run.run": NOT_BY_DATA,
    "commands.reporting.keeping._hashes": BROKEN_FILES,
    "commands.reporting.keeping._record": BROKEN_FILES,
    "commands.made.Making.check": BROKEN_FILES,
    "commands.made.Making.check_apart": BROKEN_FILES,
    "commands.made.checked_record": BROKEN_FILES,
    "commands.report._one_each": NOT_BY_DATA,
    "commands.tables.by_wave": NOT_BY_DATA,
    "commands.writing.check_disk_space": NOT_BY_DATA,
    "commands.writing.read_json": BROKEN_FILES,
    "rows.accumulating.accumulate.Accumulation.cross_products": RUN_BY_CHECK,
    "rows.accumulating.column_kinds.numbers_in": NOT_BY_DATA,
    "rows.accumulating.column_kinds.one_kind": NOT_BY_DATA,
    "rows.accumulating.frame_source.FrameSource.is_number": NOT_BY_DATA,
    "rows.accumulating.id_columns.id_texts": NOT_BY_DATA,
    "rows.accumulating.model_statistics.categorical": NOT_BY_DATA,
    "rows.accumulating.parquet_source.ParquetSource.is_number": NOT_BY_DATA,
    "rows.accumulating.complete_rows.CompleteRows.check": RUN_BY_CHECK,
    "rows.accumulating.complete_rows.refuse_infinite": RUN_BY_CHECK,
    "rows.accumulating.model_statistics.recipe_of_models": NOT_BY_DATA,
    "rows.accumulating.model_statistics._with_strata": NOT_BY_DATA,
    "rows.accumulating.parquet_source.ParquetSource.of": BROKEN_FILES,
    "rows.accumulating.parquet_source._footer": BROKEN_FILES,
    "rows.accumulating.parquet_source._check_same_kinds": BROKEN_FILES,
    "rows.accumulating.sources.source_of": NOT_BY_DATA,
    "rows.accumulating.sources.check_columns": RUN_BY_CHECK,
    "rows.accumulating.wave_statistics._checked": RUN_BY_CHECK,
    "rows.accumulating.wave_statistics._check_outcome": RUN_BY_CHECK,
    "rows.linking.linking.link_waves": RUN_BY_CHECK,
    "rows.residuals.residuals._categories": NOT_BY_DATA,
    "rows.residuals.residuals._Table._refuse": BROKEN_FILES,
    "rows.residuals.residuals.check_same_rows": BROKEN_FILES,
    "rows.residuals.wave_sums.WaveSums.load": BROKEN_FILES,
    "statistics.answers.claims.check_claims": RUN_BY_CHECK,
    "statistics.answers.claims._check_within": RUN_BY_CHECK,
    "statistics.answers.data.identified_levels._change": RUN_BY_CHECK,
    "statistics.answers.over_time.back_test.back_test": CAUGHT,
    "statistics.answers.units.compared._Units._check_own": CAUGHT,
    "statistics.answers.units.compared._Units._values": CAUGHT,
    "statistics.evidence.arrays.array_files.FiledSums.part": NOT_BY_DATA,
    "statistics.evidence.arrays.array_files.StoredArray._read": NOT_BY_DATA,
    "statistics.evidence.by_wave._check": CAUGHT,
    "statistics.evidence.crossproducts.CrossProducts.level": NOT_BY_DATA,
    "statistics.evidence.crossproducts.check_addable": BROKEN_FILES,
    "statistics.evidence.joining.joined": BROKEN_FILES,
    "statistics.evidence.merging.merge_waves": NOT_BY_DATA,
    "statistics.evidence.merging._taken": BROKEN_FILES,
    "statistics.evidence.pattern_sums.PatternSums.__add__": NOT_BY_DATA,
    "statistics.evidence.pattern_sums.PatternSums.load": BROKEN_FILES,
    "statistics.evidence.separable.separable_levels": RUN_BY_CHECK,
    "statistics.evidence.storage.load": BROKEN_FILES,
    "statistics.evidence.strata._mark": BROKEN_FILES,
    "statistics.evidence.strata._of_stratum": NOT_BY_DATA,
    "statistics.evidence.strata._sums_of_wave": BROKEN_FILES,
    "statistics.evidence.strata.strata_of": NOT_BY_DATA,
    "statistics.fitting.effects.PosteriorMeans.of": NOT_BY_DATA,
    "statistics.fitting.fit.Fit.from_json": BROKEN_FILES,
    "statistics.fitting.fit.check_sample": BROKEN_FILES,
    "statistics.fitting.form_search.FormSearch._placed": BY_FIT,
    "statistics.fitting.form_search._check_told_apart": CAUGHT,
    "statistics.fitting.told_forms.check_told": CAUGHT,
    "statistics.fitting.optimise.quasi_newton": BY_FIT,
    "statistics.fitting.strata_search._check_positive": CAUGHT,
    "statistics.inference.profile_of_correlation._end": CAUGHT,
    "statistics.inference.bootstrap.bootstrap_test": NOT_BY_DATA,
    "statistics.inference.explained._check_names": NOT_BY_DATA,
    "statistics.inference.kenward_roger.kenward_roger": NOT_BY_DATA,
    "statistics.inference.reference.tail": NOT_BY_DATA,
    "statistics.inference.reference._check_interior": CAUGHT,
    "statistics.inference.terms.compare": NOT_BY_DATA,
    "statistics.inference.terms.term_tests": NOT_BY_DATA,
    "statistics.evidence.stacked.stacked": NOT_BY_DATA,
    "statistics.inference.terms.columns_of_terms": NOT_BY_DATA,
    "statistics.pooling.copies.refuse_copies": RUN_BY_CHECK,
    "statistics.pooling.likelihood_tests._check": NOT_BY_DATA,
    "statistics.pooling.likelihood_tests._check_sample": NOT_BY_DATA,
    "statistics.pooling.pool.check_poolable": NOT_BY_DATA,
    "statistics.pooling.pooled_fit.PooledFit.__getattr__": NOT_BY_DATA,
    "statistics.pooling.pooled_fit.PooledFit.shares": NOT_BY_DATA,
    "statistics.pooling.wald._test_of_nests": NOT_BY_DATA,
    "statistics.likelihood.basis.candidate_weights": NOT_BY_DATA,
    "statistics.likelihood.basis.check_known": NOT_BY_DATA,
    "statistics.likelihood.criterion._profiled": BY_FIT,
    "statistics.answers.imputed.analysis._claims": OF_IMPUTATIONS,
    "statistics.answers.imputed.pooled_records._mean": OF_IMPUTATIONS,
    "statistics.answers.imputed.pooled_records.pooled_record": OF_IMPUTATIONS,
    "statistics.answers.imputed.pooled_records._same": OF_IMPUTATIONS,
    "statistics.answers.imputed.pooled_records.rubin": OF_IMPUTATIONS,
    "statistics.evidence.completed_samples.CompletedSamples.of": OF_IMPUTATIONS,
    "statistics.likelihood.criterion._upper_root": BY_FIT,
    "statistics.likelihood.crossed.deletion.UnitsApart.of": CAUGHT,
    "statistics.likelihood.crossed.deletion._multiple": NOT_BY_DATA,
    "statistics.likelihood.crossed.fronts.elimination._inverted": BY_FIT,
    "statistics.likelihood.crossed.fronts.placing._check_dense": RUN_BY_CHECK,
    "statistics.likelihood.crossed.root.eliminated_root": BY_FIT,
    "statistics.likelihood.crossed.resampling.pieces": CAUGHT,
    "statistics.likelihood.crossed.structure.Crossed._check_dense": RUN_BY_CHECK,
    "statistics.likelihood.crossed.structure.Crossed.row_slopes": CAUGHT,
    "statistics.likelihood.gains.values": BY_FIT,
    "statistics.likelihood.crossed.structure.Crossed.units_apart": CAUGHT,
    "statistics.likelihood.identification.identified": BY_FIT,
    "statistics.likelihood.making._check_response": RUN_BY_CHECK,
    "statistics.likelihood.over_waves.residual_form._check_rows_weigh_one": CAUGHT,
    "statistics.likelihood.over_waves.residual_form.with_residual": NOT_BY_DATA,
    "statistics.likelihood.strata.check_residual": NOT_BY_DATA,
    "statistics.likelihood.strata.check_rows": CAUGHT,
    "rows.accumulating.sampling.cluster_sums.ClusterSums.__init__": NOT_BY_DATA,
    "rows.accumulating.sampling.faults.refuse_levels": NOT_BY_DATA,
    "rows.accumulating.sampling.faults.refuse_unfit": RUN_BY_CHECK,
    "rows.accumulating.sampling.faults.refuse_unknown_levels": NOT_BY_DATA,
    "rows.accumulating.sampling.first_pass.weighed": RUN_BY_CHECK,
    "statistics.fitting.design.by_design.ByDesign._of_design": NOT_BY_DATA,
    "statistics.fitting.design.errors.replicates_of": NOT_BY_DATA,
    "statistics.fitting.design.errors.strata_of": NOT_BY_DATA,
    "statistics.fitting.design.refusals.check_unweighted": NOT_BY_DATA,
    "statistics.fitting.design.refusals.check_weighted": NOT_BY_DATA,
    "statistics.inference.jackknife._without_each": NOT_BY_DATA,
    "statistics.inference.jackknife._refuse_lost": NOT_BY_DATA,
    "statistics.inference.terms._of_design": NOT_BY_DATA,
    "statistics.likelihood.crossed.clusters.by_cluster": NOT_BY_DATA,
    "statistics.likelihood.crossed.clusters.reweighed": NOT_BY_DATA,
    "statistics.likelihood.crossed.many_weights.eliminated_under": NOT_BY_DATA,
    "statistics.likelihood.evaluation.InformationCriteria._check_unweighted": NOT_BY_DATA,
    "statistics.replication.hadamard.hadamard": BY_SIMULATION,
    "statistics.replication.made_factors.balanced": BY_SIMULATION,
}
"""Where data may be refused after a wave was cleaned, and what `mlm check` knows of it."""

ROOMS = tuple(
    f"mlm.{room}."
    for room in ("rows.linking", "rows.accumulating", "rows.residuals", "statistics", "commands")
)
OWN = {  # faults of the program, not of data
    "KeyError",
    "StopIteration",
    "ValueError",
    "np.linalg.LinAlgError",
}


def raised_in(module: str) -> set[str]:
    """Functions of a module, with its name, that raise an error a user can put right."""
    found = set()

    def visit(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                visit(child, f"{inside}.{child.name}")
                continue
            if isinstance(child, ast.Raise) and child.exc is not None:
                kind = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
                found.update([inside] if ast.unparse(kind) not in OWN else [])
            visit(child, inside)

    visit(tree(module), module.removeprefix("mlm."))
    return found


def test_check_knows_every_place_where_data_are_refused():
    """A new one: let check run it, with a case in spoiled_surveys.STOPPED, or say why it cannot."""
    found = [raised_in(name) for name in modules() if f"{name}.".startswith(ROOMS)]
    assert set().union(*found) == RAISED.keys()
