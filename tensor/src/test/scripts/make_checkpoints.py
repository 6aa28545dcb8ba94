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

torch.save(t, out / "legacy.pt", _use_new_zipfile_serialization=False)
for half, ns in {"1": names[:5], "2": names[5:]}.items(): torch.save({n: t[n] for n in ns}, out / f"b-{half}.bin")
(out / "b.bin.index.json").write_text(json.dumps({"metadata": {"total_size": 1234}, "weight_map": {n: f"b-{half}.bin" for half, ns in {"1": names[:5], "2": names[5:]}.items() for n in ns}}))
# what training scripts put around a model, and the names that they give it
torch.save({"ema": {"decay": 0.999, "num_updates": torch.tensor(3)}, "model_state_dict": t, "loss": torch.zeros(3)}, out / "decay.pt")
torch.save({"ema": {"decay": torch.tensor(0.999), "state_dict": t}, "model": other}, out / "ema-state-dict.pt")
for key in ("net", "params_ema", "model_ema"): torch.save({key: t, "optimizer": opt}, out / f"{key}.pt")
torch.save(m, out / "refused-module.pt")
torch.save({"a": torch.zeros(2), "when": __import__("datetime").date(2020, 1, 1)}, out / "refused-global.pt")
torch.save(t["a.weight"], out / "refused-tensor.pt")

# types that are widened, beside values that are let pass
small = {"i8": torch.tensor([-128, 127, 5], dtype=torch.int8), "i16": torch.tensor([[-32768, 7], [0, 32767]], dtype=torch.int16).t(), "u16": torch.tensor([65535, 1], dtype=torch.uint16),
         "u32": torch.tensor([4294967295, 2], dtype=torch.uint32), "u64": torch.tensor([2**62, 3], dtype=torch.uint64)}
eights = torch.arange(256, dtype=torch.uint8)
for name, kind in {"e4m3": torch.float8_e4m3fn, "e5m2": torch.float8_e5m2, "e8m0": torch.float8_e8m0fnu}.items(): small[name] = eights.view(kind)
wide = {k: v.float() if v.is_floating_point() else v.to(torch.int64 if k in ("u32", "u64") else torch.int32).contiguous().clone() for k, v in small.items()}
save_file(wide, str(out / "widened.safetensors"))
import numpy, collections, pathlib
beside = {"size": torch.Size([2, 3]), "type": torch.float32, "device": torch.device("cpu"), "bytes": b"abc", "big": 2**100, "set": {1, 2}, "complex": 1 + 2j, "path": pathlib.PurePosixPath("a"),
          "number": numpy.float64(3.0), "array": numpy.zeros(3), "default": collections.defaultdict(int, a=1), ("a", 1): 3, None: torch.zeros(1), 7: "seven", "\ud83d": torch.zeros(1), "complex64": torch.zeros(2, dtype=torch.complex64)}
torch.save({**small, **beside}, out / "types.pt")
torch.save({**small, **beside}, out / "types-protocol4.pt", pickle_protocol=4)
torch.save({**small, **{k: v for k, v in beside.items() if k != "complex64"}, "complex64": torch.zeros(2, dtype=torch.complex64)}, out / "types-legacy.pt", _use_new_zipfile_serialization=False)
save_file({**{k: v.contiguous().clone() for k, v in small.items()}, "complex64": torch.zeros(2, dtype=torch.complex64)}, str(out / "types.safetensors"))

e = OrderedDict()
e["rows"] = r(3).expand(4, 3)                     # strides (0, 1)
e["columns"] = r(2, 1).expand(2, 5)[:, 1:]        # strides (1, 0)
e["scalar"] = torch.tensor(2.5).expand(2, 2, 2)
e["windows"] = r(6).unfold(0, 3, 1)               # strides (1, 1): [4, 3] out of 6 elements
save_file({k: v.contiguous().clone() for k, v in e.items()}, str(out / "expanded.safetensors"))
torch.save(e, out / "expanded.pt")
torch.save({"a": torch.zeros(1).expand(2**25)}, out / "refused-expanded.pt")
