"""Makes the test vectors for the networks, with PyTorch in double precision.

    pip install "torch==2.*" numpy safetensors
    python pytorch.py            # writes a file for each case beside itself

A file has the weights by name, and

    input/…           the inputs
    infer/…, train/…  the outputs in acting and in learning
    gradient/LOSS     the gradients of all weights that the loss depends on, joined in the order of names
    after/NAME        the running statistics after learning
"""

from itertools import count
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from networks import ACTIONS, REWARD_ATOMS, VALUE_ATOMS, Case, Networks, Weights, rows, single

SAMPLES = 8
UNROLL = 2
GRADIENT_SCALE = 0.5

# A fifth of the test's tolerance, and the test's scale for gradients that cancel (of the largest gradient).
MAX_ROUNDING_ERROR, CANCELLED = 2e-5, 1e-2

PLANNERS = {
    "vector": Case((4,), normalization="layer", value_prefix=True, channels=6, blocks=2),
    "vector_batch": Case((4,), head_normalization="batch", one_hot=False, channels=6),
    "image": Case((2, 2, 3)),
    "image_layer": Case((2, 2, 3), normalization="layer", value_prefix=True, channels=5),
    "downsampling": Case(
        (1, 17, 17),
        downsampling=True,
        head_normalization="batch",
        one_hot=False,
        value_prefix=True,
    ),
}
Q_NETWORKS = {
    "q_vector": Case((4,), normalization="layer", channels=6),
    "q_downsampling": Case((1, 17, 17), downsampling=True, head_normalization="batch"),
}


def planner(networks, weights):
    """All outputs of an update, and the same in acting."""
    shape = networks.case.observation
    inputs = {
        "observations": weights.uniform(SAMPLES, *shape),
        "next_observations": weights.uniform(UNROLL * SAMPLES, *shape),
        "actions": torch.randint(ACTIONS, (UNROLL, SAMPLES), generator=weights.stream),
        "weights": weights.uniform(SAMPLES, low=0.5),
        "seen": torch.tensor([[1.0] * SAMPLES, [1.0] * (SAMPLES - 1) + [0.0]]),
    }
    for name, steps, atoms in [
        ("rewards", UNROLL, REWARD_ATOMS),
        ("values", UNROLL + 1, VALUE_ATOMS),
        ("policies", UNROLL + 1, ACTIONS),
    ]:
        targets = weights.uniform(steps, SAMPLES, atoms, low=0.0)
        targets = single(targets / targets.sum(2, keepdim=True))
        targets[-1, 0] = 0.0  # Steps after the end of an episode have no loss.
        inputs[name] = targets

    outputs = {}

    def unroll(mode):
        """Computes the outputs. Returns the sums of the losses over steps."""
        losses = {}
        if mode == "train":
            with torch.no_grad():
                targets = networks.project(
                    networks.represent(inputs["next_observations"], "target"), "target"
                ).flatten(1)
            outputs["train/hindsight"] = targets

        def loss(name, logits, targets):
            losses[name] = losses.get(name, 0.0) + F.cross_entropy(logits, targets, reduction="none")

        def predict(k, latent):
            values, policies = networks.predict(latent, mode)
            outputs.update({f"{mode}/{k}/latent": rows(latent), f"{mode}/{k}/values": values})
            outputs[f"{mode}/{k}/policies"] = policies
            loss("value", values, inputs["values"][k])
            loss("policy", policies, inputs["policies"][k])

        latent = networks.represent(inputs["observations"], mode)
        predict(0, latent)
        memory = networks.blank_memory(SAMPLES)
        for k in range(1, UNROLL + 1):
            before = GRADIENT_SCALE * latent + (1 - GRADIENT_SCALE) * latent.detach()
            latent, rewards, memory = networks.step(before, inputs["actions"][k - 1], memory, mode)
            outputs[f"{mode}/{k}/rewards"] = rewards
            if memory:
                outputs.update({f"{mode}/{k}/output": memory[0], f"{mode}/{k}/cell": memory[1]})
            predict(k, latent)
            loss("reward", rewards, inputs["rewards"][k - 1])
            if mode == "train":
                predicted = networks.predicted_projection(latent)
                outputs[f"train/{k}/foreseen"] = predicted
                target = targets[(k - 1) * SAMPLES : k * SAMPLES]
                cosine = (F.normalize(predicted, eps=1e-5) * F.normalize(target, eps=1e-5)).sum(1)
                losses["consistency"] = losses.get("consistency", 0.0) - cosine * inputs["seen"][k - 1]
        return losses

    weighted_mean = lambda loss: (loss * inputs["weights"]).sum() / (SAMPLES * UNROLL)
    return inputs, outputs, lambda mode: {name: weighted_mean(loss) for name, loss in unroll(mode).items()}


def q_network(networks, weights):
    inputs = {
        "observations": weights.uniform(SAMPLES, *networks.case.observation),
        "targets": weights.uniform(SAMPLES, ACTIONS),
    }
    outputs = {}

    def losses(mode):
        outputs[f"{mode}/values"] = networks.q_values(inputs["observations"], mode)
        errors = outputs[f"{mode}/values"] - inputs["targets"]
        # Pseudo-Huber.
        return {"error": ((errors**2 + 1).sqrt() - 1).mean()}

    return inputs, outputs, losses


def vectors(case, seed, kind, precision):
    torch.set_default_dtype(precision)
    weights = Weights(seed)
    networks = Networks(case, weights)
    # The first run only draws the weights. The statistics continue from it.
    kind(networks, Weights(seed))[2]("train")
    for name, statistic in weights.statistics.items():
        weights.statistics[name] = single(statistic)
    inputs, outputs, losses = kind(networks, weights)
    file = {name: x.detach() for name, x in weights.trained.items()}
    file.update({name: x.clone() for name, x in weights.statistics.items()})
    file.update({f"input/{name}": x for name, x in inputs.items()})
    with torch.no_grad():
        losses("infer")
    names = sorted(weights.trained)
    trained = [weights.trained[name] for name in names]
    for name, loss in losses("train").items():
        slopes = torch.autograd.grad(loss, trained, retain_graph=True, allow_unused=True)
        reached = [(weight, g) for weight, g in zip(names, slopes) if g is not None]
        file.update({f"gradient/{name}/{weight}": slope for weight, slope in reached})
    file.update(outputs)
    file.update({f"after/{name}": x for name, x in weights.statistics.items()})
    stored = lambda x: x.to(torch.uint32) if x.dtype == torch.int64 else x.float()
    return {name: stored(x.detach()).contiguous() for name, x in file.items()}


def with_joined_gradients(file):
    """Joins all gradients of a loss in one tensor: a file's header would be longer than most gradients."""
    losses = {name.split("/")[1] for name in file if name.startswith("gradient/")}
    together = {name: x for name, x in file.items() if not name.startswith("gradient/")}
    for loss in losses:
        of_loss = sorted(name for name in file if name.startswith(f"gradient/{loss}/"))
        together[f"gradient/{loss}"] = torch.cat([file[name].flatten() for name in of_loss])
    return together


def rounding_error(exact, rounded):
    """The error of single precision alone, measured as the test does."""
    largest = {name: x.abs().max().item() for name, x in exact.items() if x.is_floating_point()}
    worst = 0.0
    for name in exact:
        kind, *path = name.split("/")
        if kind not in ("infer", "train", "gradient"):
            continue
        scale = largest[name]
        if kind == "gradient":
            of_loss = [x for other, x in largest.items() if other.startswith(f"gradient/{path[0]}/")]
            scale = max(scale, CANCELLED * max(of_loss))
        worst = max(worst, (exact[name] - rounded[name]).abs().max().item() / scale)
    return worst


def main():
    torch.use_deterministic_algorithms(True)
    cases = [(name, case, planner) for name, case in PLANNERS.items()]
    cases += [(name, case, q_network) for name, case in Q_NETWORKS.items()]
    for name, case, kind in cases:
        # The first seed with a small rounding error: normalization by a variance near 0 amplifies rounding.
        for seed in count():
            exact = vectors(case, seed, kind, torch.float64)
            error = rounding_error(exact, vectors(case, seed, kind, torch.float32))
            if error < MAX_ROUNDING_ERROR:
                break
        path = Path(__file__).with_name(f"{name}.safetensors")
        save_file(with_joined_gradients(exact), path)
        print(f"{path.name}: seed {seed}, {error:.1e} rounding error, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
