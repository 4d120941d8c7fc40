"""Writes statistics.json: what scipy and rliable say, for tests/statistics.rs.

pip install numpy==2.4.6 scipy==1.17.1 "pandas<3" rliable==1.2.0 && python statistics.py > statistics.json
"""

import json

import numpy as np
import scipy.stats
from rliable import library, metrics

random = np.random.default_rng(20261122)
matrices = {
    # returns of 5 seeds on 3 tasks of very different scales
    "scales": np.column_stack([random.normal(400, 60, 5), random.normal(0.9, 0.1, 5), random.normal(8, 3, 5)]),
    # many ties, as of agents that reach the limit of an episode
    "ties": np.minimum(500, np.round(random.normal(480, 40, (10, 2)) / 10) * 10),
    # heavy tails, 7 seeds on one task
    "tails": random.standard_cauchy((7, 1)),
}


def case(name, matrix):
    pooled = matrix.flatten()
    interval = lambda statistic: library.get_interval_estimates({"a": matrix}, statistic, reps=50_000)[1]["a"].ravel().tolist()
    np.random.seed(1)
    return {
        "name": name,
        "strata": matrix.T.tolist(),
        "mean": float(np.mean(pooled)),
        "standard_deviation": float(np.std(pooled, ddof=1)),
        "median": float(np.median(pooled)),
        "iqm": float(metrics.aggregate_iqm(matrix)),
        "quantiles": [[q, float(np.quantile(pooled, q))] for q in (0.0, 0.025, 0.31, 0.5, 0.975, 1.0)],
        "mean_interval": interval(lambda scores: np.array([np.mean(scores)])),
        "iqm_interval": interval(lambda scores: np.array([metrics.aggregate_iqm(scores)])),
    }


x = np.sort(random.uniform(0, 20_000, 12))
y = random.normal(0, 1, 12)
unequal = [random.normal(0, 1, n).tolist() for n in (1, 2, 3, 4, 5, 6, 7, 9, 13)]
print(json.dumps({
    "matrices": [case(*item) for item in matrices.items()],
    "unequal": [{"scores": s, "iqm": float(scipy.stats.trim_mean(s, 0.25))} for s in unequal],
    "curve": {"points": np.column_stack([x, y]).tolist(), "area": float(np.trapezoid(y, x) / (x[-1] - x[0]))},
}, indent=1))
