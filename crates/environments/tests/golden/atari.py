"""Writes atari_frames.csv, atari_steps.csv and atari_resize.csv: what ale-py and OpenCV do.

    pip install ale-py==0.12.1 opencv-python-headless==5.0.0.93 numpy==2.4.6 && python atari.py

A digest is CRC-32 in hexadecimal, and goes on from the one before it in its column.

atari_frames.csv: one row a game, played frame by frame from a fresh emulator. `actions`, a letter a frame, are places
among the game's minimal actions; where the game is over, a fresh one begins before the next frame. `rewards` has
frame:reward where there was one, `lives` frame:lives where they changed, `overs` the frames in which a game ended,
and `digests`, one after each 100 frames, that of the screens (colours of the video chip) and of a byte each for
reward modulo 256, lives and whether the game is over.

atari_steps.csv: one row a game and kind of image, played by the small reimplementation of EfficientZero's wrappers
below: one frame of doing nothing at the start, then steps; with `episodic` 1, lost lives end episodes. `digests`, one
after each 20 steps, is that of the reward (four bytes), of whether the episode ended and whether it was cut off (a
byte each), of the observation as bytes, and of that of the next episode's beginning if one ended; `starts`, those
of the first observation (each by itself) after 1 to 30 frames of doing nothing.

atari_resize.csv: noise of that many rows and columns, from a generator that begins with 1, made into so many, and the
digest of what OpenCV made.
"""

import zlib

import ale_py
import cv2
import numpy
from ale_py import ALEInterface, LoggerMode, roms

FRAMES = 4_000
STEPS = 1_200
SKIP = 4
STACK = 4
# Most games, and those in which ALE's versions, players or pictures are peculiar.
FRAME_GAMES = ["pong", "breakout", "ms_pacman", "qbert", "krull", "amidar", "assault", "kung_fu_master", "seaquest"]
STEP_GAMES = ["breakout", "qbert", "ms_pacman", "seaquest", "amidar"]
LIMIT = 450


def fresh(game):
    ale = ALEInterface()
    ale.setInt("random_seed", 123)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(roms.get_rom_path(game))
    return ale


def letters(random, count, length):
    """Actions that are kept for a while, as a player's are."""
    chosen = []
    while len(chosen) < length:
        chosen += [int(random.integers(count))] * int(random.integers(1, 12))
    return chosen[:length]


def spell(actions):
    return "".join(chr(ord("a") + action) for action in actions)


def frames(game, random):
    ale = fresh(game)
    minimal = ale.getMinimalActionSet()
    actions = letters(random, len(minimal), FRAMES)
    rewards, lives, overs, digests, digest, last = [], [], [], [], 0, ale.lives()
    for frame, action in enumerate(actions):
        if ale.game_over():
            ale = fresh(game)
        reward = int(ale.act(minimal[action]))
        if reward:
            rewards.append(f"{frame}:{reward}")
        if ale.lives() != last:
            last = ale.lives()
            lives.append(f"{frame}:{last}")
        if ale.game_over():
            overs.append(str(frame))
        digest = zlib.crc32(ale.getScreen().tobytes(), digest)
        digest = zlib.crc32(bytes([reward % 256, ale.lives(), ale.game_over()]), digest)
        if frame % 100 == 99:
            digests.append(f"{digest:08x}")
    return [game, spell(actions), " ".join(rewards), " ".join(lives), " ".join(overs), " ".join(digests)]


class Wrapped:
    """EfficientZero's wrappers, of `kind` rgb96 or grey84."""

    def __init__(self, game, kind, episodic):
        self.game, self.kind, self.episodic = game, kind, episodic
        self.over = True

    def picture(self):
        if self.kind == "rgb96":
            return self.ale.getScreenRGB()
        return self.ale.getScreenGrayscale()[:, :, None]

    def image(self):
        """[channels, side, side] of the greater of the last two pictures."""
        side = int(self.kind[-2:])
        both = numpy.maximum(*self.pictures)
        small = cv2.resize(both, (side, side), interpolation=cv2.INTER_AREA).reshape(side, side, -1)
        return small.transpose(2, 0, 1)

    def act(self, action):
        self.ale_reward = int(self.ale.act(self.ale.getMinimalActionSet()[action]))
        return self.ale_reward

    def begin(self, no_ops=1):
        self.ale = fresh(self.game)
        for _ in range(no_ops):
            self.act(0)
        self.steps, self.over, self.goes_on = 0, False, False
        self.lives = self.ale.lives()
        self.pictures = [self.picture()] * 2
        self.stack = [self.image()] * STACK

    def play(self, action):
        total = 0
        for _ in range(SKIP):
            total += self.act(action)
            self.pictures = [self.pictures[1], self.picture()]
            if self.ale.game_over():
                break
        self.steps += 1
        return total

    def next_episode(self):
        if not self.goes_on:
            return self.begin()
        self.play(0)
        self.lives = self.ale.lives()
        self.stack = [self.image()] * STACK
        if self.ale.game_over() or self.steps >= LIMIT:
            self.begin()

    def step(self, action):
        reward = self.play(action)
        self.stack = self.stack[1:] + [self.image()]
        lives, over = self.ale.lives(), self.ale.game_over()
        lost = self.episodic and 0 < lives < self.lives
        self.lives = lives
        terminated = over or lost
        self.goes_on = lost and not over and self.steps < LIMIT
        return reward, terminated, not terminated and self.steps >= LIMIT

    def observation(self):
        return numpy.concatenate(self.stack).tobytes()


def steps(game, kind, episodic, random):
    world = Wrapped(game, kind, episodic)
    starts = []
    for no_ops in range(1, 31):
        world.begin(no_ops)
        starts.append(f"{zlib.crc32(world.observation()):08x}")
    world.begin()
    actions = [action for action in letters(random, len(world.ale.getMinimalActionSet()), STEPS)]
    digests, digest, ends = [], 0, [0, 0]
    for number, action in enumerate(actions):
        reward, terminated, truncated = world.step(action)
        ends[0] += terminated
        ends[1] += truncated
        digest = zlib.crc32(reward.to_bytes(4, "little", signed=True) + bytes([terminated, truncated]), digest)
        digest = zlib.crc32(world.observation(), digest)
        if terminated or truncated:
            world.next_episode()
            digest = zlib.crc32(world.observation(), digest)
        if number % 20 == 19:
            digests.append(f"{digest:08x}")
    return [game, kind, int(episodic), LIMIT, *ends, spell(actions), " ".join(digests), " ".join(starts)]


def noise(rows, columns):
    state, bytes_ = 1, bytearray()
    for _ in range(rows * columns):
        state = (state * 1664525 + 1013904223) % 2**32
        bytes_.append(state >> 24)
    return numpy.frombuffer(bytes(bytes_), dtype=numpy.uint8).reshape(rows, columns)


def write(name, header, rows):
    with open(name, "w") as file:
        print(header, file=file)
        for row in rows:
            print(*row, sep=",", file=file)


def main():
    ALEInterface.setLoggerMode(LoggerMode.Error)
    assert ale_py.__version__ == "0.12.1", ale_py.__version__
    random = numpy.random.default_rng(0)
    rows = [frames(game, random) for game in FRAME_GAMES]
    write("atari_frames.csv", "game,actions,rewards,lives,overs,digests", rows)
    rows = [
        steps(game, kind, episodic, random)
        for game in STEP_GAMES
        for kind, episodic in [("rgb96", True), ("grey84", False)]
    ]
    write("atari_steps.csv", "game,image,episodic,limit,terminations,truncations,actions,digests,starts", rows)
    rows = []
    for sides in [(210, 160, 96, 96), (210, 160, 84, 84), (250, 160, 96, 96), (210, 160, 64, 48), (97, 101, 96, 33)]:
        small = cv2.resize(noise(*sides[:2]), (sides[3], sides[2]), interpolation=cv2.INTER_AREA)
        rows.append([*sides, f"{zlib.crc32(small.tobytes()):08x}"])
    write("atari_resize.csv", "rows,columns,to_rows,to_columns,digest", rows)


main()
