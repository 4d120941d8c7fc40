"""Prints as JSON every scalar that TensorBoard finds in a folder: its tag, step, wall time and value.

pip install tensorboard==2.21.0 && python read_events.py FOLDER

A value is text, because JSON has no NaN.
"""

import json
import sys

from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

events = EventAccumulator(sys.argv[1], tensor_size_guidance={"scalars": 0})
events.Reload()
print(json.dumps([
    {"tag": tag, "step": event.step, "wall_time": event.wall_time, "value": str(tensor_util.make_ndarray(event.tensor_proto).item())}
    for tag in events.PluginTagToContent("scalars")
    for event in events.Tensors(tag)
]))
