"""Makes the bootstrap weights again, bit for bit: `python -m inference.policy.initialise [folder]`.

The trunk is drawn from a fixed seed, the three heads are zero, so the laws in `compact.py` act alone. Nothing was
trained; card.md says so.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from inference.policy.compact import DT, EMBODIMENTS, HORIZON, PROPRIOCEPTION, RESULTS, SKILLS, WEIGHTS, CompactNet

VERSION = "compact-0"
SEED = 20260301

CARD = """# compact-0: the untrained bootstrap policy

This model has learned nothing. Its network is drawn from seed {seed} and its three heads are zero, so what acts are
the laws written in `inference/policy/compact.py`: pure pursuit along the released way, a confidence from brightness,
contrast, a frozen picture, distance from the way and whether the way is seen, and a colour count for what a shelf
holds.

- Parameters: {parameters:,} (float32, safetensors). Input 64 x 64 RGB, {inputs} numbers of proprioception, goal, skill.
- Output: {horizon} rows of (v, omega), one each {dt} s; confidence; result of an inspection ({results}).
- Meant for: simulated robots of this project. The colour count fits the pictures its camera draws and nothing else.
- Not meant for: real shelves, real cameras, driving without the safety supervisor.
- Confidence is not calibrated: it orders situations, it is no probability.
- Made by: `python -m inference.policy.initialise`.
"""


def network(seed: int = SEED) -> CompactNet:
    torch.manual_seed(seed)
    net = CompactNet()
    with torch.no_grad():
        for head in (net.chunk_head, net.confidence_head, net.result_head):
            head.weight.zero_()
            head.bias.zero_()
    return net


def write(folder: Path) -> None:
    """Weights, config.json and card.md into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    net = network()
    path = folder / f"{VERSION}.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, path)
    config = {
        "class": "CompactPolicy",
        "version": VERSION,
        "weights": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "seed": SEED,
        "trained": False,
        "input": {"frames": [1, 64, 64, 3], "proprioception": list(PROPRIOCEPTION), "skills": list(SKILLS)},
        "embodiment_buckets": EMBODIMENTS,
        "chunk": HORIZON,
        "dt": DT,
        "results": list(RESULTS),
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    card = CARD.format(
        seed=SEED,
        parameters=sum(p.numel() for p in net.parameters()),
        inputs=len(PROPRIOCEPTION),
        horizon=HORIZON,
        dt=DT,
        results=", ".join(RESULTS),
    )
    (folder / "card.md").write_text(card)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS)
