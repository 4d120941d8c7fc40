"""Compares our Atari games with the same work in Python: ale-py, OpenCV and NumPy.

    pip install ale-py==0.12.1 opencv-python-headless==5.0.0.93 numpy==2.4.6
    eval "$(crates/environments/ale/toolchain target/atari)" && python analysis/against_ale_py.py

Both play random actions, four frames a step. Both make an image of 96 x 96 pixels from the maximum of the last two
screens, stack four images and write them as numbers from 0 to 1. They take turns on one thread, so that other work on the
machine affects both. The result is the median of thousands of frames a second.

Differences: the games take other courses, because each program draws its own actions; and Python does not skip rows that
equal the row before.
"""

import os
import statistics
import subprocess
import time

import cv2
import numpy
from ale_py import ALEInterface, LoggerMode, roms

GAMES = ["pong", "breakout", "ms_pacman", "qbert", "seaquest"]
ROUNDS = 3
SECONDS = 2.0
SKIP = 4


def python(game):
    """Thousands of frames a second of ale-py with the wrappers."""
    ale = ALEInterface()
    ale.setInt("random_seed", 1)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(roms.get_rom_path(game))
    actions = ale.getMinimalActionSet()
    random = numpy.random.default_rng(1)
    chosen = [actions[i] for i in random.integers(len(actions), size=4096)]
    screens = numpy.zeros((2, 210, 160, 3), dtype=numpy.uint8)
    stack = numpy.zeros((4, 3, 96, 96), dtype=numpy.uint8)
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        action = chosen[steps % len(chosen)]
        for frame in range(SKIP):
            ale.act(action)
            if frame >= SKIP - 2:
                ale.getScreenRGB(screens[frame - (SKIP - 2)])
        if ale.game_over():
            ale.reset_game()
        image = cv2.resize(numpy.maximum(*screens), (96, 96), interpolation=cv2.INTER_AREA)
        stack[:-1] = stack[1:]
        stack[-1] = image.transpose(2, 0, 1)
        stack.astype(numpy.float32) / numpy.float32(255)
        steps += 1
    return steps * SKIP / (time.perf_counter() - began) / 1e3


def ours(game):
    """Thousands of frames a second of the benchmark `steps`, the median of its blocks."""
    command = ["cargo", "bench", "--quiet", "-p", "zerolab-environments", "--features", "atari", "--bench", "steps"]
    command += ["--", f"atari/{game}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout
    return float(output.split()[-1]) * SKIP * 1e3


def main():
    cv2.setNumThreads(1)
    ALEInterface.setLoggerMode(LoggerMode.Error)
    ours(GAMES[0])
    print("game ours ale-py ratio")
    for game in GAMES:
        rounds = [(ours(game), python(game)) for _ in range(ROUNDS)]
        one, other = (statistics.median(column) for column in zip(*rounds))
        print(f"{game} {one:.2f} {other:.2f} {one / other:.2f}", flush=True)


main()
