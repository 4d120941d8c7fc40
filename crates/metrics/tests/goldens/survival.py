"""Writes survival.json: what lifelines says of times to a threshold, for tests/statistics.

pip install numpy==2.4.6 scipy==1.17.1 pandas==2.3.3 lifelines==0.30.3 && python survival.py > survival.json

The first case is the remission times of the 6-MP arm of Freireich et al. 1963, the example of most textbooks;
the others are made up like times of runs.
"""

import json
import math

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_times, restricted_mean_survival_time

random = np.random.default_rng(20261124)
times = np.round(random.lognormal(10, 0.6, 12), -3)
CASES = {
    # (times that were reached, times that were censored, horizon)
    "remission": ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], 35),
    "one budget": ([40_000, 55_000, 55_000], [100_000, 100_000], 100_000),
    "never": ([], [100_000] * 5, 100_000),
    "mostly never": ([30_000], [100_000] * 4, 100_000),
    "always, with ties": ([10_000, 20_000, 20_000, 20_000, 30_000, 40_000, 40_000, 50_000], [], 45_000),
    "budgets differ": (times[::2].tolist(), times[1::2].tolist(), 20_000),
    "half exactly": ([1_000, 2_000, 3_000], [9_000, 9_000, 9_000], 9_000),
}


def finite(number):
    return None if math.isinf(number) or math.isnan(number) else float(number)


def case(name, reached, censored, horizon):
    fitter = KaplanMeierFitter().fit(reached + censored, [1] * len(reached) + [0] * len(censored))
    # lifelines compares shares with one half as they are: 0.5000000000000001 is not one half to it
    share = fitter.survival_function_.iloc[:, 0].round(12)
    # and calls the share 0 certain, where R's survfit calls it unknown, as we do: one run more might change it
    low, high = (fitter.confidence_interval_.iloc[:, end].round(12) for end in (0, 1))
    low, high = low.mask(share == 0, 0.0), high[share > 0]
    median = lambda shares: finite(qth_survival_times(0.5, shares))
    return {
        "name": name,
        "reached": reached,
        "censored": censored,
        "horizon": horizon,
        "shares": [[time, float(fitter.predict(time))] for time in sorted(set(reached))],
        "median": median(share),
        "median_interval": [median(low), median(high)],
        "restricted_mean": float(restricted_mean_survival_time(fitter, t=horizon)),
    }


print(json.dumps([case(name, *rest) for name, rest in CASES.items()], indent=1))
