"""Writes cartpole.csv: Gymnasium's CartPole-v1 from stated states under fixed actions.

    pip install gymnasium==1.4.0 && python cartpole.py > cartpole.csv

One row a step: the episode, the state before it (shortest decimal that reads back as the same 64-bit
number), the action, and whether the step terminated or truncated the episode. The last row of an episode
has no action: it is where the last step led. A balancing rule with some random actions makes episodes of
every length; some meet the limit of 500.
"""

import gymnasium
import numpy

EPISODES = 12
NUM_EPISODES_FROM_THE_EDGE = 6


def episode(index, random, start, noise):
    env = gymnasium.make("CartPole-v1")
    env.reset(seed=index)
    env.unwrapped.state = numpy.array(start, dtype=numpy.float64)
    ended = False
    while not ended:
        state = [float(number) for number in env.unwrapped.state]
        position, velocity, angle, angular_velocity = state
        action = int(angle + 0.5 * angular_velocity + 0.05 * position + 0.1 * velocity > 0)
        if random.random() < noise:
            action = int(random.integers(2))
        _, reward, terminated, truncated, _ = env.step(action)
        assert reward == 1.0
        ended = terminated or truncated
        print(index, *map(repr, state), action, int(terminated), int(truncated), sep=",")
    print(index, *(repr(float(number)) for number in env.unwrapped.state), "", "", "", sep=",")


def main():
    random = numpy.random.default_rng(0)
    print("episode,position,velocity,angle,angular_velocity,action,terminated,truncated")
    for index in range(EPISODES):
        near_the_edge = index < NUM_EPISODES_FROM_THE_EDGE
        spread = [2.3, 2.0, 0.2, 2.0] if near_the_edge else [0.05] * 4
        noise = 0.5 if near_the_edge else [0.0, 0.5, 0.6, 0.7, 0.8, 1.0][index - NUM_EPISODES_FROM_THE_EDGE]
        episode(index, random, random.uniform(-1, 1, size=4) * spread, noise)


main()
