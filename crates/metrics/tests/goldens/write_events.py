"""Writes events.tfevents: the bytes of TensorBoard's own writer, for tests/tensorboard.rs.

pip install tensorboard==2.21.0 && python write_events.py
"""

import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

START = 1_800_000_000
EVENTS = [
    # wall seconds, step, scalars
    (0.0, 0, {"loss/value": 0.75}),
    (0.25, 300, {"episode/return": -9.5, "episode/performance": 0.0, "episode/length": 9.0}),
    (3600.125, 1 << 40, {"loss/policy é 策略": 1e-8, "loss/value": float("nan")}),
]

path = pathlib.Path(__file__).with_name("events.tfevents")
writer = RecordWriter(path.open("wb"))
writer.write(Event(wall_time=START, file_version="brain.Event:2").SerializeToString())
for wall_seconds, step, scalars in EVENTS:
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
    event = Event(wall_time=START + wall_seconds, step=step, summary=Summary(value=values))
    writer.write(event.SerializeToString())
writer.close()
