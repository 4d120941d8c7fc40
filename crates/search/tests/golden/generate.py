"""Makes trees.json: search trees of mctx over random tabular models, noise off.

    pip install mctx==0.0.71 jax==0.10.2 numpy==2.4.6
    JAX_PLATFORMS=cpu python generate.py

A model is a function of its seed alone (`number`), so that the file holds the trees only; the test
`mctx.rs` computes the same numbers, exact in f32. A muzero_policy tree is kept only if two random
keys, that is, two draws of mctx's noise of 1e-7 against ties, give the same one.
"""

import json

import jax
import jax.numpy as jnp
import mctx
import numpy as np

VALUES, LOGITS, REWARDS, STATES, TERMINALS = range(5)


def number(seed, table, state, action):
    """A 24-bit number that looks random (32-bit finaliser of murmur3 over the four)."""
    h = (seed * 0x9E3779B1 + table * 0x85EBCA77 + state * 0xC2B2AE3D + action * 0x27D4EB2F) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return (h ^ (h >> 16)) >> 8


def tables(case):
    states, actions, seed = case["states"], case["actions"], case["seed"]

    def table(kind, scale):
        unit = [[number(seed, kind, s, a) / 2.0**24 for a in range(actions)] for s in range(states)]
        return np.array(unit, np.float32) * np.float32(2 * scale) - np.float32(scale)

    to = [[number(seed, STATES, s, a) % states for a in range(actions)] for s in range(states)]
    terminal = [
        [case["terminals"] and number(seed, TERMINALS, s, a) % 8 == 0 for a in range(actions)]
        for s in range(states)
    ]
    return {
        "values": table(VALUES, 2.0)[:, 0],
        "logits": table(LOGITS, 2.0),
        "rewards": table(REWARDS, 1.0),
        "discounts": np.where(terminal, np.float32(0), np.float32(case["discount"])),
        "to": np.array(to, np.int32),
    }


def step(model, key, action, state):
    del key
    to = model["to"][state, action]
    return (
        mctx.RecurrentFnOutput(
            reward=model["rewards"][state, action],
            discount=model["discounts"][state, action],
            prior_logits=model["logits"][to],
            value=model["values"][to],
        ),
        to,
    )


def run(case, key):
    model = jax.tree.map(jnp.asarray, tables(case))
    state = jnp.zeros([1], jnp.int32)
    root = mctx.RootFnOutput(
        prior_logits=model["logits"][state], value=model["values"][state], embedding=state
    )
    illegal = None
    if case["legal"]:
        illegal = jnp.array([[0 if a in case["legal"] else 1 for a in range(case["actions"])]])
    shared = dict(
        params=model,
        rng_key=jax.random.PRNGKey(key),
        root=root,
        recurrent_fn=step,
        num_simulations=case["simulations"],
        invalid_actions=illegal,
    )
    if case["policy"] == "muzero":
        return mctx.muzero_policy(dirichlet_fraction=0.0, **shared)
    return mctx.gumbel_muzero_policy(
        gumbel_scale=0.0, max_num_considered_actions=case["considered"], **shared
    )


def rounded(array):
    return [round(float(x), 6) for x in np.asarray(array)]


def whole(array):
    return [int(x) for x in np.asarray(array)]


def outcome(output):
    tree = output.search_tree
    summary = tree.summary()
    return {
        "action": int(output.action[0]),
        "policy": rounded(output.action_weights[0]),
        "visits": whole(summary.visit_counts[0]),
        "q": rounded(summary.qvalues[0]),
        "value": round(float(summary.value[0]), 6),
        "parents": whole(tree.parents[0])[1:],
        "actions": whole(tree.action_from_parent[0])[1:],
        "node_visits": whole(tree.node_visits[0]),
        "node_values": rounded(tree.node_values[0]),
    }


def cases():
    # actions, simulations, discount, terminals, every how manyth action is illegal (0: none), considered
    shapes = [
        (2, 4, 0.9, False, 0, 2),
        (2, 50, 0.997, False, 0, 16),
        (3, 16, 0.9, True, 0, 3),
        (3, 30, -1.0, True, 3, 16),
        (4, 16, 0.997, False, 0, 4),
        (4, 64, 0.95, True, 2, 4),
        (5, 7, 0.9, False, 0, 16),
        (6, 50, 0.997, True, 0, 16),
        (6, 100, -0.9, True, 4, 16),
        (9, 32, -1.0, True, 3, 8),
        (12, 25, 0.99, False, 5, 16),
        (18, 16, 0.997, False, 0, 8),
        (18, 50, 0.997, True, 0, 16),
        (18, 50, 0.997, False, 2, 16),
        (18, 200, 0.997, True, 7, 16),
    ]
    for policy in ("muzero", "gumbel"):
        for index, (actions, simulations, discount, terminals, nth, considered) in enumerate(shapes):
            legal = [a for a in range(actions) if nth and a % nth != nth - 1]
            yield {
                "policy": policy,
                "seed": 100 + index,
                "states": 31 + 2 * index,
                "actions": actions,
                "simulations": simulations,
                "discount": discount,
                "terminals": terminals,
                "legal": legal,
                "considered": considered,
            }


def main():
    lines = []
    for case in cases():
        first, second = outcome(run(case, 0)), outcome(run(case, 1))
        while any(first[field] != second[field] for field in ("parents", "actions")):
            case["seed"] += 100
            first, second = outcome(run(case, 0)), outcome(run(case, 1))
        lines.append(json.dumps({**case, "mctx": first}, separators=(",", ":")))
        print(case)
    with open("trees.json", "w") as file:
        file.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
