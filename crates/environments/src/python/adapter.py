"""Plays environments for ZeroLab, which starts this file as a child and speaks with it over pipes.

A message is a length (4 bytes), a kind (1 byte) and a body; numbers are little-endian. Every request has one answer, of
kind 0, or of kind 1 with a failure as JSON. `python/messages.rs` is the other side.
"""
import sys

sys.path.remove("")  # what follows is Python's own, also where a file of that name is in the folder
import importlib, json, math, os, pickle, platform, select, signal, struct, time, traceback

__file__ = "<string>"  # what Python calls a program that is given as text
parent, own = os.getppid(), os.getpid()
watcher = os.fork()
if watcher == 0:
    # Once ZeroLab has closed its pipe, nothing of this group of processes stays: not this program where the environment
    # never returns, and not what the environment has started.
    os.closerange(1, 3)
    pipe = select.poll()
    pipe.register(0, 0)
    while not pipe.poll():
        pass
    for _ in range(50):
        if os.getppid() == own:
            time.sleep(0.1)
    os.killpg(own, signal.SIGKILL)
answers = os.fdopen(os.dup(1), "wb")  # before the environment can print to it
os.dup2(2, 1)
requests = os.fdopen(os.dup(0), "rb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
LARGEST = 3.4028234663852886e38  # of single precision
answers.write(b"ZeroLab 1\n")
answers.flush()


class Refused(Exception):
    """The environment did what no environment may; the message says what."""


def numbers(space):
    """How an observation of the space becomes an array: its shape, least and greatest value, dtype, and the function."""
    if hasattr(space, "spaces"):  # Dict and Tuple: the parts one after the other
        parts = space.spaces.items() if hasattr(space.spaces, "items") else enumerate(space.spaces)
        parts = [(key, numbers(part)) for key, part in parts]
        size = sum(int(np.prod(shape)) for _, (shape, *_) in parts)
        scales = {key: max(high, 1) if dtype == np.uint8 else 1 for key, (_, _, high, dtype, _) in parts}
        low, high = (pick(part[at] / scales[key] for key, part in parts) for at, pick in ((1, min), (2, max)))
        def join(value):
            try:
                return np.concatenate([np.ravel(read(value[key])) / scales[key] for key, (*_, read) in parts])
            except (KeyError, IndexError, TypeError) as error:
                raise Refused(f"the observation {cut(value)} does not have the parts of its space: {error!r}")
        return (size,), low, high, np.float32, join
    if hasattr(space, "nvec"):  # MultiDiscrete
        nvec, start = np.ravel(space.nvec), np.ravel(getattr(space, "start", 0))
        ends = np.cumsum(nvec)
        def marks(value):
            hot = np.zeros(ends[-1], np.uint8)
            hot[ends - nvec + np.ravel(value) - start] = 1
            return hot
        return (int(ends[-1]),), 0, 1, np.uint8, marks
    if hasattr(space, "n") and not getattr(space, "shape", ()):  # Discrete
        n, start = int(space.n), int(getattr(space, "start", 0))
        def mark(value):
            hot = np.zeros(n, np.uint8)
            places = np.arange(start, start + n) == np.asarray(value)
            if places.shape != (n,) or not places.any():
                raise Refused(f"the observation is {cut(value)}, and its space has the numbers {start} to {start + n - 1}")
            hot[places] = 1
            return hot
        return (n,), 0, 1, np.uint8, mark
    if hasattr(space, "n"):  # MultiBinary
        return tuple(space.shape), 0, 1, np.uint8, np.asarray
    if hasattr(space, "low"):  # Box
        is_bytes = np.dtype(space.dtype).kind == "b" or np.dtype(space.dtype) == np.uint8
        bounds = float(np.min(space.low)), float(np.max(space.high))
        return tuple(space.shape), *bounds, np.uint8 if is_bytes else np.float32, whole if is_bytes else np.asarray
    raise Refused(f"an observation space of the kind {type(space).__name__} has no numbers that a network could read; "
                  "wrap the environment, so that it is a Box, Discrete, MultiBinary, MultiDiscrete, or a Dict of them")


def whole(value):
    """An observation whose space is of bytes or of booleans."""
    array = np.asarray(value)
    if array.dtype.kind in "if" and not ((array >= 0) & (array <= 255) & (array == np.floor(array))).all():
        raise Refused(f"the space of the observation is of bytes, and a {array.dtype} observation has numbers from "
                      f"{array.min()} to {array.max()} that are no bytes: correct `observation_space` or the observation")
    return array


def cut(value):
    """The value in a message."""
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


class Lane:
    """One environment."""

    def __init__(self, settings):
        if settings["id"]:
            import gymnasium
            limit = {"max_episode_steps": settings["time_limit"] * settings["action_repeat"]} if settings["time_limit"] else {}
            self.env = gymnasium.make(settings["id"], disable_env_checker=True, **limit, **settings["arguments"])
        else:
            module, _, name = settings["entry"].partition(":")
            made = importlib.import_module(module)
            for part in name.split("."):
                made = getattr(made, part)
            self.env = made(**settings["arguments"])
        self.repeat = settings["action_repeat"]
        self.inner = getattr(self.env, "unwrapped", self.env)
        metadata = getattr(self.inner, "metadata", None) or {}
        self.events, self.players = list(metadata.get("events", ())), int(metadata.get("players", 1))
        if type(metadata.get("events", ())) is str or len({*self.events} - {""}) < len(self.events):
            raise Refused(f'metadata["events"] is {metadata["events"]!r}, and must be a list of different names')
        self.shape, self.low, self.high, self.dtype, self.read = numbers(self.env.observation_space)
        actions = self.env.action_space
        if not hasattr(actions, "n") or getattr(actions, "shape", ()):
            raise Refused(f"the actions are of the kind {type(actions).__name__}; ZeroLab has only Discrete actions yet: "
                          "wrap the environment, so that a number stands for each action")
        self.num_actions, self.start = int(actions.n), int(getattr(actions, "start", 0))
        self.all_legal = bytes([1]) * self.num_actions
        self.seed = self.steps = 0

    def block(self, observation, info, ended):
        """The part of an answer that resets and steps have in common: whose turn it is, legal actions, observation."""
        array = self.read(observation)
        if array.shape != self.shape:
            raise Refused(f"the observation has the shape {array.shape}, and its space {self.shape}")
        if array.dtype.kind not in "biuf":
            raise Refused(f"the observation has the dtype {array.dtype}, and must be numbers")
        array = array.astype(self.dtype, copy=False)
        player = int(info.get("to_play", 0))
        if not 0 <= player < self.players:
            raise Refused(f'info["to_play"] is {player}, and there are {self.players} players (metadata["players"])')
        mask = info.get("action_mask")
        if mask is None:
            legal = self.all_legal
        else:
            mask = np.ravel(mask)
            legal = (mask == 1).astype(np.uint8).tobytes()
            if len(legal) != self.num_actions or not (ended or any(legal)) or not np.isin(mask, (0, 1)).all():
                raise Refused(f'info["action_mask"] is {cut(info["action_mask"])}: there must be a 0 or a 1 for each of the '
                              f"{self.num_actions} actions, and while an episode runs a 1")
        return struct.pack("<I", player) + legal + array.tobytes()

    def reset(self, seed):
        self.seed, self.steps = seed, 0
        result = self.env.reset(seed=seed)
        if not isinstance(result, tuple) or len(result) != 2:
            raise Refused("`reset` must return two values: the observation and a dict of information")
        return self.block(result[0], result[1], False)

    def step(self, action):
        self.steps += 1
        reward = performance = events = 0
        for _ in range(self.repeat):
            result = self.env.step(self.start + action)
            if not isinstance(result, tuple) or len(result) != 5:
                raise Refused("`step` must return a tuple of five: observation, reward, terminated, truncated, information")
            observation, paid, terminated, truncated, info = result
            if terminated not in (False, True) or truncated not in (False, True):
                raise Refused(f"`terminated` is {terminated!r} and `truncated` {truncated!r}: both must be true or false")
            earned = info.get("performance", paid)
            try:
                if isinstance(paid, str) or isinstance(earned, str):
                    raise TypeError
                reward, performance = reward + float(paid), performance + float(earned)
            except TypeError:
                raise Refused(f"the reward is {cut(paid)} and the performance {cut(earned)}: both must be numbers")
            for event in info.get("events", ()):
                if event not in self.events:
                    raise Refused(f'info["events"] names {event!r}, and metadata["events"] has {self.events}')
                events |= 1 << self.events.index(event)
            if terminated or truncated:
                break
        if not (math.isfinite(reward) and math.isfinite(performance)):
            raise Refused(f"the reward is {reward} and the performance {performance}: both must be finite")
        ends = bool(terminated) | (bool(truncated) << 1)
        return struct.pack("<ddIB", reward, performance, events, ends) + self.block(observation, info, ends != 0)

    def attribute(self, name):
        """A method that the environment or one of its wrappers has, or None."""
        return getattr(self.env, name, None) or getattr(self.inner, name, None)

    def describe(self, folders):
        top = type(self.inner).__module__.partition(".")[0]
        files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        files.add(getattr(sys.modules.get(type(self.inner).__module__), "__file__", None))
        within = lambda file, folder: file.startswith(os.path.join(folder, ""))
        packages = [sys.prefix, sys.base_prefix]  # their versions count; a virtual environment may be beside the spec
        own = [file for file in files if file and any(within(file, folder) for folder in folders)
               and not any(within(file, folder) for folder in packages)]
        spec = getattr(self.env, "spec", None)
        about = {
            "shape": self.shape, "low": max(float(self.low), -LARGEST), "high": min(float(self.high), LARGEST), "bytes": self.dtype == np.uint8,
            "num_actions": self.num_actions, "num_players": self.players, "events": self.events,
            "time_limit": getattr(spec, "max_episode_steps", None) or 0,
            "saves_state": bool(self.attribute("get_state") and self.attribute("set_state")),
            "has_opponent": bool(self.attribute("opponent_action")),
            "versions": versions(top),
        }
        return {"about": about, "files": own}


def versions(top):
    from importlib import metadata
    found = {"python": platform.python_version()}
    for name in {"numpy", "gymnasium", top} & set(sys.modules):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            version = getattr(sys.modules[name], "__version__", None)
            found.update({name: str(version)} if version else {})
    return found


def answer(kind, body, lanes, state):
    if kind == b"D":
        state.update(json.loads(body))
        sys.path[:0] = state["path"]
        lanes[0] = Lane(state)
        return json.dumps(lanes[0].describe(state["path"])).encode()
    if kind == b"S":
        steps = []
        for lane, action in struct.iter_unpack("<II", body):
            state["lane"] = lane
            steps.append(lanes[lane].step(action))
        return b"".join(steps)
    lane = state["lane"] = struct.unpack_from("<I", body)[0]
    if kind == b"C":
        lanes.pop(lane, None)
        return b""
    if lane not in lanes:
        lanes[lane] = Lane(state)
    if kind == b"R":
        return lanes[lane].reset(struct.unpack_from("<I", body, 4)[0])
    if kind == b"G":
        return pickle.dumps(lanes[lane].attribute("get_state")())
    if kind == b"P":
        lanes[lane].attribute("set_state")(pickle.loads(body[8:]))
        lanes[lane].steps = struct.unpack_from("<I", body, 4)[0]
        return b""
    if kind == b"O":
        return struct.pack("<I", int(lanes[lane].attribute("opponent_action")()) - lanes[lane].start)
    raise Refused(f"a request of the unknown kind {kind!r}")


def send(kind, body):
    if os.getpid() != own:
        os._exit(0)  # a copy of this process that the environment made
    answers.write(struct.pack("<IB", len(body), kind) + body)
    answers.flush()


def send_failure(error):
    calls = error.__traceback__
    while calls and calls.tb_frame.f_code.co_filename == __file__:
        calls = calls.tb_next  # of the environment's own files
    trace = "" if isinstance(error, Refused) else "".join(traceback.format_exception(type(error), error, calls))
    shown = lambda sign: sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}"
    text = lambda said, length: "".join(map(shown, said[-length:]))
    told = {"class": text(type(error).__name__, 100), "message": text(str(error), 2000), "trace": text(trace, 6000)}
    lane = lanes.get(state.get("lane"))
    if lane:
        told.update(seed=lane.seed, step=lane.steps)
    send(1, json.dumps(told).encode())


lanes, state = {}, {}
try:
    import numpy as np
except ImportError as error:
    np, missing = None, error
while len(head := requests.read(5)) == 5:
    length, kind = struct.unpack("<Ic", head)
    body = requests.read(length)
    try:
        if np is None:
            raise missing
        send(0, answer(kind, body, lanes, state))
    except BaseException as error:  # SystemExit too: the environment must not end this process
        send_failure(error)
if os.getppid() == parent:
    os.kill(watcher, signal.SIGKILL)
    os.waitpid(watcher, 0)
