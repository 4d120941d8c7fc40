"""The networks in PyTorch, written from the documentation of the crate's module `networks`."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

ACTIONS = 3
VALUE_ATOMS, REWARD_ATOMS = 7, 5


@dataclass
class Case:
    """The settings of the Rust test of the same name."""

    observation: tuple
    normalization: str = "batch"
    head_normalization: str = "layer"
    downsampling: bool = False
    one_hot: bool = True
    value_prefix: bool = False
    channels: int = 3
    blocks: int = 1
    head_channels: int = 2
    head_hidden: int = 4
    lstm_hidden: int = 4
    projection: int = 6


class Weights:
    """Weights by name in the crate's layout, drawn when they are first used."""

    def __init__(self, seed):
        self.stream = torch.Generator().manual_seed(seed)
        self.trained, self.statistics = {}, {}

    def uniform(self, *shape, low=-1.0, high=1.0):
        drawn = torch.rand(shape, generator=self.stream, dtype=torch.float64)
        return single(low + (high - low) * drawn)

    def weight(self, name, shape, bound, centre=0.0):
        if name not in self.trained:
            drawn = self.uniform(*shape, low=centre - bound, high=centre + bound)
            self.trained[name] = drawn.requires_grad_()
        return self.trained[name]

    def statistic(self, name, make):
        if name not in self.statistics:
            self.statistics[name] = make()
        return self.statistics[name]

    def running(self, name, channels, *count):
        """Means, then variances, then any `count`."""
        return self.statistic(
            f"{name}.running",
            lambda: torch.cat(
                [self.uniform(channels), self.uniform(channels, low=0.5, high=2.0)]
                + [torch.tensor([float(n)]) for n in count]
            ),
        )


class Networks:
    """Boards are `[B, C, H, W]`; vectors are boards of one cell. `mode` is "train", "target" or "infer"."""

    def __init__(self, case, weights):
        self.case, self.weights = case, weights

    def affine(self, x, name, outputs, side=1, stride=1, bias=True):
        inputs, one_cell = x.shape[1], x.shape[2] * x.shape[3] == 1
        side = 1 if one_cell else side
        rows = inputs * side * side
        weight = self.weights.weight(f"{name}.weight", (rows, outputs), rows**-0.5)
        # Rows are ordered by row, column and channel of the window; PyTorch's kernel is [D, C, row, column].
        kernel = weight.reshape(side, side, inputs, outputs).permute(3, 2, 0, 1)
        offset = self.weights.weight(f"{name}.bias", (outputs,), rows**-0.5) if bias else None
        return F.conv2d(x, kernel, offset, 1 if one_cell else stride, side // 2)

    def norm(self, x, name, kind, mode, relu=True):
        channels = x.shape[1]
        gamma = self.weights.weight(f"{name}.weight", (channels,), 0.4, centre=1.0)
        beta = self.weights.weight(f"{name}.bias", (channels,), 0.4)
        if kind == "layer":
            y = F.layer_norm(x.movedim(1, -1), (channels,), gamma, beta).movedim(-1, 1)
        else:
            mean, variance = self.weights.running(name, channels).chunk(2)
            y = F.batch_norm(x, mean, variance, gamma, beta, mode != "infer", 0.1, 1e-5)
        return y.relu() if relu else y

    def trunk(self, x, name, outputs, mode, stride=1, relu=True, bias=False):
        x = self.affine(x, name, outputs, 3, stride, bias)
        return self.norm(x, f"{name}.norm", self.case.normalization, mode, relu)

    def residual(self, x, name, mode, outputs=None, stride=1):
        outputs = outputs or x.shape[1]
        inner = self.trunk(x, f"{name}.0", outputs, mode, stride)
        inner = self.trunk(inner, f"{name}.1", outputs, mode, relu=False)
        if stride > 1:
            x = self.affine(x, f"{name}.shortcut", outputs, 3, stride, bias=False)
        return (inner + x).relu()

    def blocks(self, x, part, mode):
        for block in range(self.case.blocks):
            x = self.residual(x, f"{part}.block{block}", mode)
        return x

    def scale(self, x, mode):
        """Scales a vector's features by running statistics, which are updated first."""
        running = self.weights.running("representation.scale", x.shape[1], 3)
        features = x.shape[1]
        if mode == "train":
            share = max(0.01, 1.0 / (running[-1].item() + 1.0))
            moments = torch.cat([x.mean(0), x.var(0, unbiased=False)]).flatten()
            running[:-1] += share * (moments - running[:-1])
            running[-1] += 1.0
        mean, variance = running[:features], running[features:-1]
        # Later updates must not change tensors of this pass's graph.
        return F.batch_norm(x, mean.clone(), variance.clone(), None, None, False, 0.0, 1e-5)

    def represent(self, observations, mode):
        part, case = "representation", self.case
        x = observations.reshape(observations.shape[0], *case.observation[:1], *(case.observation[1:] or (1, 1)))
        if len(case.observation) == 1:
            x = self.scale(x, mode)
        bias = case.normalization == "layer"
        if not case.downsampling:
            x = self.trunk(x, f"{part}.stem", case.channels, mode, bias=bias)
            return self.blocks(x, part, mode)
        x = self.trunk(x, f"{part}.stem", (case.channels + 1) // 2, mode, stride=2, bias=bias)
        x = self.residual(x, f"{part}.down0", mode)
        x = self.residual(x, f"{part}.down1", mode, case.channels, stride=2)
        x = self.residual(x, f"{part}.down2", mode)
        x = F.avg_pool2d(x, 3, stride=2, padding=1)
        x = self.residual(x, f"{part}.down3", mode)
        x = F.avg_pool2d(x, 3, stride=2, padding=1)
        return self.blocks(x, part, mode)

    def squeeze(self, x, name, mode):
        x = self.affine(x, f"{name}.squeeze", self.case.head_channels)
        x = self.norm(x, f"{name}.squeeze.norm", self.case.normalization, mode)
        return vector(rows(x))

    def perceptron(self, x, name, outputs, mode):
        x = self.affine(x, f"{name}.hidden", self.case.head_hidden)
        x = self.norm(x, f"{name}.hidden.norm", self.case.head_normalization, mode)
        return self.affine(x, f"{name}.output", outputs).flatten(1)

    def head(self, x, name, outputs, mode):
        return self.perceptron(self.squeeze(x, name, mode), name, outputs, mode)

    def step(self, latent, actions, memory, mode):
        case = self.case
        if case.one_hot:
            planes = F.one_hot(actions, ACTIONS).to(torch.get_default_dtype())
        else:
            planes = actions[:, None] / ACTIONS
        planes = planes[:, :, None, None].expand(-1, -1, *latent.shape[2:])
        x = self.trunk(torch.cat([latent, planes], 1), "dynamics.stem", case.channels, mode, relu=False)
        latent = self.blocks((x + latent).relu(), "dynamics", mode)
        features = self.squeeze(latent, "dynamics.reward", mode)
        if case.value_prefix:
            memory = self.lstm(features.flatten(1), "dynamics.reward.lstm", memory)
            features = self.norm(
                vector(memory[0]), "dynamics.reward.lstm.norm", case.head_normalization, mode
            )
        return latent, self.perceptron(features, "dynamics.reward", REWARD_ATOMS, mode), memory

    def lstm(self, x, name, memory):
        hidden = self.case.lstm_hidden
        weight = lambda gate, inputs: self.weights.weight(
            f"{name}.{gate}.weight", (inputs, 4 * hidden), hidden**-0.5
        )
        bias = lambda gate: self.weights.weight(f"{name}.{gate}.bias", (4 * hidden,), hidden**-0.5)
        of_input, of_hidden = weight("input", x.shape[1]).T, weight("hidden", hidden).T
        return torch.lstm_cell(x, memory, of_input, of_hidden, bias("input"), bias("hidden"))

    def blank_memory(self, samples):
        zeros = torch.zeros(samples, self.case.lstm_hidden)
        return (zeros, zeros) if self.case.value_prefix else None

    def predict(self, latent, mode):
        x = self.blocks(latent, "prediction", mode)
        values = self.head(x, "prediction.value", VALUE_ATOMS, mode)
        return values, self.head(x, "prediction.policy", ACTIONS, mode)

    def stack(self, x, part, widths, followers, mode):
        for layer, (width, kind) in enumerate(zip(widths, followers)):
            x = self.affine(x, f"{part}.layer{layer}", width)
            if kind != "nothing":
                x = self.norm(x, f"{part}.layer{layer}.norm", "batch", mode, kind == "norm relu")
        return x

    def project(self, latent, mode):
        widths, followers = [self.case.projection] * 3, ["norm relu", "norm relu", "norm"]
        return self.stack(vector(rows(latent)), "projector", widths, followers, mode)

    def predicted_projection(self, latent):
        widths, followers = [-(-self.case.projection // 2), self.case.projection], ["norm relu", "nothing"]
        x = self.project(latent, "train")
        return self.stack(x, "predictor", widths, followers, "train").flatten(1)

    def q_values(self, observations, mode):
        return self.head(self.represent(observations, mode), "values.action", ACTIONS, mode)


def single(x):
    """Rounds to single precision, which the file has."""
    return x.float().to(torch.get_default_dtype())


def rows(board):
    """One row for each sample: cell by cell, the planes of a cell adjacent."""
    return board.permute(0, 2, 3, 1).flatten(1)


def vector(rows):
    return rows[:, :, None, None]
