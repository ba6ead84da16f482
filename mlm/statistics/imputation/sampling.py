"""Several chains of the sampler: the states at which imputations are drawn, and convergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mlm.nouns.machine.kept_memory import keep_freed_memory
from mlm.nouns.machine.side_by_side import side_by_side
from mlm.nouns.missing_values import MOST_ITERATIONS
from mlm.results.missing.joint_model import Convergence, TracedParameter
from mlm.statistics.evidence.names import column_record, group_level
from mlm.statistics.imputation.convergence import effective_draws, split_r_hat
from mlm.statistics.imputation.gibbs import GibbsChain, LatentSums, State
from mlm.statistics.imputation.joint_model import JointModel, Parameters, Prior
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.starts import start_of, start_with_latents, with_crossed
from mlm.statistics.imputation.units.responses import UnitResponses, innermost_first

FIRST_BURN_IN = 100  # iterations of each chain before it is first looked at
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
        Iterations of each chain before the first imputation; None: until the chains agree,
    between : int or None
        and from one imputation of a chain to the next; None: as far apart as the iterations allow.
    most : int
        Iterations of each chain after which it ends though the chains do not agree, where no
        burn-in is given.
    """

    draws: int = 20
    seed: int = 1
    chains: int = 4
    burn_in: int | None = None
    between: int | None = None
    most: int = MOST_ITERATIONS

    @property
    def each(self) -> int:
        """Imputations of a chain."""
        return math.ceil(self.draws / self.chains)

    @property
    def rounds(self) -> list[Round]:
        """How often chains are looked at, each round as long as all before it."""
        if self.burn_in is not None:
            between = self.between or max(self.burn_in // self.each, 1)
            return [Round(self.burn_in, between, self.each)]
        found, done = [], min(FIRST_BURN_IN, max(self.most // 2, 1))
        while True:
            between = self.between or max(done // self.each, 1)
            found.append(Round(done, between, self.each))
            done += found[-1].iterations
            if 2 * done > self.most:
                return found


@dataclass(frozen=True)
class Round:
    """Iterations after which chains are looked at.

    Attributes
    ----------
    burn_in : int
        Iterations before them.
    between : int
        From one imputation of a chain to the next.
    each : int
        Imputations of a chain.
    """

    burn_in: int
    between: int
    each: int

    @property
    def iterations(self) -> int:
        """Iterations of the round."""
        return self.between * self.each


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
    """Run the chains until they agree, or have run as long as they may.

    Parameters
    ----------
    table : PatternTable
        Sums of the rows.
    model : JointModel
        The model.
    levels : sequence of tuple of str
        Id columns of each level: nested ones, outermost first, then crossed ones.
    how : ChainPlan
        Draws, chains and iterations.
    rows : LatentSums, optional
        The rows, where the model has latents.
    units : sequence of UnitResponses
        Incomplete variables of units, a level each, in the order of the levels.
    """
    keep_freed_memory()
    latents, recursion = model.latents, model.recursion
    if rows is None:
        start = start_of(table)
    else:
        start = start_with_latents(table, rows.copy(), recursion, how.seed)
    prior = Prior.around(start, [place for places in latents.values() for place in places])
    start = with_crossed(start, len(table.crossed))
    names = traced_parameters(model, levels, units, len(table.crossed))
    chains = []
    for number, factor in enumerate(_factors(how.chains)):
        own, begun = None if rows is None else rows.copy(), _spread(start, factor)
        chains.append(GibbsChain(table, begun, prior, how.seed, number, recursion, own, units))
    done = 0
    for each in how.rounds:
        rounds = [partial(_run, chain, n, each, done) for n, chain in enumerate(chains)]
        chains, traces, states = zip(*side_by_side(rounds), strict=True)
        done = each.burn_in + each.iterations
        convergence = convergence_of(np.stack(traces), names, each, how.chains)
        if convergence.converged:
            break
    states = [state for own in states for state in own]
    ordered = sorted(states, key=lambda each: (each.iteration, each.chain))[: how.draws]
    return SampledStates(tuple(ordered), convergence)


def _run(
    chain: GibbsChain, number: int, each: Round, done: int
) -> tuple[GibbsChain, np.ndarray, list[DrawnState]]:
    """A chain after a round, traces (n, t) of it, and the states at which it gives imputations."""
    trace, states = [], []
    for _ in chain.states(each.burn_in - done):
        pass
    for i, state in enumerate(chain.states(each.iterations)):
        trace.append(state.traced())
        if i % each.between == each.between - 1:
            states.append(DrawnState(number, each.burn_in + i, state))
    return chain, np.array(trace), states


def _factors(chains: int) -> np.ndarray:
    """What multiplies the variances at the start of each chain: they begin apart."""
    if chains == 1:
        return np.ones(1)
    return FARTHEST_START ** np.linspace(-1.0, 1.0, chains)


def _spread(start: Parameters, factor: float) -> Parameters:
    effects = tuple(matrix * factor for matrix in start.effects)
    return Parameters(start.coefficients, start.residual / factor, effects)


def traced_parameters(
    model: JointModel,
    levels: Sequence[tuple[str, ...]],
    units: Sequence[UnitResponses] = (),
    crossed: int = 0,
) -> list[TracedParameter]:
    """What ``State.traced`` holds, number by number.

    Parameters
    ----------
    model : JointModel
        The model of the rows.
    levels : sequence of tuple of str
        Id columns of each level: nested ones, outermost first, then crossed ones.
    units : sequence of UnitResponses
        Incomplete variables of units, in the order of the levels.
    crossed : int
        How many levels, the last ones, are crossed.
    """
    responses = [column_record(column) for column in model.responses]
    of_units = {each.level: [column_record(c) for c in each.columns] for each in units}
    explaining = [column_record(column) for column in (*model.predictors, *model.shown)]
    by_class = model.recursion
    of_rows = _coefficients(responses, explaining, None)
    found = [name for name, free in zip(of_rows, by_class.explains.ravel(), strict=True) if free]
    found += _coefficients(responses, [n for names in of_units.values() for n in names], None)
    found += _covariances([responses[place] for place in by_class.numbers], None)
    told = [group_level(group) for group in levels]
    for place, level in enumerate(told):
        is_nested = place < len(told) - crossed
        inner = [of_units[e.level] for e in innermost_first(units) if is_nested and e.depth > place]
        found += _covariances([*responses, *(name for names in inner for name in names)], level)
    for each in units:
        outer = [o.level for o in units if o.around is None and o.level < each.depth]
        around = [name for i in outer for name in of_units[i]]
        own, level, by_class = of_units[each.level], told[each.level], each.recursion
        shown = [own[place] for place in by_class.behind]
        known = _coefficients(own, [*(column_record(c) for c in each.predictors), *shown], level)
        found += [name for name, free in zip(known, by_class.explains.ravel(), strict=True) if free]
        found += _coefficients(own, around, level)
        found += _covariances([own[place] for place in by_class.numbers], level)
    return found


def _coefficients(responses, explaining, level) -> list[TracedParameter]:
    return [
        TracedParameter(kind="coefficient", response=response, other=other, level=level)
        for other in explaining
        for response in responses
    ]


def _covariances(responses, level) -> list[TracedParameter]:
    pairs = [(a, b) for i, a in enumerate(responses) for b in responses[:i]]
    return [
        *(TracedParameter(kind="variance", response=r, level=level) for r in responses),
        *(TracedParameter(kind="correlation", response=a, other=b, level=level) for a, b in pairs),
    ]


def convergence_of(
    traces: np.ndarray, names: Sequence[TracedParameter], each: Round, chains: int
) -> Convergence:
    """What the traces of all parameters say.

    Parameters
    ----------
    traces : ndarray (chains, iterations, t)
        Values after the burn-in.
    names : sequence of TracedParameter
        What they are.
    each : Round
        The iterations.
    chains : int
        How many chains there are.
    """
    r_hat, effective = split_r_hat(traces), effective_draws(traces)
    worst, fewest = int(np.argmax(r_hat)), int(np.argmin(effective))
    good = r_hat[worst] <= LARGEST_R_HAT and effective[fewest] >= FEWEST_EFFECTIVE
    return Convergence(
        chains=chains,
        burn_in=each.burn_in,
        iterations=each.iterations,
        between=each.between,
        r_hat=float(r_hat[worst]),
        r_hat_of=names[worst],
        effective_draws=float(effective[fewest]),
        effective_draws_of=names[fewest],
        converged=bool(good),
    )
