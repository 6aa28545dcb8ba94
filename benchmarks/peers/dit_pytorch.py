#!/usr/bin/env python3
"""DiT in PyTorch eager beside DitBenchmark, in turns on one thread.

usage: benchmarks/peers/dit_pytorch.py CLASSPATH [ROUNDS]       in the repository's root; needs torch alone, and Java 25 as `java`

CLASSPATH is that of README's benchmark command. For each work the two take turns, ROUNDS (3) times: a JMH run of our benchmark, then
PyTorch's. Prints a table of medians and of the median of the turns' ratios, PyTorch's time over ours.
The network is facebookresearch/DiT's, written down here; forward and training use its fused attention, derivatives torch.func with
the attention spelled out, since forward mode does not go through the fused one.
"""
import json, math, statistics, subprocess, sys, tempfile, time
import torch, torch.nn as nn, torch.nn.functional as F
from torch.func import jvp, vjp, vmap

torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.fused = heads, True
        self.norm1, self.norm2 = (nn.LayerNorm(d, elementwise_affine=False, eps=1e-6) for _ in range(2))
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.fc1, self.fc2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
        self.ada = nn.Linear(d, 6 * d)

    def attention(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = (q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)).softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(b, n, d))

    def forward(self, x, c):
        s1, c1, g1, s2, c2, g2 = self.ada(F.silu(c)).unsqueeze(1).chunk(6, -1)
        x = x + g1 * self.attention(self.norm1(x) * (1 + c1) + s1)
        return x + g2 * self.fc2(F.gelu(self.fc1(self.norm2(x) * (1 + c2) + s2), approximate="tanh"))


class Dit(nn.Module):
    def __init__(self, size, patch, channels, d, depth, heads, classes, out):
        super().__init__()
        self.patch, self.out = patch, out
        self.embed = nn.Conv2d(channels, d, patch, patch)
        self.pos = nn.Parameter(0.02 * torch.randn(1, (size // patch) ** 2, d), requires_grad=False)
        self.time = nn.Sequential(nn.Linear(256, d), nn.SiLU(), nn.Linear(d, d))
        self.label = nn.Embedding(classes + 1, d)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(depth))
        self.norm, self.ada, self.last = nn.LayerNorm(d, elementwise_affine=False, eps=1e-6), nn.Linear(d, 2 * d), nn.Linear(d, patch * patch * out)

    def forward(self, x, t, y, blocks=None):
        half = torch.exp(-math.log(10000) * torch.arange(128, device=t.device) / 128)
        a = t[:, None] * half
        c = self.time(torch.cat([a.cos(), a.sin()], -1)) + self.label(y)
        h = self.embed(x).flatten(2).transpose(1, 2) + self.pos
        for block in self.blocks[:blocks]:
            h = block(h, c)
        if blocks is not None:
            return h
        s, m = self.ada(F.silu(c)).unsqueeze(1).chunk(2, -1)
        h = self.last(self.norm(h) * (1 + m) + s)
        b, side = x.shape[0], x.shape[-1] // self.patch
        h = h.reshape(b, side, side, self.patch, self.patch, self.out)
        return torch.einsum("bhwpqc->bchpwq", h).reshape(b, self.out, x.shape[-1], x.shape[-1])


def small():
    return Dit(32, 4, 3, 192, 5, 3, 10, 3)


def forward(batch):
    model = Dit(32, 2, 4, 384, 12, 6, 1000, 8).eval()
    x, t, y = torch.randn(batch, 4, 32, 32), torch.full((batch,), 500.0), torch.zeros(batch, dtype=torch.long)

    @torch.inference_mode()
    def work():
        model(x, t, y)
    return work


def directions(pull):
    model = small().eval().requires_grad_(False)
    for block in model.blocks:
        block.fused = False
    x, t, y = torch.randn(1, 3, 32, 32), torch.tensor([500.0]), torch.tensor([3])
    f = lambda v: model(v, t, y, 4)                                           # the output of blocks.3
    if pull:
        value, back = vjp(f, x)                                               # linearised once, as ours is
        u = torch.randn(12, *value.shape)
        return lambda: vmap(back)(u)
    v = torch.randn(12, *x.shape)
    return lambda: vmap(lambda d: jvp(f, (x,), (d,))[1])(v)                   # torch has no cheaper form that it keeps


def training():
    model, n = small(), 64
    parameters = [p for p in model.parameters() if p.requires_grad]
    average = [p.detach().clone() for p in parameters]
    optimiser = torch.optim.AdamW(parameters, lr=1e-4)
    images = torch.randn(640, 3, 32, 32)

    def work():
        index = torch.randint(640, (n,))
        x0, noise, t = images[index], torch.randn(n, 3, 32, 32), torch.randint(1000, (n,))
        y = torch.where(torch.rand(n) < 0.1, 10, index % 10)
        angle = (t + 1) / 1000 * math.pi / 2
        a, s = (g(angle)[:, None, None, None] for g in (torch.cos, torch.sin))
        loss = F.mse_loss(model(a * x0 + s * noise, t.float(), y), a * noise - s * x0)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1)
        optimiser.step()
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 1e-3)
    return work


def works():
    return [
        ("DiT-S/2 forward, batch 1", "forward", {"batch": "1"}, forward(1)),
        ("DiT-S/2 forward, batch 8", "forward", {"batch": "8"}, forward(8)),
        ("training step, 64 images", "trainingStep", {}, training()),
        ("push of 12 tangents, one image", "push", {}, directions(False)),
        ("pull of 12 cotangents, one image", "pull", {}, directions(True)),
    ]


def theirs(work):
    """Median milliseconds, after a second's warm-up, over two seconds."""
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        work()
    times, end = [], time.perf_counter() + 2
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def ours(classpath, method, params):
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        command = ["java", "-cp", classpath, "org.openjdk.jmh.Main", f"DitBenchmark.{method}$", "-wi", "3", "-w", "1", "-i", "5", "-r", "1",
                   "-rf", "json", "-rff", result.name]
        for name, value in params.items():
            command += ["-p", f"{name}={value}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (benchmark,) = json.load(open(result.name))
        return statistics.median(benchmark["primaryMetric"]["rawData"][0])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print(f"PyTorch {torch.__version__}, one thread, {rounds} turns\n")
    print("| work | Canonica, ms | PyTorch, ms | ratio |\n| --- | --- | --- | --- |")
    for name, method, params, work in works():
        turns = [(ours(sys.argv[1], method, params), theirs(work)) for _ in range(rounds)]
        print("| {} | {:.1f} | {:.1f} | {:.2f} |".format(
            name, statistics.median(o for o, _ in turns), statistics.median(p for _, p in turns), statistics.median(p / o for o, p in turns)),
            flush=True)


if __name__ == "__main__":
    main()
