#!/usr/bin/env python3
"""Makes the golden case of a linear classifier of images, torch.nn.Linear behind torch.nn.Flatten, in double precision.

usage: make_linear.py --out DIR --seed N

Needs torch, safetensors.
"""
import argparse, json
from pathlib import Path
import numpy as np, torch
from torch import nn
from safetensors.torch import save_file

ap = argparse.ArgumentParser(); ap.add_argument("--out", required=True); ap.add_argument("--seed", type=int, required=True)
args = ap.parse_args(); gen = torch.Generator().manual_seed(args.seed); rnd = lambda *s: torch.randn(*s, generator=gen)

linear = nn.Linear(3 * 7 * 5, 6)
with torch.no_grad(): linear.weight.copy_(rnd(*linear.weight.shape) * 0.1); linear.bias.copy_(rnd(6))
sd = {k: v.clone() for k, v in linear.state_dict().items()}
m = nn.Sequential(nn.Flatten(), linear).double(); x = rnd(4, 3, 7, 5); X = x.double(); V, U, w = rnd(3, *x.shape), rnd(3, 4, 6), rnd(4, 6)
inputs, out = dict(x=x, tangents=V, cotangents=U, loss_weights=w), dict(output=m(X))
out["jvp/output"] = torch.stack([torch.func.jvp(m, (X,), (v.double(),))[1] for v in V])
pull = torch.func.vjp(m, X)[1]; out["vjp/output"] = torch.stack([pull(u.double())[0] for u in U])
Z = X.clone().requires_grad_(True)
g = torch.autograd.grad((m(Z) * w.double()).sum(), [linear.weight, linear.bias, Z])
out |= dict(zip(["grad/weight", "grad/bias", "grad/input"], g))
d = Path(args.out) / "linear"; (d / "model").mkdir(parents=True, exist_ok=True)
(d / "model" / "config.json").write_text(json.dumps(dict(_class_name="Linear", in_features=105, out_features=6, bias=True), indent=1))
save_file(sd, str(d / "model" / "model.safetensors"))
np.savez(d / "inputs.npz", **{k: v.numpy() for k, v in inputs.items()})
np.savez(d / "expected.npz", **{k: v.detach().float().numpy() for k, v in out.items()})
(d / "case.json").write_text(json.dumps(dict(name="linear", model="linear/model", compute=["forward", "jvp:output", "vjp:output", "grad"], options=[],
    note="torch.nn.Linear of an image's values, channel after channel", seed=args.seed, tolerance={"relative_l2": 2e-5},
    made_with=dict(torch=torch.__version__, precision="float64 arithmetic on float32 weights and inputs")), indent=1))
print(sum(f.stat().st_size for f in d.rglob("*") if f.is_file()) // 1024, "KiB")
