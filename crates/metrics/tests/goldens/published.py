"""Writes published.json: what rliable, arch and scipy say of atari100k.json, for tests/statistics.

pip install numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 arch==7.2.0 rliable==1.2.0 && python published.py > published.json

rliable's indices come from numpy's global generator: seeding that is what makes this file again.
"""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import scipy.stats
from arch.bootstrap import IndependentSamplesBootstrap
from rliable import library, metrics

DATA = json.loads(Path(__file__).with_name("atari100k.json").read_text())
RANDOM, HUMAN = np.array(DATA["random"]), np.array(DATA["human"])
# runs x tasks, human-normalised; ties are many: 100 points at private eye, 0 at freeway
AGENTS = {
    agent["name"]: (np.array(agent["runs"]).T - RANDOM) / (HUMAN - RANDOM)
    for agent in DATA["agents"]
    if "runs" in agent
}
SIMPLE, IRIS, STORM, DIAMOND = "SimPLe [per-run, rliable data]", "IRIS", "STORM", "DIAMOND"
THRESHOLDS = np.linspace(0, 8, 33)
BAND_THRESHOLDS = np.array([0.05, 0.25, 1.0, 2.0])
REPS = 20_000
IMPROVEMENT_REPS = 4_000  # scipy takes its time


def aggregates(scores):
    return np.array([
        metrics.aggregate_mean(scores),
        metrics.aggregate_median(scores),
        metrics.aggregate_iqm(scores),
        metrics.aggregate_optimality_gap(scores),
    ])


def intervals(scores, function, reps=REPS):
    np.random.seed(1)
    return library.get_interval_estimates({"a": scores}, function, reps=reps)[1]["a"].T.tolist()


def point(name, scores):
    return {
        "name": name,
        "aggregates": aggregates(scores).tolist(),
        "half_gap": float(metrics.aggregate_optimality_gap(scores, 0.5)),
        "profile": library.score_distributions(scores, THRESHOLDS).tolist(),
        "average_profile": library.average_score_distributions(scores, THRESHOLDS).tolist(),
    }


def interval(name):
    return {
        "name": name,
        "aggregates": intervals(AGENTS[name], aggregates),
        "profile": intervals(AGENTS[name], lambda scores: library.score_distributions(scores, BAND_THRESHOLDS)),
        "average_profile": intervals(
            AGENTS[name], lambda scores: library.average_score_distributions(scores, BAND_THRESHOLDS)
        ),
    }


def improvement(first, second, runs, with_interval):
    """Of the first agent over the first `runs` runs of the second."""
    pair = [AGENTS[first], AGENTS[second][:runs]]
    ours = lambda x, y: np.array([metrics.probability_of_improvement(x, y)])
    return {
        "first": first,
        "second": second,
        "runs": runs,
        "probability": float(ours(*pair)[0]),
        "interval": intervals(pair, ours, IMPROVEMENT_REPS)[0] if with_interval else None,
    }


def ragged_aggregates(*tasks):
    """The generalisation to unequal numbers of runs, by repeating scores until all tasks have as many.

    With equal numbers the share cut off at each end is scipy's, floor(N / 4) of N.
    """
    runs = sum(map(len, tasks))
    length = math.lcm(runs, *map(len, tasks))
    full = np.column_stack([np.repeat(task, length // len(task)) for task in tasks])
    cut = full.size // runs * (runs // 4)
    trimmed = np.sort(full, axis=None)[cut : full.size - cut].mean()
    mean, median, _, gap = aggregates(full)
    return np.array([mean, median, trimmed, gap])


def ragged():
    """DIAMOND with 2 to 5 runs of each game; arch draws each task by itself."""
    tasks = [scores[: 2 + task % 4] for task, scores in enumerate(AGENTS[DIAMOND].T)]
    bootstrap = IndependentSamplesBootstrap(*tasks, seed=np.random.default_rng(1))
    ends = bootstrap.conf_int(ragged_aggregates, reps=REPS, method="percentile")
    return {
        "runs": [len(task) for task in tasks],
        "aggregates": ragged_aggregates(*tasks).tolist(),
        "intervals": ends.T.tolist(),
    }


def expanded(strata):
    """The level of Hesterberg's expanded percentile interval of 95 %."""
    runs, freedom = sum(strata), sum(strata) - len(strata)
    t = scipy.stats.t.ppf(0.975, freedom)
    return {"strata": strata, "tail": float(scipy.stats.norm.cdf(-math.sqrt(runs / freedom) * t))}


names = list(AGENTS)
per_game = {agent["name"]: (np.array([agent["game_means"]]) - RANDOM) / (HUMAN - RANDOM) for agent in DATA["agents"]}
print(json.dumps({
    "reps": REPS,
    "improvement_reps": IMPROVEMENT_REPS,
    "thresholds": THRESHOLDS.tolist(),
    "band_thresholds": BAND_THRESHOLDS.tolist(),
    "runs": [point(*item) for item in AGENTS.items()],
    "game_means": [point(*item) for item in per_game.items()],
    "intervals": [interval(name) for name in (SIMPLE, IRIS, STORM, "Delta-IRIS")],
    "improvements": [improvement(x, y, 5, (x, y) == (SIMPLE, IRIS)) for x, y in combinations(names, 2)]
    + [improvement(y, x, 5, False) for x, y in combinations(names, 2)]
    + [improvement(IRIS, STORM, 3, True), improvement(DIAMOND, IRIS, 2, True), improvement(IRIS, IRIS, 5, False)],
    "ragged": ragged(),
    "expanded": [expanded(strata) for strata in ([5], [10], [2], [3, 4], [5, 5], [11], [5] * 26)],
}))
