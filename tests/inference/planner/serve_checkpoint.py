"""`transformers serve FOLDER PORT` without the package accelerate, which would bring a torch of its own.

The server is the real one. Only its wish to place the model through a device map, which needs accelerate, is taken
away: on a machine without a GPU the model is then loaded where it would be put anyway.
"""

from __future__ import annotations

import sys

import torch
from transformers.cli.serve import Serve
from transformers.cli.serving.model_manager import ModelManager

load = ModelManager._load_model


def _load_without_device_map(self: ModelManager, *arguments: object, **options: object) -> object:
    self.device = None
    return load(self, *arguments, **options)


if __name__ == "__main__":
    torch.set_num_threads(1)
    ModelManager._load_model = _load_without_device_map
    Serve(force_model=sys.argv[1], device="cpu", host="127.0.0.1", port=int(sys.argv[2]))
