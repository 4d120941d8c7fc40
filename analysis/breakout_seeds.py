"""The statistics of docs/findings/breakout-seeds.md, from the committed records of `minatar-starts` and
`minatar-forks`.

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


def games(run: dict, real_steps: int) -> list[tuple[float, int]]:
    """Return and length of each game of an evaluation."""
    evaluation = run["evaluations"][real_steps]
    return list(zip(evaluation["returns"], evaluation["lengths"]))


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
        last = games(run, END)
        most = Counter((int(points), steps) for points, steps in last).most_common(4)
        share = sum(count for _, count in most) / len(last)
        text = ", ".join(f"{count} with {points} after {steps}" for (points, steps), count in most)
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


def between_and_within(groups: list[list[float]]) -> tuple[float, float]:
    """The mean squares of the analysis of variance of groups of one size."""
    values = [value for group in groups for value in group]
    within = sum((v - mean(group)) ** 2 for group in groups for v in group) / (len(values) - len(groups))
    between = len(groups[0]) * sum((mean(group) - mean(values)) ** 2 for group in groups) / (len(groups) - 1)
    return between, within


def judge(name: str, groups: list[list[float]]) -> None:
    """The F statistic of groups of one size, by permutation, and the intraclass correlation."""
    size = len(groups[0])

    def f(values: list[float]) -> float:
        between, within = between_and_within([values[i : i + size] for i in range(0, len(values), size)])
        return between / within

    between, within = between_and_within(groups)
    share = (between - within) / (between + (size - 1) * within)
    p = permuted([value for group in groups for value in group], f, between / within)
    print(f"  {name}: F = {between / within:.1f}, p = {p:.4f}; share of the variance between seeds {share:.2f};")
    print(f"    standard deviation between seeds {((between - within) / size) ** 0.5:.2f}, within {within ** 0.5:.2f}")


def forks(uncut: list[dict], cut: list[dict]) -> None:
    """The ends of runs that share their first third."""
    seeds = sorted({run["seed"] for run in cut})
    same = [[run for run in uncut + cut if run["seed"] == seed] for seed in seeds]
    are_one = all(games(run, 5_000) == games(group[0], 5_000) for group in same for run in group)
    print(f"  After 5,000 real steps the runs of a seed play {'equal' if are_one else 'OTHER'} games.")
    for seed, group in zip(seeds, same):
        first, *others = (score(run, END) for run in group)
        at_fork, others = mean(score(run, 10_000) for run in group), ", ".join(f"{s:.1f}" for s in others)
        print(f"  seed {seed}: {at_fork:.1f} after 10,000; uncut {first:.1f}, cut {others}")
    ends = [[log(score(run, END)) for run in group] for group in same]
    judge("all seeds", ends)
    judge("afterwards, without the first seed", ends[1:])
    returns = [run["evaluations"][END]["returns"] for group in same for run in group]
    error = mean((stdev(r) / mean(r)) ** 2 / len(r) for r in returns) ** 0.5
    print(f"  Standard error of the logarithm of an end, from its games: {error:.2f}")


def main() -> None:
    starts = [run for run in runs("minatar-starts") if run["agent"] == "efficientzero"]
    preset, anywhere = ([r for r in starts if r["axes"]["environment.standard_start"] == s] for s in ("true", "false"))
    when(preset)
    ends_of_games(preset)
    spread(*([examined(run, "package", {"weights": str(END)}) for run in group] for group in (preset, anywhere)))
    print("The ends of runs that share their first third:")
    forks(preset, runs("minatar-forks"))


if __name__ == "__main__":
    main()
