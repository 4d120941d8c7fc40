"""What a training of MuZero on CartPole takes on one core, and what it reaches: ours, and mujax 0.1.3's (JAX, jitted).

    pip install mujax==0.1.3
    cargo build --release
    python analysis/against_mujax.py

prints two Markdown tables in about 20 minutes; `--help` lists the settings. Finished trainings stay in
`--folder` and are not repeated. The programs take turns on one core (`--core`). What is measured is CPU time, user and
system, of the whole process with its children: of ours with its report, of mujax with its imports. The evaluation after
the training is left out.

Alike: CartPole-v1 (500 steps), 20,000 real steps, 8 environments side by side; MuZero with Gumbel search, 16 simulations;
no update in the first 500 steps, then one for 4 real steps, 4,875 in all; 64 samples an update, unrolled for 5 steps,
value targets of 10 steps; half of the samples reanalysed, with 6 searches each; a replay of 100,000 steps. The return is
the mean of 100 episodes with the final weights, without noise.

mujax has networks of its size XS, and 77 bins for values and rewards instead of 255: as fine, but only as far as the
returns of CartPole go. So it has 39,100 parameters and 31,616 multiply-accumulates a recurrent inference, ours 41,388 and
31,232. Size S, which its help recommends for such environments, has 177,216 parameters. It runs with fewer seeds.

Not alike:

* Our preset uses the result of a search in reanalysis for up to 500 updates, which spares most searches. mujax searches
  for every sample. `same work` does so too.
* Ours has residual blocks with ReLU, mujax perceptrons with SiLU. Ours reanalyses with weights that are up to 50 updates
  old. mujax reanalyses with the latest, and acts with weights that are up to 20 rounds old.
* Each learns with its own loss and optimiser. Ours: discount 0.99, a learning rate that falls from 0.002. mujax: discount
  0.997, TD(0.95), and a learning rate of 0.001 from update 100 on; its default of 0.0003 goes with batches of 1,024.
* Our first 500 steps are random. mujax searches in them, with weights as initialised.
* mujax's own command plays evaluations beside the training without a pause. Here it trains without them, and without
  checkpoints. Ours writes checkpoints.
* mujax's real steps are 20,000 within 1 %: its training ends with an update, not with a step.

JAX compiles within the training, so its time cannot be told exactly. `before learning` is all until the first update is
done: of mujax it is nearly only imports and compiling. Of ours it is whatever is not acting, reanalysis or learning.
With a filled cache (`JAX_COMPILATION_CACHE_DIR`, and `JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0`) mujax's fell from
32 s to 8 s.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

LANES, STARTS, EPISODES, LAST = 8, 500, 100, 20
LARGE = "mujax, size S"
# Sizes and settings.
MUJAX = {"mujax": ("XS", {"num_bins": 77, "support_min": -6.0, "support_max": 6.0}), LARGE: ("S", {})}
OURS = {"ours, same work": "reanalyse.reuse = 0", "ours, preset": ""}

SPEC = """
[experiment]
name = "against-mujax"
question = "What does it take to learn CartPole?"
seeds = [{seed}]

[environment]
name = "cartpole"

[budget]
real_steps = {real_steps}
lanes = {lanes}

[evaluation]
every = {real_steps}
episodes = {episodes}

[agents.muzero]
{settings}
"""


@dataclass
class Training:
    """What one training took and reached."""

    cpu_seconds: float  # of the whole process, without the evaluation
    learning_seconds: float  # of these, after what is before learning
    real_steps: int
    updates: int
    evaluated: list[float]  # returns with the final weights
    played: list[float]  # returns of the episodes of training

    def write(self, file: Path) -> None:
        part = file.with_suffix(".part")
        part.write_text(json.dumps(asdict(self)))
        part.rename(file)


class Watch:
    """Counts the real steps of mujax's training, and keeps the returns of its episodes."""

    def __init__(self) -> None:
        self.real_steps, self.returns = 0, []

    def observe_first(self, _, lanes: int) -> None:
        self.sums = [0.0] * lanes

    def observe(self, _, step) -> None:
        self.real_steps += len(self.sums)
        self.sums = [before + float(reward) for before, reward in zip(self.sums, step.reward)]

    def get_metrics(self, lane: int) -> dict:
        self.returns.append(self.sums[lane])
        self.sums[lane] = 0.0
        return {}


def cpu_seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def train_mujax(name: str, seed: int, real_steps: int, file: Path) -> None:
    """Trains as mujax's command does, but without evaluations meanwhile, and writes down what was measured."""
    import jax
    import mujax
    from mujax.cli import make_vec_env

    size, settings = MUJAX[name]
    settings = settings | {"batch_size": 64, "replay_ratio": 16.0, "min_replay_size": STARTS, "max_replay_size": 100_000}
    config = mujax.GMZConfig(learning_rate=1e-3, lr_warmup_steps=100, **settings).with_size(size)
    watch, firsts, step = Watch(), [], mujax.Learner.step

    def timed_step(self, batch) -> None:
        step(self, batch)
        if not firsts:
            firsts.append(cpu_seconds(resource.RUSAGE_SELF))

    mujax.Learner.step = timed_step
    experiment = mujax.ExperimentConfig(
        config=config,
        environment_factory=lambda _: make_vec_env("CartPole-v1", LANES),
        max_num_learner_steps=int((real_steps - STARTS) * config.replay_ratio / config.batch_size),
        observer_factories=[lambda: watch],
        seed=seed,
    )
    learner = mujax.run_experiment(experiment)
    weights = jax.block_until_ready(learner.get_params()[0])
    spent = cpu_seconds(resource.RUSAGE_SELF)
    environments = make_vec_env("CartPole-v1", EPISODES)
    spec = mujax.make_environment_spec(environments)
    graph, _ = mujax.GMZ.init(spec, config, jax.random.PRNGKey(0))
    policy = mujax.Policy(mujax.GMZ.make_policy(graph, spec, config, True), weights, spec.num_actions)
    returns, playing = [0.0] * EPISODES, [True] * EPISODES
    observations, _ = environments.reset(seed=1_000 * (seed + 1))
    while any(playing):
        observations, rewards, terminated, truncated, _ = environments.step(policy.act(observations))
        for episode in range(EPISODES):
            returns[episode] += playing[episode] * float(rewards[episode])
            playing[episode] &= not (terminated[episode] or truncated[episode])
    Training(spent, spent - firsts[0], watch.real_steps, learner.learn_steps, returns, watch.returns).write(file)


def train_ours(zerolab: str, name: str, seed: int, real_steps: int, file: Path) -> None:
    """Trains, and writes down the same as of mujax."""
    folder = file.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "spec.toml"
    budget = {"real_steps": real_steps, "lanes": LANES, "episodes": EPISODES}
    spec.write_text(SPEC.format(seed=seed, settings=OURS[name], **budget))
    before = cpu_seconds(resource.RUSAGE_CHILDREN)
    command = [zerolab, "run", str(spec), "--results", str(folder), "--jobs", "1", "--fresh"]
    subprocess.run(command, env=os.environ | {"RAYON_NUM_THREADS": "1"}, check=True, stdout=subprocess.DEVNULL)
    spent = cpu_seconds(resource.RUSAGE_CHILDREN) - before
    (file_of_records,) = folder.glob("runs/*/records.jsonl")
    records = [json.loads(line) for line in file_of_records.read_text().splitlines()]
    cost, evaluation = ([r for r in records if r["kind"] == kind][-1] for kind in ("cost", "evaluation"))
    # The phases have wall time. It is multiplied by the share of the core that the run had.
    share = cost["processor_seconds"] / cost["wall_seconds"]
    seconds = {phase: share * of["wall_seconds"] for phase, of in cost["phases"].items()}
    spent -= seconds.pop("evaluation")
    played = [record["return"] for record in records if record["kind"] == "episode"]
    counts = cost["real_steps"], cost["updates"]
    Training(spent, sum(seconds.values()), *counts, evaluation["returns"], played).write(file)


def training(name: str, seed: int, options: argparse.Namespace) -> Training:
    """Trains, unless that is done."""
    file = options.folder / f"{name.replace(',', '').replace(' ', '-')}-{options.real_steps}-s{seed}.json"
    if not file.exists() and name in MUJAX:
        given = (name, seed, options.real_steps, file)
        process = multiprocessing.get_context("spawn").Process(target=train_mujax, args=given)
        process.start()
        process.join()
    elif not file.exists():
        train_ours(options.zerolab, name, seed, options.real_steps, file)
    return Training(**json.loads(file.read_text()))


def show(head: list[str], rows: list[list[str]]) -> None:
    for row in [head, ["---"] * len(head), *rows]:
        print("|", " | ".join(row), "|")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("results/against-mujax"))
    parser.add_argument("--zerolab", help="our program; by default that of PATH, or target/release/zerolab")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--large-seeds", type=int, default=1, help="of mujax's size S")
    parser.add_argument("--real-steps", type=int, default=20_000)
    parser.add_argument("--core", type=int, default=0, help="the only core that the programs use")
    options = parser.parse_args()
    options.zerolab = options.zerolab or shutil.which("zerolab") or "target/release/zerolab"
    options.folder.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, {options.core})
    os.environ["JAX_PLATFORMS"] = "cpu"
    runs = {name: [] for name in (*MUJAX, *OURS)}
    for seed in range(max(options.seeds, options.large_seeds)):
        for name, done in runs.items():
            if seed < (options.large_seeds if name == LARGE else options.seeds):
                done.append(training(name, seed, options))
    median, mean = statistics.median, statistics.mean
    rows, cost = [], {}
    for name, done in runs.items():
        if done:
            whole, learning = median(run.cpu_seconds for run in done), median(run.learning_seconds for run in done)
            cost[name] = whole, learning
            cells = [name, f"{median(run.real_steps for run in done):,.0f}", f"{median(run.updates for run in done):,.0f}"]
            cells += [f"{whole:.1f}", f"{whole - learning:.1f}", f"{learning:.1f}"]
            cells.append(", ".join(f"{mean(run.evaluated):.0f}" for run in done))
            rows.append([*cells, ", ".join(f"{mean(run.played[-LAST:]):.0f}" for run in done)])
    print("Medians over the seeds; returns are of each seed.\n")
    head = ["program", "real steps", "updates", "CPU-seconds", "before learning", "learning and acting", "return"]
    show([*head, f"of the last {LAST} episodes of training"], rows)
    pairs = [(theirs, mine) for theirs in MUJAX for mine in OURS if {theirs, mine} <= cost.keys()]
    rows = [[*pair, *(f"{a / b:.1f}" for a, b in zip(*(cost[name] for name in pair)))] for pair in pairs]
    show(["A", "B", "CPU-seconds, A / B", "of learning and acting, A / B"], rows)


if __name__ == "__main__":
    main()
