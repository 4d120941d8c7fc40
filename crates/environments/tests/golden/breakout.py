"""Writes breakout.csv and breakout_random.csv: what the package `minatar` does in Breakout.

    pip install --no-deps minatar==1.0.15 && pip install numpy==2.4.6 && python breakout.py

breakout.csv has one row an episode without sticky actions: the side on which the ball starts, the actions
(indices into no-op, left, up, right, down, fire), the rewards, and a digest of each observation from that
after the reset on, all one character or four hexadecimal digits a step. A digest is FNV-1a (32 bits) over
the bytes of the observation as [4, 10, 10], its two halves XORed. The last action ends the episode.

breakout_random.csv has the mean return and length, with their standard errors, of the uniform random policy
with sticky actions as the package has them by default.
"""

import numpy
from minatar import Environment
from minatar_games import digest, random_policy, write_random_policy

EPISODES = 30
RANDOM_EPISODES = 100_000
STEPS_AT_MOST = 1_000


def follow(observation, random, noise):
    """Keeps the paddle in the column to which the ball comes next; sometimes acts at random."""
    if random.random() < noise:
        return int(random.integers(6))
    paddle = observation[9, :, 0].argmax()
    (ball,), (last,) = (observation[:, :, plane].any(axis=0).nonzero()[0] for plane in (1, 2))
    target = min(max(ball + numpy.sign(ball - last), 0), 9)
    return [1, 0, 3][numpy.sign(int(target) - int(paddle)) + 1]


def recorded(random, noise):
    """One episode; it is ended by moving away from the ball if it grows too long."""
    env = Environment("breakout", sticky_action_prob=0.0)
    env.seed(int(random.integers(2**31)))
    env.reset()
    observation = env.state()
    side = "left" if observation[3, 0, 1] else "right"
    actions, rewards, digests, refills, terminal = "", "", digest(observation), 0, False
    while not terminal:
        action = follow(observation, random, noise if len(actions) < STEPS_AT_MOST else 1.0)
        bricks = observation[:, :, 3].sum()
        reward, terminal = env.act(action)
        observation = env.state()
        refills += observation[:, :, 3].sum() > bricks
        actions += str(action)
        rewards += str(int(reward))
        digests += digest(observation)
    return side, actions, rewards, digests, refills


def main():
    random = numpy.random.default_rng(0)
    refills = {"left": 0, "right": 0}
    with open("breakout.csv", "w") as file:
        print("side,actions,rewards,digests", file=file)
        for index in range(EPISODES):
            side, *columns, refilled = recorded(random, [0.002, 0.005, 0.01, 0.05, 0.3][index % 5])
            refills[side] += refilled
            print(side, *columns, sep=",", file=file)
    assert min(refills.values()) > 0, refills
    write_random_policy("breakout", random_policy("breakout", RANDOM_EPISODES, random)[:2])


main()
