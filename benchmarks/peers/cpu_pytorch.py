#!/usr/bin/env python3
"""Our models and layers beside PyTorch eager, in turns on one thread.

usage: benchmarks/peers/cpu_pytorch.py CLASSPATH RESULTS.jsonl [PART...]     in the repository's root; needs torch and numpy, and Java 25 as `java`

CLASSPATH is that of README's benchmark command. PART: layers, dit, dit-xl, unet, derivatives, svd, svd-dit-s, training, student, attack; by default all. Each work is done by
dev.canonica.benchmarks.work.WorkServer and by PyTorch, which take turns of at least a tenth of a second; both measure the processor time of their whole process.
The two begin with the same weights and inputs, and a result that differs from ours ends the run; only DiT-XL/2 (too large to hand over; it is
DiT-S/2's code), the training of DiT and that of a student (which draw their own noise and images) have weights of their own. A line of JSON for each goes to RESULTS.jsonl.

The part attack needs a checkout of fra31/auto-attack, in the environment variable AUTO_ATTACK; none of its code is here.

Forward passes and training use PyTorch's fused attention; derivatives are torch.func's with the attention spelled out, since forward mode does not
go through the fused one. Our decomposition of a Jacobian has two peers: randomized subspace iteration (Halko, Martinsson & Tropp 2011, Algorithm 4.4)
until it is as near to a reference as ours, and the products alone that our own algorithm takes.
"""
import math, os, sys
import torch, torch.nn.functional as F
from torch.func import jvp, vjp, vmap

from dit_pytorch import Dit
from layers_pytorch import ResNet18, SmallResNet, UnetStart
from server import Server, check, keep_memory, record, turns

# width, depth, heads, patch, channels, classes, channels of the output
SIZES = {"shipped": (192, 5, 3, 4, 3, 10, 3), "DiT-S/2": (384, 12, 6, 2, 4, 1000, 8), "DiT-XL/2": (1152, 28, 16, 2, 4, 1000, 8)}
RANK, OUR_BLOCK, THEIR_BLOCK, MOST_SWEEPS = 10, 3, 20, 300                  # docs/svd.md: these need the fewest products of either iteration


def dit(preset, arrays=None):
    width, depth, heads, patch, channels, classes, out = SIZES[preset]
    model = Dit(32, patch, channels, width, depth, heads, classes, out).eval().requires_grad_(False)
    if arrays:
        model.load_ours(arrays)
    return model


def inference(f, *args):
    def work():
        with torch.inference_mode():
            return f(*args)
    return work


def silu(a):
    return inference(F.silu, a["x"])


def layer_norm(a):
    return inference(F.layer_norm, a["x"], a["x"].shape[-1:], None, None, 1e-6)


def group_norm(a):
    return inference(F.group_norm, a["x"], 32, a["scale"], a["shift"], 1e-5)


def attention(heads):
    def make(a):
        split = lambda t: t.unflatten(-1, (heads, -1)).transpose(1, 2)

        def f():
            return F.scaled_dot_product_attention(split(a["q"]), split(a["k"]), split(a["v"])).transpose(1, 2).flatten(2)
        return inference(f)
    return make


def forward(preset, batch):
    def make(a):
        model = dit(preset, a)
        return inference(model, a["x"], torch.full((batch,), 500.0), torch.zeros(batch, dtype=torch.long))
    return make


def unet_start(channels, part, a):
    """The first residual block of Stable Diffusion 2.1's U-Net with what leads to it, or with the transformer block after it, and its inputs by name."""
    model = UnetStart(channels, 1024, part == "attentions").eval()
    model.load_state_dict({k: v for k, v in a.items() if k in model.state_dict()})
    return model, {"x": a["x"], "t": torch.tensor([500.0]), "context": a["context"]}


def unet(channels, part):
    def make(a):
        model, named = unet_start(channels, part, a)
        return inference(model, *named.values())
    return make


def features(model, t, y, blocks):
    """The function whose Jacobian is asked: the features after so many blocks, with attention that forward mode goes through."""
    for block in model.blocks:
        block.fused = False
    return lambda v: model(v, t, y, blocks)


def last_block(preset, a):
    model = dit(preset, a)
    return features(model, torch.tensor([500.0]), torch.tensor([0]), len(model.blocks))


def push(preset):
    def make(a):
        f = last_block(preset, a)
        return lambda: vmap(lambda d: jvp(f, (a["x"],), (d,))[1])(a["d"])     # torch has no cheaper form that it keeps
    return make


def pull(preset):
    def make(a):
        _, back = vjp(last_block(preset, a), a["x"])                          # linearised once, as ours is
        return lambda: vmap(back)(a["d"])[0]
    return make


class Products:
    """J V and Jᵀ U of blocks of directions, as rows, at one image."""

    def __init__(self, f, x):
        self.f, self.x = f, x
        y, self.back = vjp(f, x)
        self.range = y.shape

    def push(self, v):
        return vmap(lambda d: jvp(self.f, (self.x,), (d,))[1])(v.reshape(-1, *self.x.shape)).flatten(1)

    def pull(self, u):
        return vmap(self.back)(u.reshape(-1, *self.range))[0].flatten(1)


class Subspace:
    """Subspace iteration; a sweep is one push and one pull of a block of so many vectors."""

    def __init__(self, f, x, block):
        self.products = Products(f, x)
        self.block = torch.linalg.qr(torch.randn(x.numel(), block))[0].T

    def sweep(self):
        """The leading right singular vectors so far, as rows."""
        q = torch.linalg.qr(self.products.push(self.block).T)[0].T
        self.block = torch.linalg.svd(self.products.pull(q).T, full_matrices=False)[0].T
        return self.block[:RANK]


def angle(v, reference):
    q, r = (torch.linalg.qr(m.double().T)[0] for m in (v, reference))
    return math.asin(min(1.0, torch.linalg.matrix_norm(q - r @ (r.T @ q), 2).item()))


def decomposition(subject):
    """The peers of our decomposition, as a sweep of each and the number of sweeps: subspace iteration until it is as near to the reference as ours, and
    the products that ours takes, without any orthogonalisation."""
    def make(a):
        model = dit(subject, a)
        f = features(model, a["t"], a["y"], int(a["blocks"]))
        check(subject, a["expected"], f(a["x"]))
        ours, products = angle(a["v"], a["reference"]), int(a["products"])
        peer, sweeps, reached = Subspace(f, a["x"], THEIR_BLOCK), 0, math.inf
        while reached > ours:
            if sweeps == MOST_SWEEPS:
                sys.exit(f"{subject}: subspace iteration is at an angle of {reached:.1e} after {sweeps} sweeps, ours at {ours:.1e}")
            reached = angle(peer.sweep(), a["reference"])
            sweeps += 1
        print(f"{subject}: largest principal angle to the reference: ours {ours:.1e} after {products} products, "
              f"subspace iteration {reached:.1e} after {2 * sweeps * THEIR_BLOCK}", flush=True)
        p, v, u = Products(f, a["x"]), torch.ones(OUR_BLOCK, a["x"].numel()), torch.ones(OUR_BLOCK, a["expected"].numel())
        return {"PyTorch, subspace iteration": (peer.sweep, sweeps), "PyTorch, our products": (lambda: (p.push(v), p.pull(u)), products / (2 * OUR_BLOCK))}
    return make


def training_dit(preset, n, wrap=lambda model: model):
    width, depth, heads, patch, channels, classes, _ = SIZES[preset]
    model = wrap(Dit(32, patch, channels, width, depth, heads, classes, channels))    # nobody trains the variance
    parameters = [p for p in model.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in parameters]
    optimiser = torch.optim.AdamW(parameters, lr=1e-4)
    images = torch.randn(10 * n, channels, 32, 32)

    def work():
        index = torch.randint(10 * n, (n,))
        x0, noise, t = images[index], torch.randn(n, channels, 32, 32), torch.randint(1000, (n,))
        y = torch.where(torch.rand(n) < 0.1, classes, index % 10)
        level = (t + 1) / 1000 * math.pi / 2
        c, s = (g(level)[:, None, None, None] for g in (torch.cos, torch.sin))
        loss = F.mse_loss(model(c * x0 + s * noise, t.float(), y), c * noise - s * x0)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1)
        optimiser.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 1e-3)
    return work


def training_resnet(a, wrap=lambda model: model):
    model = wrap(ResNet18(10))
    if a:
        model.load_state_dict({k: v for k, v in a.items() if k not in ("x", "y", "expected")}, strict=False)
    else:                                                                     # a student's step draws its own images; here they are there already
        a = {"x": torch.randn(64, 3, 32, 32), "y": torch.arange(64) % 10}
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

    def work():
        loss = F.cross_entropy(model(a["x"]), a["y"])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()
    return work


def apgd(network):
    def make(a):
        sys.path.insert(0, os.environ["AUTO_ATTACK"])
        from autoattack.autopgd_base import APGDAttack
        model = SmallResNet(10) if network == "golden" else ResNet18(10)
        model.load_state_dict({k: v for k, v in a.items() if k not in ("x", "y", "expected")}, strict=False)
        model.eval().requires_grad_(False)
        check(network, a["expected"], model(a["x"]))
        attack = APGDAttack(model, n_iter=10, norm="Linf", n_restarts=1, eps=8 / 255, seed=0, loss="ce", device="cpu")
        return {"PyTorch, auto-attack": (lambda: attack.perturb(a["x"], a["y"]), 1)}
    return make


# part: benchmark, shape, the words of WorkServer, what makes the peer from our arrays
WORKS = {
    "layers": [
        ("SiLU", "256 × 1536", "silu 393216", silu),
        ("layer norm", "256 × 384", "layernorm 256 384", layer_norm),
        ("layer norm", "4096 × 320", "layernorm 4096 320", layer_norm),
        ("group norm", "1 × 320 × 64², 32 groups", "groupnorm 320 64", group_norm),
        ("group norm", "1 × 1280 × 16², 32 groups", "groupnorm 1280 16", group_norm),
        ("attention", "T = 256, 6 heads of 64", "attention 256 256 6 64", attention(6)),
        ("attention", "T = 1024, 6 heads of 64", "attention 1024 1024 6 64", attention(6)),
        ("attention", "4096 queries, 77 keys, 5 heads of 64", "attention 4096 77 5 64", attention(5)),
    ],
    "dit": [("forward", f"DiT-S/2, batch {b}", f"dit DiT-S/2 {b}", forward("DiT-S/2", b)) for b in (1, 8)],
    "dit-xl": [("forward", f"DiT-XL/2, batch {b}", f"dit DiT-XL/2 {b}", forward("DiT-XL/2", b)) for b in (1, 8)],
    "unet": [
        ("forward", f"SD 2.1 {name}, {c} × {s}²", f"unet {c} {s} {part}", unet(c, part))
        for name, part, shapes in (
            ("residual block", "resnets", ((320, 64), (640, 32), (1280, 16), (1280, 8))),
            ("residual and transformer block", "attentions", ((320, 64), (640, 32), (1280, 16))),
        )
        for c, s in shapes
    ],
    "derivatives": [
        ("derivatives", "push of 12, DiT-S/2, last block", "push DiT-S/2 12", push("DiT-S/2")),
        ("derivatives", "pull of 12, DiT-S/2, last block", "pull DiT-S/2 12", pull("DiT-S/2")),
    ],
    "svd": [("SVD of a Jacobian", "n = 10, shipped model, blocks.3", "svd shipped", decomposition("shipped"))],
    "svd-dit-s": [("SVD of a Jacobian", "n = 10, DiT-S/2 with random weights, last block", "svd DiT-S/2", decomposition("DiT-S/2"))],
    "training": [
        ("training step", "DiT, 3.5 M parameters, 64 images", "traindit", lambda _: training_dit("shipped", 64)),
        ("training step", "ResNet-18, 64 images of 32²", "trainresnet", training_resnet),
    ],
    "student": [("training step", "distill, vanilla, ResNet-18, 64 images of 32²", "trainstudent", training_resnet)],
    "attack": [
        ("APGD-CE, 10 steps", "golden network, 64 images of 32²", "apgd golden", apgd("golden")),
        ("APGD-CE, 10 steps", "ResNet-18, 64 images of 32²", "apgd resnet18", apgd("resnet18")),
    ],
}


def main():
    if len(sys.argv) < 3 or not set(sys.argv[3:]) <= set(WORKS):
        sys.exit(__doc__)
    keep_memory()
    torch.set_num_threads(1)
    torch.backends.nnpack.set_flags(False)                                    # where it is not supported, it says so at each call
    torch.manual_seed(0)
    server = Server(sys.argv[1])
    for part in sys.argv[3:] or WORKS:
        for benchmark, shape, words, make in WORKS[part]:
            arrays = peers = work = None                                      # large networks: give the last one back before the next
            arrays = server.make(words)
            peers = make(arrays)
            if not isinstance(peers, dict):
                if "expected" in arrays:
                    check(shape, arrays["expected"], peers())
                peers = {"PyTorch": (peers, 1)}
            for peer, (work, times) in peers.items():
                ours, theirs, ratio = turns(server, work, times)
                record(sys.argv[2], server, benchmark, shape, peer, f"PyTorch {torch.__version__}", ours, theirs, ratio)


if __name__ == "__main__":
    main()
