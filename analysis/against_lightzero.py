"""What it takes to balance CartPole with MuZero and EfficientZero: ours, and LightZero 0.2.0's shipped configurations.

    pip install torch LightZero==0.2.0
    cargo build --release
    python analysis/against_lightzero.py

prints two Markdown tables; `--help` lists the settings. LightZero takes about an hour for each agent. Finished
measurements stay in `--folder` and are not repeated. Both programs compute with one thread on the CPU. Three things are
measured:

* CPU-seconds, real steps and updates until an evaluation's mean return is first at least 200, and 475;
* real steps a CPU-second in self-play: 8 environments side by side, 25 simulations a search;
* updates a CPU-second, with sampling and reanalysis. Networks and batches differ (LightZero's latent state has 128 numbers
  and its batch 256 samples, none reanalysed; ours 64 numbers, and 64 samples, half of them reanalysed). So this says what
  an update costs in the two programs, not how well they compute.

Alike: CartPole-v1 (500 steps); 8 episodes an evaluation; the time of evaluations and the time before training are left
out.

Changed in LightZero's configurations: they name CartPole-v0, which ends at 200 steps, so that 475 could not be reached;
they evaluate on 3 episodes; and they have a process for each environment, whose time would have to be added. Here one
process has all environments.

Not alike:

* LightZero evaluates every 100 updates (MuZero) or 200 (EfficientZero), ours every 250 real steps. A goal is noticed
  only at an evaluation, so up to that much late.
* Ours trains for 20,000 real steps with a learning rate that falls. LightZero's rate does not fall, and it goes on until
  the last goal or `--limit`.
* Our presets search with 16 simulations, LightZero's configurations with 25.
* LightZero's MuZero has the consistency loss, which makes it EfficientZero without value prefix. Ours gets that loss too,
  and, like LightZero's, an update ratio that suits CartPole.

Our records have wall time. It is multiplied by the share of a core that the run had.
"""

import argparse
import importlib
import json
import math
import multiprocessing
import os
import resource
import statistics
import subprocess
import time
import tomllib
from pathlib import Path

AGENTS = ("muzero", "efficientzero")
GOALS = (200, 475)
EPISODES = 8
# What LightZero's configurations have and our presets of the same name lack: a loss, and an update ratio that is made for
# CartPole (ours was chosen on the seeds 10 to 14).
SETTINGS = {
    "muzero": "consistency.weight = 2.0\ntraining = { update_ratio = 1.0, learning_starts = 104 }",
    "efficientzero": "",
}
# A short training for the rate of self-play, with the number of simulations of LightZero's configurations.
SHORT = "search.simulations = 25"

SPEC = """
[experiment]
name = "against-lightzero"
question = "How soon is CartPole balanced?"
seeds = [{seed}]

[environment]
name = "cartpole"

[budget]
real_steps = {real_steps}
lanes = 8

[evaluation]
every = 250
episodes = {episodes}

[agents.{agent}]
{settings}
"""


def train_lightzero(agent: str, seed: int, limit: float, folder: Path) -> None:
    """Trains to the last goal or for `limit` CPU-seconds, and writes down what each evaluation showed."""
    import torch
    from lzero.entry import train_muzero
    from lzero.worker import MuZeroCollector, MuZeroEvaluator

    os.chdir(folder)
    torch.set_num_threads(1)
    shipped = importlib.import_module(f"zoo.classic_control.cartpole.config.cartpole_{agent}_config")
    config, create = shipped.main_config, shipped.create_config
    config.exp_name = f"lightzero-{agent}-s{seed}"
    config.env.env_id, config.env.stop_value = "CartPole-v1", GOALS[-1]
    config.env.evaluator_env_num = config.env.n_evaluator_episode = EPISODES
    config.policy.evaluator_env_num, config.policy.cuda = EPISODES, False
    create.env_manager.type = "base"
    evaluations, seconds, collected = [], {"evaluating": 0.0, "collecting": 0.0}, 0
    evaluate, collect = MuZeroEvaluator.eval, MuZeroCollector.collect
    file = Path(f"{config.exp_name}.json")

    def timed(phase, work, *arguments, **named):
        begun = time.process_time()
        outcome = work(*arguments, **named)
        seconds[phase] += time.process_time() - begun
        return outcome

    def measured_evaluate(self, save, updates, real_steps):
        solved, shown = timed("evaluating", evaluate, self, save, updates, real_steps)
        spent = time.process_time() - start - seconds["evaluating"]
        mean = float(shown["eval_episode_return_mean"])
        evaluations.append(evaluation(spent, real_steps, updates, mean))
        learning = [updates, spent - seconds["collecting"]]
        measured = {"acting": [real_steps, seconds["collecting"]], "learning": learning, "evaluations": evaluations}
        file.with_suffix(".part").write_text(json.dumps(measured))
        return solved or spent > limit, shown

    MuZeroEvaluator.eval = measured_evaluate
    MuZeroCollector.collect = lambda self, *given, **named: timed("collecting", collect, self, *given, **named)
    start = time.process_time()
    train_muzero([config, create], seed=seed)
    file.with_suffix(".part").rename(file)


def train_ours(zerolab: str, agent: str, seed: int, real_steps: int, settings: str, file: Path) -> None:
    """Trains, and writes down the same as of LightZero."""
    folder = file.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "spec.toml"
    spec.write_text(SPEC.format(agent=agent, seed=seed, real_steps=real_steps, episodes=EPISODES, settings=settings))
    before = cpu_seconds_of_children()
    command = [zerolab, "run", str(spec), "--results", str(folder), "--jobs", "1", "--fresh"]
    subprocess.run(command, env=os.environ | {"RAYON_NUM_THREADS": "1"}, check=True, stdout=subprocess.DEVNULL)
    spent = cpu_seconds_of_children() - before
    (resolved,) = folder.glob("runs/*/run.toml")
    simulations = tomllib.loads(resolved.read_text())["agents"][agent]["search"]["simulations"]
    records = [json.loads(line) for line in resolved.with_name("records.jsonl").read_text().splitlines()]
    costs = [record for record in records if record["kind"] == "cost"]
    returns = {record["real_steps"]: record["returns"] for record in records if record["kind"] == "evaluation"}
    share = spent / costs[-1]["wall_seconds"]
    evaluations = [
        evaluation(
            share * (cost["wall_seconds"] - cost["phases"]["evaluation"]["wall_seconds"]),
            cost["real_steps"],
            cost["updates"],
            statistics.mean(returns[cost["real_steps"]]),
        )
        for cost in costs
    ]
    phases = costs[-1]["phases"]
    seconds = {phase: share * cost["wall_seconds"] for phase, cost in phases.items()}
    # The first steps are random. So the steps that had a search are counted by their simulations.
    acting = [phases["acting"]["simulations"] / simulations, seconds["acting"]]
    learning = [costs[-1]["updates"], seconds["reanalysis"] + seconds["learning"]]
    file.write_text(json.dumps({"acting": acting, "learning": learning, "evaluations": evaluations}))


def cpu_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def evaluation(cpu_seconds: float, real_steps: int, updates: int, mean_return: float) -> dict:
    return {"cpu_seconds": cpu_seconds, "real_steps": real_steps, "updates": updates, "mean_return": mean_return}


def measured(program: str, agent: str, seeds: int, options: argparse.Namespace, short: bool = False) -> list:
    """What was measured of a program, seed by seed; measures what is missing."""
    measurements = []
    for seed in range(seeds):
        kind = agent + ("-short" if short else "")
        file = options.folder / f"{program}-{kind}-s{seed}.json"
        if not file.exists() and program == "lightzero":
            given = (agent, seed, options.limit, options.folder)
            process = multiprocessing.get_context("spawn").Process(target=train_lightzero, args=given)
            process.start()
            process.join()
        elif not file.exists():
            settings = SETTINGS[agent] + ("\n" + SHORT if short else "")
            train_ours(options.zerolab, agent, seed, 3_000 if short else 20_000, settings, file)
        measurements.append(json.loads(file.read_text()))
    return measurements


def spent(runs: list, goal: int, what: str) -> list[float]:
    """What each run had spent when it first reached the goal; infinite where it did not."""
    reached = [[e[what] for e in run["evaluations"] if e["mean_return"] >= goal] for run in runs]
    return [hits[0] if hits else math.inf for hits in reached]


def rate(runs: list, phase: str) -> float:
    return statistics.median(count / seconds for count, seconds in (run[phase] for run in runs))


def show(head: list[str], rows: list[list[str]]) -> None:
    for row in [head, ["---"] * len(head), *rows]:
        print("|", " | ".join(row), "|")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("results/against-lightzero"))
    parser.add_argument("--zerolab", default="target/release/zerolab", help="our program")
    parser.add_argument("--agents", nargs="+", choices=AGENTS, default=AGENTS)
    parser.add_argument("--seeds", type=int, default=5, help="of ours")
    parser.add_argument("--lightzero-seeds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=5000, help="CPU-seconds of each of LightZero's runs")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    sooner, faster = [], []
    for agent in options.agents:
        ours = measured("ours", agent, options.seeds, options)
        self_play = measured("ours", agent, 1, options, short=True)
        lightzero = measured("lightzero", agent, options.lightzero_seeds, options)
        for goal in GOALS:
            updates = [spent(runs, goal, "updates") for runs in (lightzero, ours)]
            counts = [f"{sum(map(math.isfinite, of_runs))} of {len(of_runs)}" for of_runs in updates]
            sooner.append([agent, str(goal), "runs that reach it", *counts, "–"])
            for what in "cpu_seconds", "real_steps", "updates":
                medians = [statistics.median(spent(runs, goal, what)) for runs in (lightzero, ours)]
                cells = [f"{median:,.0f}" if math.isfinite(median) else "–" for median in medians]
                ratio = f"{medians[0] / medians[1]:.1f}" if all(map(math.isfinite, medians)) else "–"
                sooner.append([agent, str(goal), what.replace("_", " "), *cells, ratio])
        for what, theirs, mine in [
            ("real steps of self-play", rate(lightzero, "acting"), rate(self_play, "acting")),
            ("updates", rate(lightzero, "learning"), rate(ours, "learning")),
        ]:
            faster.append([agent, f"{what} a CPU-second", f"{theirs:,.1f}", f"{mine:,.1f}", f"{mine / theirs:.1f}"])
    print("Medians over all runs; where fewer than half reach a mean return there is none.\n")
    show(["agent", "mean return", "spent until then", "LightZero", "ours", "LightZero / ours"], sooner)
    show(["agent", "rate", "LightZero", "ours", "ours / LightZero"], faster)


if __name__ == "__main__":
    main()
