#!/usr/bin/env python3
"""Makes the golden cases of residual networks from torchvision's blocks, in double precision. Needs torch, torchvision and safetensors.

usage: make_resnet.py --out DIR --seed N

torchvision's constructor fixes the stem's width at 64; `Narrow` is its constructor with another width, everything else is torchvision's.
"""
import argparse, json
from pathlib import Path
import numpy as np, torch
import tv                                                                     # noqa: before torchvision
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from safetensors.torch import save_file

ap = argparse.ArgumentParser(); ap.add_argument("--out", required=True); ap.add_argument("--seed", type=int, required=True)
args = ap.parse_args(); gen = torch.Generator().manual_seed(args.seed); rnd = lambda *s: torch.randn(*s, generator=gen)

class Narrow(ResNet):
    def __init__(self, block, layers, num_classes, width, stem, groups=1, width_per_group=64):
        nn.Module.__init__(self); self._norm_layer = nn.BatchNorm2d
        self.inplanes, self.dilation, self.groups, self.base_width = width, 1, groups, width_per_group
        imagenet = stem == "imagenet"
        self.conv1 = nn.Conv2d(3, width, 7 if imagenet else 3, 2 if imagenet else 1, 3 if imagenet else 1, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(width), nn.ReLU(inplace=False)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if imagenet else nn.Identity()
        for i, n in enumerate(layers): setattr(self, f"layer{i + 1}", self._make_layer(block, width << i, n, stride=1 if i == 0 else 2))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d((1, 1)), nn.Linear((width << 3) * block.expansion, num_classes)

def plain_norm(self, x):                                                      # written out, without the buffers' update: for forward mode
    dims = (0, 2, 3)
    mean, var = (x.mean(dims), x.var(dims, unbiased=False)) if self.training else (self.running_mean, self.running_var)
    c = (1, -1, 1, 1)
    return (x - mean.reshape(c)) / torch.sqrt(var.reshape(c) + self.eps) * self.weight.reshape(c) + self.bias.reshape(c)
nn.BatchNorm2d.forward = plain_norm

def case(name, block, size, batch, layer, train, **kw):
    m = Narrow({"BasicBlock": BasicBlock, "Bottleneck": Bottleneck}[block], **kw)
    for mod in m.modules():
        if isinstance(mod, nn.ReLU): mod.inplace = False
        if isinstance(mod, nn.BatchNorm2d):
            with torch.no_grad():
                mod.weight.copy_(1 + 0.2 * rnd(*mod.weight.shape)); mod.bias.copy_(0.2 * rnd(*mod.bias.shape))
                mod.running_mean.copy_(0.2 * rnd(*mod.bias.shape)); mod.running_var.copy_(0.5 + rnd(*mod.bias.shape).abs())
                mod.num_batches_tracked.fill_(17)
        elif isinstance(mod, (nn.Conv2d, nn.Linear)):
            with torch.no_grad(): mod.weight.copy_(rnd(*mod.weight.shape) * (2 / mod.weight[0].numel()) ** 0.5)
    sd = {k: v.clone() for k, v in m.state_dict().items()}
    m.double().train(train)
    x = rnd(batch, 3, size, size); X = x.double(); inputs, out = dict(x=x), {}
    def feature(z, path):
        if path == "output": return m(z)
        box = {}; h = m.get_submodule(path).register_forward_hook(lambda mod, i, o: box.__setitem__("o", o)); m(z); h.remove(); return box["o"]
    out["output"] = m(X); layers = ["layer1.0.conv2", "layer2", layer, "avgpool"]
    for l in layers: out[f"features/{l}"] = feature(X, l)
    y = out[f"features/{layer}"]; V, U = rnd(3, *x.shape), rnd(3, *y.shape); inputs |= dict(tangents=V, cotangents=U)
    out[f"jvp/{layer}"] = torch.stack([torch.func.jvp(lambda z: feature(z, layer), (X,), (v.double(),))[1] for v in V])
    pull = torch.func.vjp(lambda z: feature(z, layer), X)[1]; out[f"vjp/{layer}"] = torch.stack([pull(u.double())[0] for u in U])
    compute = ["forward"] + [f"features:{l}" for l in layers] + [f"jvp:{layer}", f"vjp:{layer}", "grad"]
    if not train:
        ss, vs = [], []
        for b in range(batch):
            J = torch.func.jacrev(lambda z: feature(z[None], layer)[0].reshape(-1))(X[b]).reshape(-1, X[b].numel())
            _, s, vh = torch.linalg.svd(J, full_matrices=False); ss.append(s[:4]); vs.append(vh[:4].reshape(4, *X[b].shape))
        out[f"svd/{layer}/s"], out[f"svd/{layer}/v"] = torch.stack(ss), torch.stack(vs); compute.insert(-1, f"svd:{layer}:4")
    Z = X.clone().requires_grad_(True); o = m(Z); w = rnd(*o.shape); inputs["loss_weights"] = w; ps = list(m.named_parameters())
    g = torch.autograd.grad((o * w.double()).sum(), [p for _, p in ps] + [Z])
    for (n, _), gi in zip(ps, g): out[f"grad/{n}"] = gi
    out["grad/input"] = g[-1]
    d = Path(args.out) / name; (d / "model").mkdir(parents=True, exist_ok=True)
    (d / "model" / "config.json").write_text(json.dumps(dict(_class_name="ResNet", block=block, **kw), indent=1))
    save_file({k: v.contiguous() for k, v in sd.items()}, str(d / "model" / "model.safetensors"))
    np.savez(d / "inputs.npz", **{k: v.numpy() for k, v in inputs.items()})
    np.savez(d / "expected.npz", **{k: v.detach().numpy() if k.endswith("/s") else v.detach().float().numpy() for k, v in out.items()})
    (d / "case.json").write_text(json.dumps(dict(name=name, model=f"{name}/model", compute=compute, options=["--mode", "train"] if train else [],
        note="torchvision's blocks; " + ("batch statistics" if train else "running statistics"), seed=args.seed,
        tolerance={"relative_l2": 5e-5 if train else 2e-5, "subspace_angle": 1e-3, "sigma_relative": 1e-4},
        made_with=dict(torch=torch.__version__, torchvision=torchvision.__version__, precision="float64 arithmetic on float32 weights and inputs")), indent=1))
    print(name, sum(f.stat().st_size for f in d.rglob("*") if f.is_file()) // 1024, "KiB")

case("resnet_basic", "BasicBlock", 24, 2, "layer3", False, layers=[2, 1, 1, 2], num_classes=7, width=4, stem="imagenet")
case("resnet_wide", "Bottleneck", 12, 3, "layer2.0", False, layers=[1, 2, 1, 1], num_classes=5, width=4, stem="cifar", width_per_group=128)
case("resnet_train", "BasicBlock", 12, 5, "layer4", True, layers=[1, 1, 1, 1], num_classes=6, width=4, stem="cifar")
