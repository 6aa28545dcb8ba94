#!/usr/bin/env python3
"""Makes the golden case of a residual network with timm's deep stem and averaging shortcuts, on images of one channel and odd sizes, in double precision.

usage: make_resnet_timm.py --out DIR --seed N

Needs torch, torchvision (its Python alone), timm, safetensors. The network is timm's own; its config.json is as timm publishes it.
"""
import argparse, json
from pathlib import Path
import numpy as np, torch
import tv                                                                     # noqa: before torchvision
import timm
from timm.models.resnet import Bottleneck, ResNet
from torch import nn
from safetensors.torch import save_file

ap = argparse.ArgumentParser(); ap.add_argument("--out", required=True); ap.add_argument("--seed", type=int, required=True)
args = ap.parse_args(); gen = torch.Generator().manual_seed(args.seed); rnd = lambda *s: torch.randn(*s, generator=gen)

def plain_norm(self, x):                                                      # written out: the built-in one trips over forward mode
    c = (1, -1, 1, 1)
    return (x - self.running_mean.reshape(c)) / torch.sqrt(self.running_var.reshape(c) + self.eps) * self.weight.reshape(c) + self.bias.reshape(c)

m = ResNet(Bottleneck, [1, 1, 1, 1], num_classes=5, in_chans=1, stem_width=3, stem_type="deep", avg_down=True, channels=(4, 8, 16, 32)).eval()
m.conv1[6], m.bn1 = nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
m.layer1[0].conv1, m.layer1[0].downsample[1] = nn.Conv2d(6, 4, 1, bias=False), nn.Conv2d(6, 16, 1, bias=False)
for mod in m.modules():
    if isinstance(mod, nn.ReLU): mod.inplace = False
    with torch.no_grad():
        if isinstance(mod, nn.BatchNorm2d):
            mod.weight.copy_(1 + 0.2 * rnd(*mod.weight.shape)); mod.bias.copy_(0.2 * rnd(*mod.bias.shape))
            mod.running_mean.copy_(0.2 * rnd(*mod.bias.shape)); mod.running_var.copy_(0.5 + rnd(*mod.bias.shape).abs()); mod.num_batches_tracked.fill_(17)
        elif isinstance(mod, (nn.Conv2d, nn.Linear)): mod.weight.copy_(rnd(*mod.weight.shape) * (2 / mod.weight[0].numel()) ** 0.5)
m.eval(); sd = {k: v.clone() for k, v in m.state_dict().items()}; x = rnd(2, 1, 37, 29)
with torch.no_grad(): built_in = m(x)
nn.BatchNorm2d.forward = plain_norm
for mod in m.modules():
    if isinstance(mod, nn.BatchNorm2d): mod.forward = plain_norm.__get__(mod)
m.double(); X = x.double(); inputs, out = dict(x=x), {}
with torch.no_grad(): assert (m(X) - built_in).norm() < 1e-5 * built_in.norm()
def feature(z, path):
    if path == "output": return m(z)
    box = {}; h = m.get_submodule(path).register_forward_hook(lambda mod, i, o: box.__setitem__("o", o)); m(z); h.remove(); return box["o"]
layer, layers = "layer3", ["conv1.0", "conv1.5", "conv1", "act1", "layer1", "layer2.0.downsample", "layer3", "global_pool"]
out["output"] = m(X)
for l in layers: out[f"features/{l}"] = feature(X, l)
y = out[f"features/{layer}"]; V, U = rnd(3, *x.shape), rnd(3, *y.shape); inputs |= dict(tangents=V, cotangents=U)
out[f"jvp/{layer}"] = torch.stack([torch.func.jvp(lambda z: feature(z, layer), (X,), (v.double(),))[1] for v in V])
pull = torch.func.vjp(lambda z: feature(z, layer), X)[1]; out[f"vjp/{layer}"] = torch.stack([pull(u.double())[0] for u in U])
Z = X.clone().requires_grad_(True); o = m(Z); w = rnd(*o.shape); inputs["loss_weights"] = w; ps = list(m.named_parameters())
g = torch.autograd.grad((o * w.double()).sum(), [p for _, p in ps] + [Z])
for (n, _), gi in zip(ps, g): out[f"grad/{n}"] = gi
out["grad/input"] = g[-1]
d = Path(args.out) / "resnet_d"; (d / "model").mkdir(parents=True, exist_ok=True)
(d / "model" / "config.json").write_text(json.dumps(dict(architecture="resnet26d", num_classes=5, num_features=128, global_pool="avg", pretrained_cfg=dict(tag="none", input_size=[1, 224, 224])), indent=1))
save_file({k: v.contiguous() for k, v in sd.items()}, str(d / "model" / "model.safetensors"))
np.savez(d / "inputs.npz", **{k: v.numpy() for k, v in inputs.items()})
np.savez(d / "expected.npz", **{k: v.detach().float().numpy() for k, v in out.items()})
(d / "case.json").write_text(json.dumps(dict(name="resnet_d", model="resnet_d/model", compute=["forward"] + [f"features:{l}" for l in layers] + [f"jvp:{layer}", f"vjp:{layer}", "grad"],
    options=[], note="timm's ResNet-D: deep stem, shortcuts that halve by a mean (of 2 x 2, fewer at odd edges); one channel; running statistics", seed=args.seed, tolerance={"relative_l2": 2e-5},
    made_with=dict(torch=torch.__version__, timm=timm.__version__, precision="float64 arithmetic on float32 weights and inputs")), indent=1))
print(sum(f.stat().st_size for f in d.rglob("*") if f.is_file()) // 1024, "KiB")
