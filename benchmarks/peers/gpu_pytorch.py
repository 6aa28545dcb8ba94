#!/usr/bin/env python3
"""PyTorch's times of the work that dev.canonica.benchmarks.gpu.Timings does, under the same names.

usage: gpu_pytorch.py [--device cpu] [--quick] RESULTS.jsonl ROUND WORK...      WORK: gemm, attention, convolution, dit, svd; appends a JSON object a line to RESULTS.jsonl
  --device  cuda where there is one, by default
  --quick   the smallest of each kind, once: shows that this works, and measures nothing

Single precision without TF32, as ours is by default. The network is that of dit_pytorch.py; derivatives are torch.func's, with the attention
spelled out, since forward mode does not go through the fused one.
"""
import argparse, json, math, statistics, sys, time
from pathlib import Path
import torch
from torch.func import jvp, vjp, vmap

sys.path.insert(0, str(Path(__file__).parent))
from dit_pytorch import Dit

torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(0)
ARGUMENTS = argparse.ArgumentParser(usage=__doc__, add_help=False)
ARGUMENTS.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
ARGUMENTS.add_argument("--quick", action="store_true")
ARGUMENTS.add_argument("results")
ARGUMENTS.add_argument("round", type=int)
ARGUMENTS.add_argument("works", nargs="+", choices=["gemm", "attention", "convolution", "dit", "svd"])
ASKED = ARGUMENTS.parse_args()
DEVICE = ASKED.device
PRODUCTS = [(1, 2048, 1152, 3456), (1, 16384, 1152, 4608), (128, 256, 72, 256), (1, 1024, 1024, 1024), (1, 4096, 4096, 4096)]
ATTENTIONS = [(8, 256, 16, 72), (2, 4096, 8, 40)]
CONVOLUTIONS = [(2, 320, 64, 320, 3, 1), (2, 1280, 16, 1280, 3, 1), (2, 320, 64, 320, 3, 2), (1, 128, 256, 128, 3, 1), (8, 3, 224, 64, 7, 2)]
PRESETS = {"DiT-S/2": (384, 12, 6), "DiT-XL/2": (1152, 28, 16)}
RANK = 10


def wait():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def group(work, n):
    wait()
    start = time.perf_counter()
    for _ in range(n):
        work()
    wait()
    return time.perf_counter() - start


def milliseconds(work):
    """As Timings.time: the median of seven groups, each at least 50 ms long, after as much in warm-up."""
    n, seconds = 1, group(work, 1)
    if ASKED.quick:
        return 1000 * seconds
    while seconds < 0.05:
        n *= 2
        seconds = group(work, n)
    return 1000 * statistics.median(group(work, n) / n for _ in range(7))


def products():
    for b, m, k, n in PRODUCTS[3:4] if ASKED.quick else PRODUCTS:
        left, right = torch.randn(b, m, k, device=DEVICE), torch.randn(b, k, n, device=DEVICE)
        yield f"[{b}, {m}, {k}] x [{k}, {n}]", lambda: left @ right


def attention():
    fused = torch.nn.functional.scaled_dot_product_attention
    for b, t, heads, width in ATTENTIONS[:1] if ASKED.quick else ATTENTIONS:
        q, k, v = (torch.randn(b, heads, t, width, device=DEVICE) for _ in range(3))
        name = f"{b} x {t} tokens, {heads} heads of {width}"
        yield name, lambda: fused(q, k, v)
        plain = lambda x: torch.softmax(x @ k.mT / math.sqrt(width), -1) @ v     # forward mode does not go through the fused one
        yield name + ", push by the queries", lambda: jvp(plain, (q,), (k,))
        by_queries = q.clone().requires_grad_()
        o = fused(by_queries, k, v)
        yield name + ", pull", lambda: torch.autograd.grad(o, by_queries, k, retain_graph=True)


def convolution():
    for b, channels, side, outputs, kernel, stride in CONVOLUTIONS[2:3] if ASKED.quick else CONVOLUTIONS:
        x, w = torch.randn(b, channels, side, side, device=DEVICE), torch.randn(outputs, channels, kernel, kernel, device=DEVICE)
        forward = lambda: torch.nn.functional.conv2d(x, w, stride=stride, padding=kernel // 2)
        u, steps = forward(), ([stride] * 2, [kernel // 2] * 2, [1, 1], False, [0, 0], 1)
        name = f"{b} x {channels} channels of {side} x {side}, {outputs} outputs, {kernel} x {kernel}, stride {stride}"
        yield name, forward
        yield name + ", pull by the images", lambda: torch.ops.aten.convolution_backward(u, x, w, None, *steps, [True, False, False])
        yield name + ", pull by the filters", lambda: torch.ops.aten.convolution_backward(u, x, w, None, *steps, [False, True, False])


def dit(preset):
    width, depth, heads = PRESETS[preset]
    return Dit(32, 2, 4, width, depth, heads, 1000, 8).to(DEVICE).eval().requires_grad_(False)


def forward():
    for preset in ["DiT-S/2"] if ASKED.quick else PRESETS:
        model = dit(preset)
        for batch in (1,) if ASKED.quick else (1, 8, 32):
            x = torch.randn(batch, 4, 32, 32, device=DEVICE)
            t, y = torch.full((batch,), 500.0, device=DEVICE), torch.zeros(batch, dtype=torch.long, device=DEVICE)

            def work():
                with torch.inference_mode():
                    model(x, t, y)
            yield f"{preset} forward, batch {batch}", work


def derivatives():
    model = dit("DiT-S/2")
    for block in model.blocks:
        block.fused = False
    x = torch.randn(1, 4, 32, 32, device=DEVICE)
    t, y = torch.full((1,), 500.0, device=DEVICE), torch.zeros(1, dtype=torch.long, device=DEVICE)
    f = lambda v: model(v, t, y, 6)                                           # the output of blocks.5
    value, back = vjp(f, x)                                                   # linearised once, as ours is
    b = RANK + 2
    v, u = torch.randn(b, *x.shape, device=DEVICE), torch.randn(b, *value.shape, device=DEVICE)
    push, pull = (lambda w: vmap(lambda d: jvp(f, (x,), (d,))[1])(w)), (lambda w: vmap(back)(w)[0])
    yield "DiT-S/2 blocks.5, push of 12 tangents", lambda: push(v)
    yield "DiT-S/2 blocks.5, pull of 12 cotangents", lambda: pull(u)

    def sweeps():
        """Block Krylov with Rayleigh-Ritz, as RandomizedSvd: ten sweeps, a basis of all blocks, orthogonalised twice in double."""
        block, basis, images = torch.randn(b, x.numel(), device=DEVICE), None, None
        for _ in range(10):
            block = block.double()
            for _ in range(2):
                if basis is not None:
                    block = block - (block @ basis.T) @ basis
                block = torch.linalg.qr(block.T)[0].T
            image = pull(push(block.float().reshape(b, *x.shape))).reshape(b, -1).double()
            basis = block if basis is None else torch.cat([basis, block])
            images = image if images is None else torch.cat([images, image])
            torch.linalg.eigh(basis @ images.T)
            block = image
    yield "DiT-S/2 blocks.5, 10 sweeps of 12 vectors", sweeps


WORKS = {"gemm": products, "attention": attention, "convolution": convolution, "dit": forward, "svd": derivatives}


def main():
    print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name() if DEVICE == 'cuda' else 'the processor'}")
    with open(ASKED.results, "a") as results:
        for part in ASKED.works:
            for name, work in WORKS[part]():
                ms = milliseconds(work)
                print(f"{name}, PyTorch: {ms:.3f} ms", flush=True)
                record = {"part": part, "name": name, "who": "PyTorch", "round": ASKED.round, "ms": ms}
                results.write(json.dumps(record, separators=(",", ":")) + "\n")
                results.flush()


main()
