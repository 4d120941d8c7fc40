"""Environments for the tests of `environment.name = "python"`, with numpy alone."""
import os, subprocess, sys, time
from types import SimpleNamespace as Space

import numpy as np


class Walk:
    """A walk on a line, from the middle to one of both ends. A gust may push. The right end pays."""

    metadata = {"events": ["gust"]}

    def __init__(self, length=7, gust=0.2, delay=0.0):
        self.length, self.gust, self.delay = length, gust, delay
        self.observation_space = Space(shape=(length,), low=0.0, high=1.0, dtype="float32")
        self.action_space = Space(n=2)

    def reset(self, seed=None):
        self.random = np.random.default_rng(seed)
        self.place, self.steps = self.length // 2, 0
        return self.see(), {}

    def step(self, action):
        time.sleep(self.delay)
        is_pushed = self.random.random() < self.gust
        self.place += 1 if action == 1 or is_pushed else -1
        self.steps += 1
        ends = self.place in (0, self.length - 1)
        info = {"events": ["gust"] if is_pushed else [], "performance": -1.0 if is_pushed else 0.0}
        return self.see(), float(self.place == self.length - 1), ends, not ends and self.steps >= 40, info

    def see(self):
        marks = np.zeros(self.length)
        marks[self.place] = 1.0
        return marks


class Stateful(Walk):
    def get_state(self):
        return self.place, self.steps, self.random.bit_generator.state

    def set_state(self, state):
        self.place, self.steps, self.random.bit_generator.state = state


class Careless(Walk):
    """Its chance does not come from the seed."""

    def reset(self, seed=None):
        return super().reset(seed=time.time_ns())


class Masked(Walk):
    """The wall on the left cannot be walked into."""

    def reset(self, seed=None):
        observation, _ = super().reset(seed)
        return observation, self.mask({})

    def step(self, action):
        assert action == 1 or self.place > 1, "an illegal action"
        *most, info = super().step(action)
        return *most, self.mask(info)

    def mask(self, info):
        return info | {"action_mask": np.array([self.place > 1, True])}


class Nim:
    """Two players take one or two of ten matches in turn. Who takes the last one wins."""

    metadata = {"players": 2}
    observation_space = Space(n=11, start=0)
    action_space = Space(n=2, start=1)

    def reset(self, seed=None):
        self.left, self.player = 10, 0
        return self.left, self.info()

    def step(self, action):
        self.left, self.player = self.left - action, 1 - self.player
        return self.left, float(self.left == 0), self.left == 0, False, self.info()

    def opponent_action(self):
        return 1

    def info(self):
        return {"to_play": self.player, "action_mask": [True, self.left != 1]}


class Pictures:
    """Three colours, the columns of which tell the number of the step."""

    def __init__(self, first=False):
        self.first = first
        shape = (3, 6, 8) if first else (6, 8, 3)
        self.observation_space = Space(shape=shape, low=0, high=255, dtype="uint8")
        self.action_space = Space(n=3)

    def reset(self, seed=None):
        self.steps = 0
        return self.see(), {}

    def step(self, action):
        self.steps += 1
        return self.see(), 0.5, False, self.steps == 9, {}

    def see(self):
        picture = np.zeros((6, 8, 3), np.uint8)
        picture[:, self.steps % 8] = (255, 100 + self.steps, 10)
        return picture.transpose(2, 0, 1) if self.first else picture


class Parts:
    """A number, an image of two bytes, and a mark."""

    observation_space = Space(spaces={
        "a mark": Space(n=3),
        "bytes": Space(shape=(1, 2), low=0, high=255, dtype="uint8"),
        "number": Space(shape=(1,), low=-2.0, high=2.0, dtype="float32"),
    })
    action_space = Space(n=2)

    def reset(self, seed=None):
        return {"a mark": 1, "bytes": np.array([[51, 255]], np.uint8), "number": [-1.5]}, {}


class Broken(Walk):
    """Does what no environment may: `how` says what."""

    def __init__(self, how="", length=7, **walk):
        super().__init__(length, **walk)
        self.how = how
        if how == "raises in the constructor":
            raise ValueError("there is no map")
        if how == "has continuous actions":
            self.action_space = Space(shape=(2,), low=-1.0, high=1.0, dtype="float32")
        if how == "has a strange space":
            self.observation_space = object()
        if how == "promises bytes":
            self.observation_space = Space(shape=(length,), low=0, high=255, dtype="uint8")
        if how == "promises a number":
            self.observation_space = Space(n=length, start=0)
        if how == "promises parts":
            self.observation_space = Space(spaces={"place": self.observation_space})
        if how == "is for three":
            self.metadata = {"players": 3}
        if how == "has a word for events":
            self.metadata = {"events": "gust"}
        if how == "is huge":
            self.observation_space = Space(shape=(1 << 15, 1 << 15), low=0, high=255, dtype="uint8")

    def reset(self, seed=None):
        if self.how == "raises in reset":
            raise RuntimeError("no connection to the simulator")
        if self.how == "resets as of old":
            return super().reset(seed)[0]
        observation, info = super().reset(seed)
        match self.how:
            case "promises bytes":
                observation = observation * 0.7
            case "promises a number":
                observation = 3.5
        return observation, info

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if self.how == "prints":
            print("hello from the environment", flush=True)
            sys.stdout.flush()
            os.write(1, b"and from C")
        if self.how == "forks":
            if os.fork() == 0:
                time.sleep(0.01)
        if self.steps < 2:
            return observation, reward, terminated, truncated, info
        match self.how:
            case "raises in step":
                return {}["treasure"]
            case "hangs":
                time.sleep(1000)
            case "exits":
                os._exit(3)
            case "exits politely":
                sys.exit(4)
            case "closes its files":
                os.closerange(3, 200)
            case "is killed":
                os.kill(os.getpid(), 9)
            case "returns NaN":
                observation[0] = np.nan
            case "returns an infinite reward":
                reward = np.inf
            case "returns a huge reward":
                reward = 1e300
            case "says too much":
                raise ValueError("a" * 10_000_000 + "\ud800 the end")
            case "returns another shape":
                observation = observation[1:]
            case "returns words":
                observation = "seven"
            case "returns four values":
                return observation, reward, terminated, info
            case "has no legal action":
                info["action_mask"] = [0, 0]
            case "has a mask of another length":
                info["action_mask"] = [1, 1, 1]
            case "has a mask of NaN":
                info["action_mask"] = [np.nan, 1.0]
            case "ends with a word":
                terminated = "False"
            case "returns complex numbers":
                observation = observation.astype(complex)
            case "pays nothing":
                reward = None
            case "pays in words":
                reward = "1.0"
            case "names an unknown event":
                info["events"] = ["storm"]
            case "returns a list":
                observation = [float(number) for number in observation]
            case "returns float64":
                observation = observation.astype(np.float64)
        return observation, reward, terminated, truncated, info


class Family(Walk):
    """Has a process of its own, which only ends if somebody ends it."""

    def __init__(self, **walk):
        super().__init__(**walk)
        self.child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)  # Plays environments for ZeroLab"])


class Balance:
    """CartPole-v1 of Gymnasium, from a given state."""

    def __init__(self, start):
        import gymnasium

        self.env = gymnasium.make("CartPole-v1", disable_env_checker=True)
        self.start = start
        self.observation_space, self.action_space = self.env.observation_space, self.env.action_space

    def reset(self, seed=None):
        self.env.reset(seed=seed)
        self.env.unwrapped.state = tuple(self.start)
        return np.array(self.start, np.float32), {}

    def step(self, action):
        return self.env.step(action)


def pole(start):
    """A function makes an environment too."""
    return Balance(start)


def minigrid():
    """The text of a mission is no observation for a network."""
    import gymnasium, minigrid
    from minigrid.wrappers import ImgObsWrapper

    return ImgObsWrapper(gymnasium.make("MiniGrid-Empty-5x5-v0", disable_env_checker=True))
