"""Several chains of the sampler: the states at which imputations are drawn, and convergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.results.missing.joint_model import Convergence, TracedParameter
from mlm.statistics.imputation.convergence import effective_draws, split_r_hat
from mlm.statistics.imputation.gibbs import GibbsChain, LatentSums, State
from mlm.statistics.imputation.joint_model import JointModel, Parameters, Prior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.starts import start_of, start_with_latents
from mlm.statistics.imputation.unit_responses import UnitRegression, UnitResponses

USUAL = 100, 20  # iterations of each chain before the first imputation, and from one to the next
WITH_LATENTS = 200, 50  # the same with latent variables, whose correlations move slowly
LARGEST_R_HAT = 1.05
FEWEST_EFFECTIVE = 100  # of all chains together
FARTHEST_START = 2.0  # times that the first and last chain's variances differ from the estimates


@dataclass(frozen=True)
class ChainPlan:
    """How imputations are sampled.

    Attributes
    ----------
    draws : int
        Imputations.
    seed : int
        Of the random numbers.
    chains : int
        Chains, each with its share of the imputations.
    burn_in : int or None
        Iterations of each chain before the first imputation,
    between : int or None
        and from one imputation of a chain to the next; None: as many as are usual.
    """

    draws: int = 20
    seed: int = 1
    chains: int = 4
    burn_in: int | None = None
    between: int | None = None

    @property
    def iterations(self) -> int:
        """Iterations of each chain after the burn-in."""
        return self.between * math.ceil(self.draws / self.chains)

    def settled(self, has_latents: bool) -> ChainPlan:
        """The same with the usual numbers of iterations where none are given."""
        burn_in, between = WITH_LATENTS if has_latents else USUAL
        return replace(
            self,
            burn_in=burn_in if self.burn_in is None else self.burn_in,
            between=between if self.between is None else self.between,
        )


@dataclass(frozen=True)
class DrawnState:
    """A state at which an imputation is drawn: the chain, its iteration, and the state."""

    chain: int
    iteration: int
    state: State


@dataclass(frozen=True)
class SampledStates:
    """States for all imputations, and whether the chains have converged."""

    states: tuple[DrawnState, ...]
    convergence: Convergence


def sampled(
    table: PatternTable,
    model: JointModel,
    levels: Sequence[tuple[str, ...]],
    how: ChainPlan,
    rows: LatentSums | None = None,
    units: Sequence[UnitResponses] = (),
) -> SampledStates:
    """Run the chains.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    model : JointModel
        The model.
    levels : sequence of tuple of str
        Id columns of each level, outermost first.
    how : ChainPlan
        Draws, chains and iterations.
    rows : LatentSums, optional
        The rows, where the model has latents.
    units : sequence of UnitResponses
        Incomplete variables of units, a level each.
    """
    latents = model.latents
    how = how.settled(bool(latents))
    if rows is None:
        start = start_of(table)
    else:
        start = start_with_latents(table, rows.copy(), latents, how.seed)
    prior = Prior.around(start)
    names = traced_parameters(model, levels)
    names += [name for each in units for name in traced_of_units(each, model, levels)]
    states, traces = [], []
    for number, factor in enumerate(_factors(how.chains)):
        own = None if rows is None else rows.copy()
        begun = _spread(start, factor)
        of_units = [UnitRegression(each, prior.effects[each.level]) for each in units]
        chain = GibbsChain(table, begun, prior, how.seed, number, latents, own, of_units)
        trace = np.empty((how.iterations, len(names)))
        for i, state in enumerate(chain.states(how.burn_in + how.iterations)):
            after = i - how.burn_in
            if after >= 0:
                trace[after] = state.traced()
            if after >= 0 and after % how.between == how.between - 1:
                states.append(DrawnState(number, i, state))
        traces.append(trace)
    ordered = sorted(states, key=lambda each: (each.iteration, each.chain))[: how.draws]
    return SampledStates(tuple(ordered), convergence_of(np.stack(traces), names, how))


def _factors(chains: int) -> np.ndarray:
    """What multiplies the variances at the start of each chain: they begin apart."""
    if chains == 1:
        return np.ones(1)
    return FARTHEST_START ** np.linspace(-1.0, 1.0, chains)


def _spread(start: Parameters, factor: float) -> Parameters:
    effects = tuple(matrix * factor for matrix in start.effects)
    return Parameters(start.coefficients, start.residual / factor, effects)


def traced_parameters(
    model: JointModel, levels: Sequence[tuple[str, ...]]
) -> list[TracedParameter]:
    """What ``Parameters.traced`` holds, number by number."""
    responses = [column.name for column in model.responses]
    found = [
        TracedParameter(kind="coefficient", response=response, other=predictor.name)
        for predictor in model.predictors
        for response in responses
    ]
    pairs = [(a, b) for i, a in enumerate(responses) for b in responses[:i]]
    for level in ((), *levels):
        found += [TracedParameter(kind="variance", response=r, level=level) for r in responses]
        found += [
            TracedParameter(kind="correlation", response=a, other=b, level=level) for a, b in pairs
        ]
    return found


def traced_of_units(
    units: UnitResponses, model: JointModel, levels: Sequence[tuple[str, ...]]
) -> list[TracedParameter]:
    """What ``UnitState.traced`` holds, number by number.

    Parameters
    ----------
    units : UnitResponses
        The variables of the units.
    model : JointModel
        The model of the rows.
    levels : sequence of tuple of str
        Id columns of each level, outermost first.
    """
    level, responses = levels[units.level], [column.name for column in units.columns]
    explaining = [column.name for column in (*units.predictors, *model.responses)]
    found = [
        TracedParameter(kind="coefficient", response=response, other=name, level=level)
        for name in explaining
        for response in responses
    ]
    return found + [TracedParameter(kind="variance", response=r, level=level) for r in responses]


def convergence_of(
    traces: np.ndarray, names: Sequence[TracedParameter], how: ChainPlan
) -> Convergence:
    """What the traces of all parameters say.

    Parameters
    ----------
    traces : ndarray (chains, iterations, t)
        Values after the burn-in.
    names : sequence of TracedParameter
        What they are.
    how : ChainPlan
        How they were sampled.
    """
    r_hat, effective = split_r_hat(traces), effective_draws(traces)
    worst, fewest = int(np.argmax(r_hat)), int(np.argmin(effective))
    good = r_hat[worst] <= LARGEST_R_HAT and effective[fewest] >= FEWEST_EFFECTIVE
    return Convergence(
        chains=how.chains,
        burn_in=how.burn_in,
        iterations=how.iterations,
        between=how.between,
        r_hat=float(r_hat[worst]),
        r_hat_of=names[worst],
        effective_draws=float(effective[fewest]),
        effective_draws_of=names[fewest],
        converged=bool(good),
    )
