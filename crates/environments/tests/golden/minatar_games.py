"""Writes GAME.csv and GAME_random.csv for the games of the package `minatar` other than Breakout.

    pip install --no-deps minatar==1.0.15 && pip install numpy==2.4.6 && python minatar_games.py [GAME...]

GAME.csv has one row an episode without sticky actions, all of it or its beginning: whether the difficulty
ramps, the outcomes of chance, whether the last action ended it, the actions (indices into no-op, left, up,
right, down, fire), the rewards, and a digest of each observation from that after the reset on. A reward is
one digit in base 36, a digest four hexadecimal digits: FNV-1a (32 bits) over the bytes of the observation as
[C, 10, 10], its two halves XORed.

An outcome of chance is three digits, a number d below 840: of n equally likely choices it takes number
floor(n d / 840). The n of every game divide 840. Where a direction is chosen the first half is to the right.

GAME_random.csv has means over episodes of the uniform random policy, with their standard errors, sticky
actions and ramping as the package has them by default: of the return, of the length, and of how many cells
of each plane are lit in the last observation.
"""

import copy
import sys

import numpy
from minatar import Environment

CHOICES = 840
# By game: episodes of the random policy; then for each recorded episode: whether it ramps, its greatest number of
# steps, the share of random actions, and the player's habit: the number of divers with which it surfaces (Seaquest;
# 9: never), or whether it spares the outer columns of aliens and stays between them until they land (Space Invaders).
GAMES = {
    "asterix": (100_000, [(1, 2000, 0, 0), (1, 2000, 0.01, 0), (0, 1200, 0.02, 0)] + [(1, 1000, 0.1, 0)] * 7),
    "freeway": (10_000, [(0, 2501, 0, 0), (0, 2000, 0.1, 0), (0, 2000, 0.3, 0), (0, 2000, 0.8, 0)]),
    "seaquest": (
        100_000,
        [(0, 600, 0, 6), (1, 1000, 0, 6), (1, 1200, 0, 6), (1, 2900, 0, 1), (0, 500, 0, 9)]
        + [(1, 600, 0.05, 3)] * 2
        + [(1, 300, 0.5, 9)] * 9,
    ),
    "space_invaders": (
        100_000,
        [(1, 1000, 0, 1), (0, 800, 0, 0), (1, 2200, 0, 0)] + [(1, 1000, 0, 1)] * 2 + [(1, 700, 0.5, 0)] * 12,
    ),
}
# The package's last level of difficulty: the recorded episodes must get there.
HARDEST = {"asterix": 9, "freeway": None, "seaquest": 19, "space_invaders": 6}


def digest(observation):
    value = 0x811C9DC5
    for byte in observation.transpose(2, 0, 1).astype(numpy.uint8).tobytes():
        value = (value ^ byte) * 0x01000193 % 2**32
    return f"{value >> 16 ^ value & 0xFFFF:04x}"


class Chance:
    """Replaces a game's random generator and records its outcomes."""

    def __init__(self, random):
        self.random, self.outcomes = random, []

    def outcome(self):
        self.outcomes.append(int(self.random.integers(CHOICES)))
        return self.outcomes[-1]

    def rand(self, size=None):
        if size is None:
            return (self.outcome() + 0.5) / CHOICES
        # Freeway's directions: there the greater numbers are to the right.
        return numpy.array([1 - (self.outcome() + 0.5) / CHOICES for _ in range(size)])

    def randint(self, low, high=None, size=None):
        low, high = (0, low) if high is None else (low, high)
        outcomes = [low + (high - low) * self.outcome() // CHOICES for _ in range(size or 1)]
        return outcomes[0] if size is None else numpy.array(outcomes)


def heuristic(name, game, habit):
    """A heuristic value of a state beside the reward, which makes the player reach rare situations."""
    if name == "asterix":
        enemy = game.entities[game.player_y - 1] or [9, 0, True, True]
        ahead = not enemy[3] and (game.player_x > enemy[0]) == enemy[2]
        return -abs(game.player_x - 4.5) - 5 * ahead
    if name == "freeway":
        return -game.pos
    if name == "seaquest":
        if game.diver_count >= habit or habit <= 6 and game.diver_count and game.oxygen < 60:
            return -game.sub_y
        aims = [diver[:2] for diver in game.divers] or [[5, 4]]
        return -min(abs(x - game.sub_x) + abs(y - game.sub_y) for x, y in aims) - 9
    if habit:
        columns = game.alien_map.any(axis=0).nonzero()[0]
        inner = game.alien_map[:, columns[0] + 1 : columns[-1]].sum()
        return 8 * (game.alien_map.sum() - 2 * inner) + 3 * (columns[0] < game.pos < columns[-1])
    return 0


def best_action(name, game, habit, random):
    """The action with the best of some random continuations."""
    chance, game.random = game.random, None
    values = numpy.zeros((6, 10))
    for (action, continuation), _ in numpy.ndenumerate(values):
        trial = copy.deepcopy(game)
        trial.random = random
        reward, terminal = trial.act(action)
        value = 5 * reward - 100 * terminal + heuristic(name, trial, habit)
        for depth in range(12):
            if terminal:
                break
            reward, terminal = trial.act(random.randint(6))
            value += reward - 50 * terminal * 0.9**depth
        values[action, continuation] = value
    game.random = chance
    values = values.max(axis=1)
    return int(random.choice(numpy.flatnonzero(values == values.max())))


def recorded(name, ramping, steps, noise, habit, seed):
    """One episode: its row, and the game in its last state."""
    player = numpy.random.RandomState(seed)
    env = Environment(name, sticky_action_prob=0.0, difficulty_ramping=bool(ramping))
    game, chance = env.env, Chance(numpy.random.default_rng(seed))
    game.random = chance
    game.reset()
    actions, rewards, digests, terminal = "", "", digest(game.state()), False
    while not terminal and len(actions) < steps:
        at_random = player.rand() < noise
        action = player.randint(6) if at_random else best_action(name, game, habit, player)
        reward, terminal = env.act(action)
        actions += str(action)
        rewards += numpy.base_repr(int(reward), 36).lower()
        digests += digest(game.state())
    outcomes = "".join(f"{outcome:03}" for outcome in chance.outcomes)
    return (ramping, outcomes, int(terminal), actions, rewards, digests), game


def random_policy(name, episodes, random):
    """Names and samples of the quantities in GAME_random.csv."""
    env = Environment(name)
    env.seed(0)
    returns, lengths = numpy.zeros(episodes), numpy.zeros(episodes)
    lit = numpy.zeros((env.state_shape()[2], episodes))
    for episode in range(episodes):
        env.reset()
        terminal = False
        while not terminal:
            reward, terminal = env.act(int(random.integers(6)))
            returns[episode] += reward
            lengths[episode] += 1
        lit[:, episode] = env.state().sum(axis=(0, 1))
    planes = ((f"plane {plane}", sample) for plane, sample in enumerate(lit))
    return [("return", returns), ("length", lengths), *planes]


def write_random_policy(name, quantities):
    with open(f"{name}_random.csv", "w") as file:
        print("quantity,mean,standard_error", file=file)
        for quantity, sample in quantities:
            print(quantity, sample.mean(), sample.std(ddof=1) / len(sample) ** 0.5, sep=",", file=file)


def write_recorded(name, plan):
    levels, rewards = [], ""
    with open(f"{name}.csv", "w") as file:
        print("ramping,outcomes,ended,actions,rewards,digests", file=file)
        for seed, episode in enumerate(plan):
            row, game = recorded(name, *episode, seed)
            print(*row, sep=",", file=file)
            levels.append(game.difficulty_ramp())
            rewards += row[4]
    assert max(levels, key=lambda level: level or 0) == HARDEST[name], levels
    # More than two in one step: six divers were brought up.
    assert name != "seaquest" or max(rewards) > "2"


def main():
    for name in sys.argv[1:] or GAMES:
        episodes, plan = GAMES[name]
        write_recorded(name, plan)
        write_random_policy(name, random_policy(name, episodes, numpy.random.default_rng(0)))


if __name__ == "__main__":
    main()
