"""What a training of MuZero on CartPole takes on one core, and what it reaches: ours, and mujax 0.1.3's (JAX, compiled).

    pip install mujax==0.1.3
    cargo build --release
    python analysis/against_mujax.py

prints two Markdown tables; `--help` lists the settings. Finished measurements stay in `--folder` and are not repeated.
All programs run on one core (`--core`), one after the other.
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

LANES, STARTS, EPISODES = 8, 500, 100
# By name: size of the networks, and settings.
NARROW = {"num_bins": 77, "support_min": -6.0, "support_max": 6.0}
OUR_LOSS = {"effective_horizon": 100, "value_loss_weight": 0.25, "learning_rate": 2e-3, "lr_warmup_steps": 0}
MUJAX = {
    "mujax": ("XS", NARROW),
    "mujax, our loss": ("XS", NARROW | OUR_LOSS),
    "mujax, size S": ("S", {}),
}
OURS = {"ours, same work": "reanalyse.reuse = 0", "ours, preset": ""}

SPEC = """
[experiment]
name = "against-mujax"
question = "What does CartPole take?"
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
    start_seconds: float  # of these, before the first update
    real_steps: int
    updates: int
    evaluated: float  # mean return of the final weights
    trained: float  # mean return of the last episodes of training


def cpu_seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


class Watch:
    """Counts the real steps of mujax's training, and notes the returns of its episodes."""

    def __init__(self):
        self.real_steps, self.returns = 0, []

    def observe_first(self, environment, lanes: int) -> None:
        self.sums = [0.0] * lanes

    def observe(self, environment, step) -> None:
        self.real_steps += len(self.sums)
        for lane, reward in enumerate(step.reward):
            self.sums[lane] += float(reward)

    def get_metrics(self, lane: int) -> dict:
        self.returns.append(self.sums[lane])
        self.sums[lane] = 0.0
        return {}


def train_mujax(name: str, seed: int, real_steps: int, file: Path) -> None:
    """Trains as mujax's command does, but without the evaluator beside training, checkpoints and output."""
    import jax
    import mujax
    from mujax.cli import make_vec_env

    size, settings = MUJAX[name]
    given = {"batch_size": 64, "replay_ratio": 16.0, "min_replay_size": STARTS, "max_replay_size": 100_000}
    given |= {"learning_rate": 1e-3, "lr_warmup_steps": 100}
    config = mujax.GMZConfig(**given | settings).with_size(size)
    watch, starts, step = Watch(), [], mujax.Learner.step

    def timed_step(self, batch):
        step(self, batch)
        if not starts:
            starts.append(cpu_seconds(resource.RUSAGE_SELF))

    mujax.Learner.step = timed_step
    learner = mujax.run_experiment(
        mujax.ExperimentConfig(
            config=config,
            environment_factory=lambda seed: make_vec_env("CartPole-v1", LANES),
            max_num_learner_steps=int((real_steps - STARTS) * config.replay_ratio / config.batch_size),
            observer_factories=[lambda: watch],
            seed=seed,
        )
    )
    weights = jax.block_until_ready(learner.get_params()[0])
    spent = cpu_seconds(resource.RUSAGE_SELF)
    environments = make_vec_env("CartPole-v1", EPISODES)
    spec = mujax.make_environment_spec(environments)
    graph, _ = mujax.GMZ.init(spec, config, jax.random.PRNGKey(0))
    print(name, sum(leaf.size for leaf in jax.tree.leaves(weights)), "parameters")
    policy = mujax.Policy(mujax.GMZ.make_policy(graph, spec, config, True), weights, spec.num_actions)
    observations, _ = environments.reset(seed=1_000 + seed)
    returns, playing = [0.0] * EPISODES, [True] * EPISODES
    while any(playing):
        observations, rewards, terminated, truncated, _ = environments.step(policy.act(observations))
        for episode in range(EPISODES):
            returns[episode] += playing[episode] * float(rewards[episode])
            playing[episode] &= not (terminated[episode] or truncated[episode])
    last = statistics.mean(watch.returns[-EPISODES:])
    mean = statistics.mean(returns)
    write(file, Training(spent, starts[0], watch.real_steps, learner.learn_steps, mean, last))


def train_ours(zerolab: str, name: str, seed: int, real_steps: int, file: Path) -> None:
    folder = file.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    spec = folder / "spec.toml"
    settings = {"seed": seed, "real_steps": real_steps, "lanes": LANES, "episodes": EPISODES, "settings": OURS[name]}
    spec.write_text(SPEC.format(**settings))
    before = cpu_seconds(resource.RUSAGE_CHILDREN)
    command = [zerolab, "run", str(spec), "--results", str(folder), "--jobs", "1"]
    subprocess.run(command, env=os.environ | {"RAYON_NUM_THREADS": "1"}, check=True, stdout=subprocess.DEVNULL)
    spent = cpu_seconds(resource.RUSAGE_CHILDREN) - before
    (path,) = folder.glob("runs/*/records.jsonl")
    records = [json.loads(line) for line in path.read_text().splitlines()]
    cost = [record for record in records if record["kind"] == "cost"][-1]
    share = cost["processor_seconds"] / cost["wall_seconds"]
    seconds = {phase: share * cost["wall_seconds"] for phase, cost in cost["phases"].items()}
    evaluation = seconds.pop("evaluation")
    whole = spent - evaluation
    mean = statistics.mean([record for record in records if record["kind"] == "evaluation"][-1]["returns"])
    last = statistics.mean([record["return"] for record in records if record["kind"] == "episode"][-EPISODES:])
    start = whole - sum(seconds.values())
    write(file, Training(whole, start, cost["real_steps"], cost["updates"], mean, last))


def write(file: Path, training: Training) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(asdict(training)))
    part.rename(file)


def trainings(name: str, options: argparse.Namespace) -> list[Training]:
    """Of each seed; trains what is missing."""
    done = []
    for seed in range(options.seeds):
        file = options.folder / f"{name.replace(', ', '-').replace(' ', '-')}-{options.real_steps}-s{seed}.json"
        if not file.exists() and name in MUJAX:
            given = (name, seed, options.real_steps, file)
            process = multiprocessing.get_context("spawn").Process(target=train_mujax, args=given)
            process.start()
            process.join()
        elif not file.exists():
            train_ours(options.zerolab, name, seed, options.real_steps, file)
        done.append(Training(**json.loads(file.read_text())))
    return done


def show(head: list[str], rows: list[list[str]]) -> None:
    for row in [head, ["---"] * len(head), *rows]:
        print("|", " | ".join(row), "|")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("results/against-mujax"))
    parser.add_argument("--zerolab", help="our program; by default that of PATH, or target/release/zerolab")
    parser.add_argument("--programs", nargs="+", choices=[*MUJAX, *OURS], default=[*MUJAX, *OURS])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--real-steps", type=int, default=20_000)
    parser.add_argument("--core", type=int, default=0, help="the only core that all programs may use")
    options = parser.parse_args()
    options.zerolab = options.zerolab or shutil.which("zerolab") or "target/release/zerolab"
    options.folder.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, {options.core})
    os.environ["JAX_PLATFORMS"] = "cpu"
    for name in options.programs:
        print(name, *trainings(name, options), sep="\n")


if __name__ == "__main__":
    main()
