"""The statistics of docs/findings/breakout-seeds.md, from the committed records of `minatar-starts`, and of
`minatar-forks` once these are there.

    python analysis/breakout_seeds.py

prints them in seconds, with nothing but Python. A score is the mean return of the 32 games of an evaluation. Scores
are compared as logarithms, because a return grows in proportion to what is there. Permutations are drawn with a fixed
seed, 100,000 of them, so that the same records give the same p.
"""

import gzip
import json
import random
from collections import Counter
from math import log
from pathlib import Path
from statistics import correlation, mean, median, stdev

GALLERY = Path(__file__).parent.parent / "results" / "gallery"
PERMUTATIONS = 100_000
END = 30_000


def runs(experiment: str) -> list[dict]:
    """The finished runs of an experiment, each with its `evaluations` by real steps."""
    found = json.loads((GALLERY / experiment / "experiment.json").read_text())["runs"]
    for run in found:
        with gzip.open(GALLERY / "runs" / run["id"] / "records.jsonl.gz", "rt") as lines:
            records = [json.loads(line) for line in lines]
        run["evaluations"] = {int(r["real_steps"]): r for r in records if r["kind"] == "evaluation"}
    return found


def examined(run: dict, name: str, axes: dict) -> float:
    """The mean return of one examination."""
    (file,) = [e["file"] for e in run["examinations"] if e["name"] == name and e.get("axes", {}) == axes]
    return mean(json.loads((GALLERY / "examinations" / run["id"] / file).read_text())["returns"])


def score(run: dict, real_steps: int) -> float:
    """The mean return of the evaluation after so many real steps."""
    return mean(run["evaluations"][real_steps]["returns"])


def permuted(values: list[float], statistic, observed: float) -> float:
    """The share of permutations of `values` whose statistic reaches the observed one."""
    generator, values = random.Random(0), list(values)
    reached = 0
    for _ in range(PERMUTATIONS):
        generator.shuffle(values)
        reached += statistic(values) >= observed - 1e-12
    return reached / PERMUTATIONS


def ranks(values: list[float]) -> list[float]:
    """The rank of each value; equal values share the mean of theirs."""
    return [sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values]


def when(preset: list[dict]) -> None:
    print("Rank correlation of a score with the score at the end:")
    ends = [score(run, END) for run in preset]
    for step in (5_000, 10_000, 15_000, 20_000):
        scores = [score(run, step) for run in preset]
        rho = correlation(ranks(scores), ranks(ends))
        print(f"  after {step:,} real steps {rho:.2f}; scores {min(scores):.1f} to {max(scores):.1f}")


def ends_of_games(preset: list[dict]) -> None:
    print("The last 32 games of each seed: return and steps of the four most frequent, and the share of these four:")
    for run in preset:
        last = run["evaluations"][END]
        games = Counter(zip(map(int, last["returns"]), last["lengths"])).most_common(4)
        share = sum(count for _, count in games) / len(last["returns"])
        text = ", ".join(f"{count} with {points} after {steps}" for (points, steps), count in games)
        print(f"  seed {run['seed']}: {text}; {share:.0%}")


def spread(narrow: list[float], broad: list[float]) -> None:
    """Brown and Forsythe's comparison of spreads, judged by permutation."""
    narrow, broad = [log(s) for s in narrow], [log(s) for s in broad]
    centred = [s - median(group) for group in (narrow, broad) for s in group]

    def difference(values: list[float]) -> float:
        groups = values[: len(narrow)], values[len(narrow) :]
        first, second = (mean(abs(v - median(group)) for v in group) for group in groups)
        return abs(first - second)

    p = permuted(centred, difference, difference(centred))
    print(f"Standard deviation of logarithms at the end: original start {stdev(narrow):.2f}, any {stdev(broad):.2f};")
    print(f"  p = {p:.2f} for the difference of the mean distances from the median")


def forks(uncut: list[dict], cut: list[dict]) -> None:
    """The F statistic of ends that are grouped by the first third that they share, judged by permutation."""
    seeds = sorted({run["seed"] for run in cut})
    groups = [[score(run, END) for run in uncut + cut if run["seed"] == seed] for seed in seeds]
    for seed, group in zip(seeds, groups):
        print(f"  seed {seed}: uncut {group[0]:.1f}, cut {', '.join(f'{s:.1f}' for s in group[1:])}")
    size, ends = len(groups[0]), [log(s) for group in groups for s in group]

    def variances(values: list[float]) -> tuple[float, float]:
        parts = [values[i : i + size] for i in range(0, len(values), size)]
        within = sum((v - mean(part)) ** 2 for part in parts for v in part) / (len(values) - len(parts))
        between = size * sum((mean(part) - mean(values)) ** 2 for part in parts) / (len(parts) - 1)
        return between, within

    def f(values: list[float]) -> float:
        between, within = variances(values)
        return between / within

    between, within = variances(ends)
    share = (between - within) / (between + (size - 1) * within)
    observed = between / within
    p = permuted(ends, f, observed)
    print(f"  F = {observed:.2f}, p = {p:.3f}; share of the variance between seeds {share:.2f}")


def main() -> None:
    starts = [run for run in runs("minatar-starts") if run["agent"] == "efficientzero"]
    preset, anywhere = ([r for r in starts if r["axes"]["environment.standard_start"] == s] for s in ("true", "false"))
    when(preset)
    ends_of_games(preset)
    spread(*([examined(run, "package", {"weights": str(END)}) for run in group] for group in (preset, anywhere)))
    if (GALLERY / "minatar-forks").exists():
        print("The ends of runs that share their first third:")
        forks(preset, runs("minatar-forks"))


if __name__ == "__main__":
    main()
