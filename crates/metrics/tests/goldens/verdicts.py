"""Writes verdicts.json: what scipy says of differences of means, for tests/statistics/verdicts.rs.

pip install numpy==2.4.6 scipy==1.17.1 && python verdicts.py > verdicts.json
"""

import json

import numpy as np
import scipy.stats

random = np.random.default_rng(20261128)
pairs = [(random.normal(3, 1, n), random.normal(2, 4, n)) for n in (5, 6, 10, 23)]
unequal = [(random.normal(3, 1, 5), random.normal(2, 4, 8)), (np.array([1.0] * 5), random.normal(0, 1, 7))]


def case(first, second, result, paired):
    low, high = result.confidence_interval(0.95)
    return {"first": first.tolist(), "second": second.tolist(), "paired": paired, "low": float(low), "high": float(high)}


print(json.dumps(
    [case(x, y, scipy.stats.ttest_rel(x, y), True) for x, y in pairs]
    + [case(x, y, scipy.stats.ttest_ind(x, y, equal_var=False), False) for x, y in pairs + unequal],
    indent=1,
))
