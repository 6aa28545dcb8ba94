#!/usr/bin/env python3
"""Writes models in the layouts in which they are published as .pt files. Needs torch and safetensors; nothing of it runs in the tests.

usage: make_checkpoints.py GOLDEN_MODELS OUT_DIR

dit-*.pt holds the tensors of GOLDEN_MODELS/dit_pixel, resnet.pth those of resnet_train. DiT-S-2-256x256.pt has the names and shapes of a
published DiT; its tensors share one storage, so that the file is small.
"""
import argparse, sys
from collections import OrderedDict
from pathlib import Path
import torch
from safetensors.torch import load_file

golden, out = map(Path, sys.argv[1:])
out.mkdir(parents=True, exist_ok=True)


def shared(storage, *shape):
    """A tensor that begins where the storage does."""
    return storage[:torch.Size(shape).numel()].view(*shape)


def checkpoint(ema):
    """What the reference implementation's training script saves: the trained network, its average, the optimiser and the arguments."""
    zeros = torch.zeros(max(v.numel() for v in ema.values()))
    trained = OrderedDict((k, shared(zeros, *v.shape)) for k, v in ema.items())
    optimiser = {"state": {0: {"step": torch.tensor(7.0), "exp_avg": torch.zeros(3)}},
                 "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.999), "foreach": None, "params": [0]}]}
    return {"model": trained, "ema": ema, "opt": optimiser, "args": argparse.Namespace(model="DiT-S/2", image_size=256)}


dit = OrderedDict(load_file(golden / "dit_pixel/model/model.safetensors"))
torch.save(dit, out / "dit-bare.pt")
torch.save(checkpoint(dit), out / "dit-ema.pt")
torch.save(OrderedDict(load_file(golden / "resnet_train/model/model.safetensors")), out / "resnet.pth")

d, depth, classes, size, p, c = 384, 12, 1000, 32, 2, 4
storage = torch.full((6 * d * d,), 0.25, dtype=torch.float16)
s = OrderedDict()


def put(name, *shape):
    s[name] = shared(storage, *shape)


def linear(name, i, o):
    put(name + ".weight", o, i)
    put(name + ".bias", o)


put("x_embedder.proj.weight", d, c, p, p)
put("x_embedder.proj.bias", d)
linear("t_embedder.mlp.0", 256, d)
linear("t_embedder.mlp.2", d, d)
put("y_embedder.embedding_table.weight", classes + 1, d)
put("pos_embed", 1, (size // p) ** 2, d)
for i in range(depth):
    b = f"blocks.{i}."
    linear(b + "attn.qkv", d, 3 * d)
    linear(b + "attn.proj", d, d)
    linear(b + "mlp.fc1", d, 4 * d)
    linear(b + "mlp.fc2", 4 * d, d)
    linear(b + "adaLN_modulation.1", d, 6 * d)
linear("final_layer.linear", d, p * p * 2 * c)
linear("final_layer.adaLN_modulation.1", d, 2 * d)
torch.save(s, out / "DiT-S-2-256x256.pt")
