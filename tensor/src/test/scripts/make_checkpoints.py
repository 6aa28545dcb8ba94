#!/usr/bin/env python3
"""Writes the same tensors in every layout that a checkpoint may have. Needs torch and safetensors; nothing of it runs in the tests.

usage: make_checkpoints.py OUT_DIR

plain.safetensors is the reference. Every other file holds the same names, shapes, types and bits, but for those named refused-*, and
expanded.pt, whose reference is expanded.safetensors.
"""
import argparse, json, sys
from collections import OrderedDict
from pathlib import Path
import torch
from safetensors.torch import save_file

out = Path(sys.argv[1]); out.mkdir(parents=True, exist_ok=True)
g = torch.Generator().manual_seed(20)
r = lambda *s: torch.randn(*s, generator=g)
t = OrderedDict()
t["a.weight"] = r(3, 5)
t["a.bias"] = r(3)
t["half"] = r(2, 7).half()
t["bfloat"] = r(7).bfloat16()
t["double"] = r(1, 3).double()
t["count"] = torch.tensor(17)
t["index"] = torch.arange(5, dtype=torch.int32)
t["bytes"] = torch.arange(9, dtype=torch.uint8)
t["mask"] = torch.tensor([True, False, True])
t["empty"] = torch.zeros(2, 0, 3)
base = r(6, 4)
t["transposed"] = base.t()[1:, 2:]                # strides (1, 4) and an offset
t["shared"] = base.reshape(-1)[3:9]               # the same storage

dense = {k: v.contiguous().clone() for k, v in t.items()}
save_file(dense, str(out / "plain.safetensors"))
torch.save(t, out / "bare.pt")
torch.save(dict(t), out / "dict-protocol4.pt", pickle_protocol=4)
other = OrderedDict((k, torch.zeros_like(v)) for k, v in t.items())
args = argparse.Namespace(model="DiT-XL/2", lr=1e-4, steps=2**40, names=["a", ("b", None, True)])
opt = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 1e-4, "betas": (0.9, 0.999), "params": [0]}]}
torch.save({"model": other, "ema": t, "opt": opt, "args": args}, out / "ema.pt")

class M(torch.nn.Module):
    pass
m = M(); m.a = torch.nn.Linear(5, 3)
with torch.no_grad(): m.a.weight.copy_(t["a.weight"]); m.a.bias.copy_(t["a.bias"])
p = OrderedDict(t); p["a.weight"], p["a.bias"] = m.a.weight, m.a.bias      # Parameters
torch.save({"state_dict": p, "epoch": 3}, out / "parameters.pt")

names = list(dense)
shards = {"w-00001-of-00002.safetensors": names[:5], "w-00002-of-00002.safetensors": names[5:]}
for f, ns in shards.items(): save_file({n: dense[n] for n in ns}, str(out / f))
(out / "w.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": 1234, "nested": [1, {"a": None}]}, "weight_map": {n: f for f, ns in shards.items() for n in ns}}, indent=1))

torch.save(t, out / "refused-legacy.pt", _use_new_zipfile_serialization=False)
torch.save(m, out / "refused-module.pt")
torch.save({"a": torch.zeros(2), "when": __import__("datetime").date(2020, 1, 1)}, out / "refused-global.pt")
torch.save(t["a.weight"], out / "refused-tensor.pt")
torch.save({"a": torch.zeros(2, dtype=torch.int8)}, out / "refused-type.pt")

e = OrderedDict()
e["rows"] = r(3).expand(4, 3)                     # strides (0, 1)
e["columns"] = r(2, 1).expand(2, 5)[:, 1:]        # strides (1, 0)
e["scalar"] = torch.tensor(2.5).expand(2, 2, 2)
e["windows"] = r(6).unfold(0, 3, 1)               # strides (1, 1): [4, 3] out of 6 elements
save_file({k: v.contiguous().clone() for k, v in e.items()}, str(out / "expanded.safetensors"))
torch.save(e, out / "expanded.pt")
torch.save({"a": torch.zeros(1).expand(2**25)}, out / "refused-expanded.pt")
