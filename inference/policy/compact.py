"""The compact robot model: camera, proprioception and goal in, eight (v, omega) rows and a confidence out.

One file, read top to bottom. The network is a *residual* around laws written as tensor operations: a pure-pursuit
tracking law for the chunk, measures of the picture for the confidence, fractions of colours for what a shelf holds.
With heads of zero (the bootstrap weights `compact-0`) the laws alone act; training moves the residual, whose reach is
bounded, so no weights can make it propose more than RESIDUAL beyond the law. The safety supervisor stands behind it
either way.

Shapes: B robots, H = 8 rows, P = 8 numbers of proprioception, S skills, E embodiment buckets, R results.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import gelu

from inference.contract import Decision, Observation, Policy

HORIZON, DT = 8, 0.1
SKILLS = ("move", "pick", "drop", "scan", "inspect", "charge", "wait", "other")
RESULTS = ("ok", "empty", "full", "blocked", "damaged", "missing")
EMBODIMENTS = 16
PROPRIOCEPTION = ("v", "omega", "remaining", "speed_limit", "lateral_error", "heading_error", "load", "still")
"""m/s, rad/s, m to the end of the released way, m/s, m, rad, loads carried, s since the picture last changed."""
RESIDUAL = (0.15, 0.3)
"""The most the network may add to the law, m/s and rad/s."""
WAY = (20 / 255, 190 / 255, 90 / 255)
WEIGHTS = Path(__file__).parent / "weights"


class CompactNet(nn.Module):
    """About 0.12 M parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.eye = nn.Sequential(  # [B, 3, 64, 64] -> [B, 512]
            nn.Conv2d(3, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 24, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(24, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
        )
        self.look = nn.Linear(512, 96)
        self.feel = nn.Linear(len(PROPRIOCEPTION) + 4, 64)
        self.skill = nn.Embedding(len(SKILLS), 8)
        self.embodiment = nn.Embedding(EMBODIMENTS, 8)
        self.trunk = nn.Sequential(nn.Linear(176, 128), nn.GELU(), nn.Linear(128, 128), nn.GELU())
        self.chunk_head = nn.Linear(128, HORIZON * 2)
        self.confidence_head = nn.Linear(128, 1)
        self.result_head = nn.Linear(128, len(RESULTS))

    def forward(
        self, frames: Tensor, proprioception: Tensor, target: Tensor, skill: Tensor, embodiment: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """frames [B, 3, 64, 64] in 0..1, proprioception [B, P], target [B, 3] (x, y, theta), skill [B], embodiment [B].

        Returns chunk [B, H, 2], confidence [B] in 0..1, result probabilities [B, R].
        """
        heading = torch.stack([target[:, 2].cos(), target[:, 2].sin()], 1)
        body = torch.cat([proprioception.clamp(-5, 5), target[:, :2].clamp(-5, 5), heading], 1)
        tokens = torch.cat([self.skill(skill), self.embodiment(embodiment)], 1)
        features = torch.cat([gelu(self.look(self.eye(frames))), gelu(self.feel(body)), tokens], 1)  # [B, 176]
        state = self.trunk(features)  # [B, 128]
        reach = frames.new_tensor(RESIDUAL)
        chunk = track(target, proprioception)
        moving = (chunk.abs().sum(2, keepdim=True) > 0).float()
        chunk = chunk + moving * torch.tanh(self.chunk_head(state)).view(-1, HORIZON, 2) * reach
        looking = ((skill == SKILLS.index("scan")) | (skill == SKILLS.index("inspect"))).float()
        scores = shelf_scores(frames) if bool(looking.any()) else looking[:, None]  # driving needs no shelf
        result = torch.softmax(4 * scores + self.result_head(state), 1)
        driving = sight(frames, target) * steadiness(proprioception)
        law = light(frames) * (looking * result.amax(1) + (1 - looking) * driving)
        doubt = self.confidence_head(state)[:, 0]
        confidence = torch.sigmoid(torch.logit(law.clamp(1e-4, 1 - 1e-4)) + doubt)
        return chunk, confidence, result


def track(target: Tensor, proprioception: Tensor) -> Tensor:
    """Pure pursuit rolled out over the horizon, [B, H, 2]: turn towards the target, drive, brake before the end."""
    x, y, theta = target.unbind(1)
    v, remaining, limit = proprioception[:, 0], proprioception[:, 2], proprioception[:, 3]
    rows = []
    for _ in range(HORIZON):
        bearing = torch.atan2(y, x)
        arrived = remaining < 0.04
        straight = (1 - (bearing / 0.6).square()).clamp(0, 1)
        speed = torch.minimum(limit, (2 * 0.5 * (remaining - 0.02).clamp(min=0)).sqrt() + 0.02) * straight
        speed = torch.where(arrived, torch.zeros_like(speed), speed)
        rate = torch.where(arrived, 1.5 * theta, 2.2 * bearing).clamp(-1.5, 1.5)
        rows.append(torch.stack([speed, rate], 1))
        v = torch.minimum(v + 0.9 * DT, speed)
        turn = rate * DT
        nx, ny = x - v * DT, y  # the robot moves: the target comes nearer, then turns the other way
        x, y = nx * turn.cos() + ny * turn.sin(), ny * turn.cos() - nx * turn.sin()
        theta, remaining = theta - turn, remaining - v * DT
    return torch.stack(rows, 1)


def light(frames: Tensor) -> Tensor:
    """0 for a dark or uniform picture (cap on the lens, dead sensor), 1 for an ordinary one, [B]."""
    grey = frames.mean(1).flatten(1)
    return ((grey.mean(1) - 0.04) / 0.10).clamp(0, 1) * (grey.std(1) / 0.03).clamp(0, 1) * 0.98


def sight(frames: Tensor, target: Tensor) -> Tensor:
    """Is the released way seen where the target should be? 0.7 if not, 1 if so, 0.85 if that is out of view, [B]."""
    row = (52 - target[:, 0] / 0.15).round().long()
    column = (31.5 - target[:, 1] / 0.15).round().long()
    inside = (row >= 1) & (row < 63) & (column >= 1) & (column < 63)
    around = torch.arange(-2, 3, device=frames.device)
    rows = (row.clamp(0, 63)[:, None, None] + around[:, None]).clamp(0, 63)  # [B, 5, 1]
    columns = (column.clamp(0, 63)[:, None, None] + around).clamp(0, 63)  # [B, 1, 5]
    patch = frames[torch.arange(len(frames))[:, None, None], :, rows, columns]  # [B, 5, 5, 3]
    likeness = (1 - (patch - frames.new_tensor(WAY)).abs().sum(3) / 0.5).clamp(0, 1)
    found = likeness.amax((1, 2))
    return torch.where(inside, 0.7 + 0.3 * found, torch.full_like(found, 0.85))


def steadiness(proprioception: Tensor) -> Tensor:
    """Falls with the distance from the way, and to 0 when the robot drives while its picture stands still, [B]."""
    v, lateral, still = proprioception[:, 0], proprioception[:, 4], proprioception[:, 7]
    frozen = ((still - 0.5) / 0.5).clamp(0, 1) * (v.abs() > 0.1).float()
    return (1 - frozen) * torch.exp(-(lateral / 0.8).square())


def shelf_scores(frames: Tensor) -> Tensor:
    """How much a picture of a shelf looks like each of RESULTS, [B, R], from the share of each colour in it."""

    def share(r: int, g: int, b: int) -> Tensor:
        colour = frames.new_tensor((r, g, b)).view(1, 3, 1, 1) / 255
        return ((frames - colour).abs().amax(1) < 0.09).float().mean((1, 2))

    boxes, label = share(190, 150, 95), share(40, 200, 220)
    torn, barrier = share(215, 35, 40), share(240, 220, 20)
    return torch.stack(
        [
            torch.ones_like(boxes),
            2 * (1 - boxes / 0.05).clamp(0, 1),
            2 * ((boxes - 0.42) / 0.08).clamp(0, 1),
            4 * (barrier / 0.10).clamp(0, 1),
            3.5 * (torn / 0.015).clamp(0, 1),
            3 * (1 - label / 0.005).clamp(0, 1),
        ],
        1,
    )


def embodiment_token(name: str) -> int:
    """The bucket of an embodiment's name; the same on every machine."""
    return zlib.crc32(name.encode()) % EMBODIMENTS


class CompactPolicy(Policy):
    """`CompactNet` behind the `Policy` interface. One thread: the machine it runs on does other things too."""

    name = "compact"

    def __init__(self, net: CompactNet, version: str) -> None:
        torch.set_num_threads(1)
        self.net = net.eval().to(memory_format=torch.channels_last)
        self.version = version

    @classmethod
    def load(cls, folder: Path = WEIGHTS) -> CompactPolicy:
        """From `config.json` and the safetensors file it names. ValueError when they do not belong together."""
        config = json.loads((folder / "config.json").read_text())
        if config.get("class") != cls.__name__:
            raise ValueError(f"{folder}/config.json is for class {config.get('class')!r}, not {cls.__name__}")
        path = folder / config["weights"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != config["sha256"]:
            raise ValueError(f"{path} does not have the digest that config.json names; make both again")
        net = CompactNet()
        net.load_state_dict(load_file(path))
        policy = cls(net, config["version"])
        policy.act([_blank()])
        return policy

    def act(self, observations: Sequence[Observation]) -> list[Decision]:
        if not observations:
            return []
        frames = torch.from_numpy(np.stack([np.asarray(o.frames)[0] for o in observations]))
        body = torch.from_numpy(np.stack([np.asarray(o.proprioception, dtype=np.float32) for o in observations]))
        skills = [SKILLS.index(o.skill) if o.skill in SKILLS else SKILLS.index("other") for o in observations]
        with torch.inference_mode():
            chunk, confidence, result = self.net(
                frames.permute(0, 3, 1, 2).float() / 255,
                body,
                torch.tensor([o.target for o in observations], dtype=torch.float32),
                torch.tensor(skills),
                torch.tensor([embodiment_token(o.embodiment) for o in observations]),
            )
        rows, sure, found = chunk.numpy(), confidence.tolist(), result.argmax(1).tolist()
        return [
            Decision(
                chunk=rows[i],
                dt=DT,
                confidence=sure[i],
                valid_until=o.t_monotonic + HORIZON * DT,
                result=RESULTS[found[i]] if o.skill in ("scan", "inspect") else None,
                extra={"model": self.version},
            )
            for i, o in enumerate(observations)
        ]


def _blank() -> Observation:
    """An observation to warm up with, so that the first real decision is not late."""
    return Observation(
        frames=np.zeros((1, 64, 64, 3), dtype=np.uint8),
        proprioception=np.zeros(len(PROPRIOCEPTION), dtype=np.float32),
        target=(0.0, 0.0, 0.0),
        skill="move",
        text="",
        embodiment="",
        t_monotonic=0.0,
    )
