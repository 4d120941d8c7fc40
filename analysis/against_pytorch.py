"""What the planner's networks cost in milliseconds: ours, and the same networks in PyTorch, on the CPU.

    pip install torch numpy
    python analysis/against_pytorch.py

prints a Markdown table in about a quarter of an hour, most of it for compiling; `--help` lists the settings. `cargo bench
-p zerolab-models --bench networks` measures ours; its head says what the operations are. PyTorch's networks are written
with its own modules, as its users write them. They run eagerly (inference in `torch.inference_mode`) and compiled by
`torch.compile` for each batch. They get tensors in their own layout. Ours get observations and actions as rows of numbers,
which are rearranged within the measured time. A memory format of channels last changed nothing beyond noise.

Ours and PyTorch's take turns, operation by operation, with 1 thread and then with 2. The result is the median of several
rounds. Ratios are PyTorch's time divided by ours: above 1, ours is faster. With 1 thread it is CPU time, which other work
on the machine hardly changes. With more it is wall time, which is fair on a quiet machine only: beside other work,
PyTorch's threads wait for each other at barriers, and its times mean nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from collections import defaultdict
from pathlib import Path
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Shape of an observation, actions, width, and the widths of heads: squeezed, hidden, LSTM.
NETWORKS = {"vector": ((4,), 2, 64, 32, 32, 32), "image": ((4, 10, 10), 6, 16, 8, 64, 64)}
VALUE_ATOMS, REWARD_ATOMS, PROJECTION, STEPS = 31, 11, 128, 5

SECONDS_PER_CELL, PASSES = 0.3, 5


def layer(board: bool, inputs: int, outputs: int, side=3, bias=False, relu=True) -> nn.Sequential:
    """A convolution on a board, a linear layer on a vector; normalised."""
    if board:
        parts = [nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=bias), nn.BatchNorm2d(outputs)]
    else:
        parts = [nn.Linear(inputs, outputs, bias=bias), nn.LayerNorm(outputs)]
    return nn.Sequential(*parts, *[nn.ReLU(inplace=True)] * relu)


class Residual(nn.Module):
    def __init__(self, board: bool, width: int):
        super().__init__()
        self.inner = nn.Sequential(layer(board, width, width), layer(board, width, width, relu=False))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.inner(x) + x)


def perceptron(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.LayerNorm(hidden), nn.ReLU(inplace=True), nn.Linear(hidden, outputs)
    )


class Networks(nn.Module):
    """Representation, dynamics with a value prefix, prediction, projector and predictor."""

    def __init__(self, observation, actions, width, squeezed, hidden, lstm):
        super().__init__()
        board = len(observation) == 3
        cells = observation[1] * observation[2] if board else 1
        self.actions, self.lstm_width, self.board = actions, lstm, observation[1:]
        stem = layer(board, observation[0], width, bias=not board)
        scale = [] if board else [nn.BatchNorm1d(observation[0], affine=False)]
        self.representation = nn.Sequential(*scale, stem, Residual(board, width))
        self.stem = layer(board, width + actions, width, relu=False)
        self.block = Residual(board, width)

        def squeeze():
            return nn.Sequential(layer(board, width, squeezed, side=1, bias=True), nn.Flatten())

        self.squeeze = squeeze()
        self.lstm = nn.LSTMCell(squeezed * cells, lstm)
        self.reward = nn.Sequential(
            nn.LayerNorm(lstm), nn.ReLU(inplace=True), perceptron(lstm, hidden, REWARD_ATOMS)
        )
        self.trunk = Residual(board, width)
        self.value = nn.Sequential(squeeze(), perceptron(squeezed * cells, hidden, VALUE_ATOMS))
        self.policy = nn.Sequential(squeeze(), perceptron(squeezed * cells, hidden, actions))

        def projected(inputs, outputs):
            return nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(inplace=True)

        self.projector = nn.Sequential(
            nn.Flatten(),
            *projected(width * cells, PROJECTION),
            *projected(PROJECTION, PROJECTION),
            *projected(PROJECTION, PROJECTION)[:-1],
        )
        self.predictor = nn.Sequential(
            *projected(PROJECTION, PROJECTION // 2), nn.Linear(PROJECTION // 2, PROJECTION)
        )

    def predict(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        x = self.trunk(latent)
        return self.value(x), self.policy(x)

    def step(self, latent: Tensor, actions: Tensor, memory):
        planes = F.one_hot(actions, self.actions).to(latent.dtype)
        if self.board:
            planes = planes[:, :, None, None].expand(-1, -1, *self.board)
        latent = self.block(F.relu(self.stem(torch.cat([latent, planes], 1)) + latent))
        memory = self.lstm(self.squeeze(latent), memory)
        return latent, self.reward(memory[0]), memory

    def blank_memory(self, batch: int) -> tuple[Tensor, Tensor]:
        return torch.zeros(batch, self.lstm_width), torch.zeros(batch, self.lstm_width)

    def initial(self, observations: Tensor):
        latent = self.representation(observations)
        return latent, *self.predict(latent)

    def recurrent(self, latent: Tensor, actions: Tensor, output: Tensor, cell: Tensor):
        latent, reward, memory = self.step(latent, actions, (output, cell))
        return latent, reward, memory, *self.predict(latent)

    def loss(self, first: Tensor, later: Tensor, actions: Tensor, value: Tensor, reward: Tensor, policy: Tensor):
        """Of unrolled steps, on targets that are ready."""
        batch = len(first)
        with torch.no_grad():
            hindsight = self.projector(self.representation(later)).split(batch)

        def predictions(latent):
            values, policies = self.predict(latent)
            of_values = 0.25 * F.cross_entropy(values, value, reduction="sum")
            return of_values + F.cross_entropy(policies, policy, reduction="sum")

        latent, memory = self.representation(first), self.blank_memory(batch)
        loss = predictions(latent)
        for seen in hindsight:
            halved = 0.5 * latent + 0.5 * latent.detach()
            latent, rewards, memory = self.step(halved, actions, memory)
            foreseen = self.predictor(self.projector(latent))
            loss = loss + predictions(latent) + F.cross_entropy(rewards, reward, reduction="sum")
            loss = loss - 2.0 * F.cosine_similarity(foreseen, seen, eps=1e-5).sum()
        return loss / (batch * STEPS)


def passes(networks: Networks, observation, operation: str, batch: int, wrap: Callable) -> Callable[[], None]:
    """One pass of an operation; `wrap` compiles what it runs, or leaves it."""

    def observations(samples: int) -> Tensor:
        return torch.rand(samples, *observation)

    actions = torch.arange(batch) % networks.actions
    if operation == "update":
        networks.train()
        value, reward = (F.one_hot(torch.full((batch,), 3), n).float() for n in (VALUE_ATOMS, REWARD_ATOMS))
        policy = torch.full((batch, networks.actions), 1.0 / networks.actions)
        loss = wrap(networks.loss)
        given = observations(batch), observations(STEPS * batch), actions, value, reward, policy

        def update():
            networks.zero_grad()
            loss(*given).backward()

        return update
    networks.eval()
    if operation == "initial":
        infer, given = wrap(networks.initial), (observations(batch),)
    else:
        with torch.inference_mode():
            latent = networks.representation(observations(batch))
        infer, given = wrap(networks.recurrent), (latent, actions, *networks.blank_memory(batch))
    return torch.inference_mode()(lambda: infer(*given))


def measure(run: Callable[[], None], clock: Callable[[], float]) -> float:
    """Median milliseconds, as the Rust side measures them."""
    run()
    began, seconds = time.perf_counter(), []
    while len(seconds) < PASSES or time.perf_counter() - began < SECONDS_PER_CELL:
        start = clock()
        run()
        seconds.append(clock() - start)
    return 1e3 * statistics.median(seconds)


def ours(threads: int, line: str) -> dict:
    """What the Rust side measured in the cells whose lines begin so."""
    command = ["cargo", "bench", "-q", "-p", "zerolab-models", "--bench", "networks", "--", "--json", line]
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    here = Path(__file__).parent
    return json.loads(subprocess.run(command, cwd=here, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def compare(threads: int, rounds: int, compiled: bool) -> list[list[str]]:
    """Rows of the table."""
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    clock, unit = (time.process_time, "cpu_milliseconds") if threads == 1 else (time.perf_counter, "milliseconds")
    variants = {"eager": lambda function: function}
    if compiled:
        variants["compiled"] = lambda function: torch.compile(function, dynamic=False)
    rows = []
    for network, shape in NETWORKS.items():
        networks = Networks(*shape)
        parameters = sum(parameter.numel() for parameter in networks.parameters())
        for operation in "initial", "recurrent", "update":
            torch.compiler.reset()
            runs, times, gflop = {}, defaultdict(list), {}
            for _ in range(rounds):
                report = ours(threads, f"{network} {operation}")
                if {"network": network, "parameters": parameters} not in report["networks"]:
                    raise SystemExit(f"{network}: PyTorch's has {parameters} parameters, ours are {report['networks']}")
                for cell in report["cells"]:
                    batch = cell["batch"]
                    times[batch, "ours"].append(cell[unit])
                    gflop[batch] = cell["milliseconds"] * cell["gflops_per_second"] / 1e3
                    for variant, wrap in variants.items():
                        if (batch, variant) not in runs:
                            runs[batch, variant] = passes(networks, shape[0], operation, batch, wrap)
                        times[batch, variant].append(measure(runs[batch, variant], clock))
            for batch, work in gflop.items():
                mine, *theirs = (statistics.median(times[batch, who]) for who in ("ours", *variants))
                ratios = [f"{other / mine:.2f}" for other in theirs]
                row = [network, operation, str(batch), str(threads), f"{1e3 * work / mine:.1f}"]
                rows.append(row + [f"{ms:.3f}" for ms in (mine, *theirs)] + ratios)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--eager-only", action="store_true", help="without torch.compile, which wants a C++ compiler")
    options = parser.parse_args()
    theirs = ["eager"] + ["compiled"] * (not options.eager_only)
    head = ["network", "operation", "batch", "threads", "our GFLOP/s", "our ms"]
    head += [f"{who} ms" for who in theirs] + [f"{who} / ours" for who in theirs]
    print(f"PyTorch {torch.__version__}, load average at the start {os.getloadavg()[0]:.1f}\n")
    for row in head, ["---"] * len(head):
        print("|", " | ".join(row), "|")
    for threads in options.threads:
        for row in compare(threads, options.rounds, not options.eager_only):
            print("|", " | ".join(row), "|", flush=True)
    print(f"\nload average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
