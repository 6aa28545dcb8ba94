#!/usr/bin/env python3
"""Our models and derivatives beside what people would use instead: compilers of graphs and libraries of matrix products.

usage: benchmarks/peers/cpu_compilers.py CLASSPATH RESULTS.jsonl [--autotune] [--avx2] [--threads N] [--without PEER] [--check] [--seconds S] [--export FOLDER] [PART...]

In the repository's root; needs the packages of benchmarks/peers/requirements.txt, a C++ compiler, and Java 25 as `java`. CLASSPATH is that of docs/benchmarks.md.
PART: gemm, dit, unet, resnet, training, directions, svd, bf16; by default all of these. On an idle machine that takes some 10 minutes with --without torch.compile,
and as long again for torch.compile, whose time is that of the C++ compiler. And small, sd, svd-dit-s, and dit-xl,
which takes 3.4 GiB for us and as much for each of the peers: leave some out.

Peers: PyTorch eager; torch.compile, its weights frozen where nothing is trained, and with --autotune its products autotuned (which takes minutes a network); ONNX Runtime, of graphs that are
exported here; JAX, jitted; for matrix products OpenBLAS (NumPy's), MKL (PyTorch's) and XLA's. All begin with our weights and inputs; each result is compared with ours first, and the greatest
difference is printed. On one thread, the processor time of the whole process, the just-in-time compilers' and the collector's included, on several (--threads N) the time that passes; by turns: in a round ours and each of the peers
once, rounds for S seconds a work (6 by default). The table at the end has the medians of the ratios of a round, the peer's time over ours: above 1 we are faster.

Directions are pushed and pulled through the last block of DiT-S/2, with attention spelled out for PyTorch: eager computes the value again for each block of
directions that it pushes, JAX linearises once, as we do. The decomposition's peers run our algorithm (krylov.py).

--avx2 holds both sides to what a processor without AVX-512 has: our virtual machine by UseAVX, the peers by what each of them reads. ONNX Runtime has no such setting and is left out.
--check compares results and measures nothing.
--export FOLDER keeps the exported graphs, for dev.canonica.benchmarks.onnx.OnnxTurns, which has ONNX Runtime by its Java interface beside us.
"""
import argparse, copy, math, os, statistics, tempfile, warnings
from pathlib import Path
import numpy as np, torch
from torch.func import jvp, vjp, vmap

from cpu_pytorch import RANK, SIZES, Products, angle, dit, features, inference, last_block, pull, push, training_dit, training_resnet, unet_start
from krylov import right_vectors
from layers_pytorch import ResNet, Unet
from server import Server, check, keep_memory, record, rounds

EAGER, COMPILE, LAST, ORT, JAX, OPENBLAS, MKL = PEERS = "PyTorch", "torch.compile", "PyTorch, channels last", "ONNX Runtime", "JAX", "OpenBLAS", "MKL"
GEMMS = ["256 256 256", "512 512 512", "1024 1024 1024", "2048 2048 2048", "256 384 1152", "256 1536 384", "64 192 768", "256 1152 3456"]
# what holds oneDNN, MKL, OpenBLAS and PyTorch's own loops to AVX2, in the environment; our server reads JAVA_OPTS
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OPENBLAS_CORETYPE": "Haswell", "ATEN_CPU_CAPABILITY": "avx2"}
options = argparse.Namespace()


def compiled(f, *args):
    def work():
        with torch.no_grad():
            return f(*args)
    f = torch.compile(f, dynamic=False)
    return work


def onnx(words, model, named):
    """The graph of a module, exported and read back; named are its inputs."""
    import onnxruntime
    file = Path(options.export) / (words.replace(" ", "_").replace("/", "-") + ".onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, tuple(named.values()), str(file), input_names=list(named), output_names=["output"], dynamo=False, opset_version=17)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads, 1
    session = onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    feed = {i.name: named[i.name].numpy() for i in session.get_inputs()}      # an input that nothing reads is not in the graph
    return lambda: torch.from_numpy(session.run(None, feed)[0])


def networks(words, model, named):
    return {EAGER: lambda: inference(model, *named.values()), COMPILE: lambda: compiled(copy.deepcopy(model), *named.values()),
            ORT: lambda: onnx(words, model, named)}


def arrays_of(a):
    import jax
    return {k: jax.device_put(v.numpy()) for k, v in a.items()}


def gemm(a, _):
    x, y, nx, ny = a["a"], a["b"], a["a"].numpy(), a["b"].numpy()

    def jitted():
        import jax
        jx, jy, product = jax.device_put(nx), jax.device_put(ny), jax.jit(lambda p, q: p @ q)
        return lambda: product(jx, jy).block_until_ready()

    return {OPENBLAS: lambda: lambda: nx @ ny, MKL: lambda: inference(torch.mm, x, y), JAX: jitted}


def forward(preset, batch):
    def make(a, words):
        model = dit(preset, a)
        named = {"x": a["x"], "t": torch.full((batch,), 500.0), "y": torch.zeros(batch, dtype=torch.long)}

        def jitted():
            import jax
            from dit_jax import dit as function
            width, depth, heads, patch, *_ = SIZES[preset]
            p, t, y = arrays_of(a), named["t"].numpy(), named["y"].numpy().astype(np.int32)
            run = jax.jit(lambda p, x, t, y: function(p, x, t, y, patch, heads, depth))
            return lambda: run(p, p["x"], t, y).block_until_ready()

        return networks(words, model, named) | {JAX: jitted}
    return make


def rounded(preset, batch):
    def make(a, _):
        model = dit(preset, a).bfloat16()
        args = a["x"].bfloat16(), torch.full((batch,), 500.0), torch.zeros(batch, dtype=torch.long)
        return {EAGER: lambda: inference(model, *args), COMPILE: lambda: compiled(copy.deepcopy(model), *args)}
    return make


def unet(batch):
    def make(a, words):
        model = Unet((192, 384, 576), (6, 12, 18), 768).eval()
        model.load_state_dict({k: v for k, v in a.items() if k in model.state_dict()})
        named = {"x": a["x"], "t": torch.full((batch,), 500.0), "context": a["context"]}
        return networks(words, model, named)
    return make


def unet_block(channels, part):
    return lambda a, words: networks(words, *unet_start(channels, part, a))


def resnet(blocks, bottleneck, batch):
    def make(a, words):
        model = ResNet(blocks, bottleneck, 1000, False)
        model.load_state_dict({k: v for k, v in a.items() if k not in ("x", "expected")}, strict=False)
        model = model.eval().requires_grad_(False)
        last = lambda: inference(copy.deepcopy(model).to(memory_format=torch.channels_last), a["x"].contiguous(memory_format=torch.channels_last))
        return networks(words, model, {"x": a["x"]}) | {LAST: last}
    return make


def in_place(model):
    model.compile(dynamic=False)
    return model


def resnet_steps(a, _):
    """Of ResNet-18: the first loss is compared."""
    last = {**a, "x": a["x"].contiguous(memory_format=torch.channels_last)}
    return {EAGER: lambda: training_resnet(a), COMPILE: lambda: training_resnet(a, in_place),
            LAST: lambda: training_resnet(last, lambda model: model.to(memory_format=torch.channels_last))}


def dit_steps(preset, n):
    """Ours draws its own noise, so that losses are not compared."""
    return lambda *_: {EAGER: lambda: training_dit(preset, n), COMPILE: lambda: training_dit(preset, n, in_place)}


def jax_products():
    """What pushes a block of directions by a linear map, and what pulls one by its transpose."""
    import jax
    return jax.jit(lambda line, d: jax.vmap(line)(d)), jax.jit(lambda back, u: jax.vmap(back)(u)[0])


def jax_directions(preset, pulled, a):
    """Linearised once at x."""
    import jax
    from dit_jax import dit as function
    width, depth, heads, patch, *_ = SIZES[preset]
    p, d = arrays_of(a), jax.device_put(a["d"].numpy())
    f = jax.jit(lambda x: function(p, x, np.array([500.0], np.float32), np.array([0]), patch, heads, depth, depth))
    _, linear = (jax.vjp if pulled else jax.linearize)(f, p["x"])
    product = jax_products()[pulled]
    return lambda: product(linear, d).block_until_ready()


def directions(preset, pulled):
    def make(a, _):
        f = last_block(preset, a)
        one = (lambda u: vjp(f, a["x"])[1](u)[0]) if pulled else (lambda v: jvp(f, (a["x"],), (v,))[1])

        def whole():
            block = torch.compile(lambda d: vmap(one)(d), dynamic=False)
            return lambda: block(a["d"])

        return {EAGER: lambda: (pull if pulled else push)(preset)(a), COMPILE: whole, JAX: lambda: jax_directions(preset, pulled, a)}
    return make


def decomposition(preset):
    """Each from its own start; what is compared is the greatest principal angle to the reference."""
    def make(a, _):
        t, y, blocks = a["t"], a["y"], int(a["blocks"])
        size, shape = a["x"].numel(), a["x"].shape
        f = features(dit(preset, a), t, y, blocks)

        def checked(name, run):
            v, products = run()
            print(f"   {name} {angle(torch.as_tensor(v), a['reference']):.1e} after {products}", flush=True)
            return run

        def eager():
            products = Products(f, a["x"])
            return right_vectors(lambda v: products.push(torch.from_numpy(v)), lambda u: products.pull(u).numpy(), size, RANK)

        def jitted():
            from dit_jax import dit as function
            import jax
            p, (width, depth, heads, patch, *_) = arrays_of(a), SIZES[preset]
            jt, jy = t.numpy(), y.numpy().astype(np.int32)
            f2 = jax.jit(lambda p, x: function(p, x, jt, jy, patch, heads, depth, blocks))
            lin = jax.jit(lambda p, x: jax.linearize(lambda v: f2(p, v), x)[1])
            adj = jax.jit(lambda p, x: jax.vjp(lambda v: f2(p, v), x)[1])
            pushed, pulled = jax_products()

            def run():
                line, back = lin(p, p["x"]), adj(p, p["x"])
                return right_vectors(lambda v: pushed(line, v.reshape(-1, *shape)), lambda u: np.asarray(pulled(back, u)).reshape(len(u), -1), size, RANK)
            return run

        print(f"   angle to the reference: ours {angle(a['v'], a['reference']):.1e} after {int(a['products'])} products", flush=True)
        check("features", a["expected"], f(a["x"]))
        return {EAGER: lambda: checked(EAGER, eager), JAX: lambda: checked(JAX, jitted())}
    return make


# part: name, aim, words of WorkServer, what gives a maker of each peer, the greatest difference accepted
WORKS = {
    "gemm": [(f"SGEMM {w.replace(' ', ' × ')}", 1.05, f"matmul {w}", gemm, 1e-4) for w in GEMMS],
    "dit": [(f"DiT-S/2 forward, batch {b}", 1.1, f"dit DiT-S/2 {b}", forward("DiT-S/2", b), 2e-4) for b in (1, 8)],
    "dit-xl": [(f"DiT-XL/2 forward, batch {b}", 1.1, f"dit DiT-XL/2 {b}", forward("DiT-XL/2", b), 2e-4) for b in (1, 8)],
    "unet": [("U-Net of 117 M, 32²", 1.2, "wholeunet 1", unet(1), 5e-4)],
    "resnet": [(f"{name}, batch {b}", 1.1, f"resnet {name.lower().replace('-', '')} {b}", resnet(blocks, deep, b), 5e-4)
               for name, blocks, deep in (("ResNet-50", (3, 4, 6, 3), True), ("ResNet-18", (2, 2, 2, 2), False)) for b in (1, 8)],
    "training": [("ResNet-18 training, 64 × 32²", 1.25, "trainresnet", resnet_steps, 2e-4),
                 ("DiT-S/2 training, batch 8", 1.25, "traindit DiT-S/2 8", dit_steps("DiT-S/2", 8), None)],
    "directions": [(f"{way} K = {k}, DiT-S/2", 1.25, f"{way} DiT-S/2 {k}", directions("DiT-S/2", way == "pull"), 1e-3)
                   for way in ("push", "pull") for k in (1, 8, 16)],
    "svd": [("Jacobian SVD, shipped model, n = 10", 2, "svd shipped", decomposition("shipped"), None)],
    "small": [(f"SGEMM {n}³", 1.05, f"matmul {n} {n} {n}", gemm, 1e-4) for n in (32, 48, 64, 100, 128)],
    "sd": [(f"SD 2.1 {name}, {c} × {s}²", 1.2, f"unet {c} {s} {part}", unet_block(c, part), 5e-4)
           for name, part in (("residual block", "resnets"), ("residual and transformer block", "attentions")) for c, s in ((320, 64), (640, 32), (1280, 16))],
    "svd-dit-s": [("Jacobian SVD, DiT-S/2, random weights, n = 10", 2, "svd DiT-S/2", decomposition("DiT-S/2"), None)],
    "bf16": [(f"bf16 DiT-S/2 forward, batch {b}", 1.1, f"dit DiT-S/2 {b} bf16", rounded("DiT-S/2", b), 6e-2) for b in (1, 8)],
}

ASKED_FOR = ("dit-xl", "small", "sd", "svd-dit-s")


def versions():
    import jax, onnxruntime
    return f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, JAX {jax.__version__}, NumPy {np.__version__}"


def measured(server, file, name, words, make, most):
    """Ratios by peer; one that cannot do the work is named, with the reason."""
    a = server.make(words)
    expected = a.get("expected")
    peers = {}
    for peer, maker in make(a, words).items():
        if peer in options.without:                                          # is not even made, for some take a network's memory again
            continue
        try:
            work = maker()
            result = work()
        except Exception as e:                                               # a compiler that does not know an operation is no reason to end the run
            print(f"   {peer} cannot: {type(e).__name__}: {str(e).strip().splitlines()[0][:150]}", flush=True)
            continue
        if most is not None and expected is not None:
            result = result if isinstance(result, torch.Tensor) else torch.from_numpy(np.array(result))
            print(f"   {peer}: greatest difference {check(f'{name}, {peer}', expected, result.float().reshape(expected.shape), most):.1e}", flush=True)
        peers[peer] = (work, 1)
    if options.check:
        return {}, math.nan
    found = rounds(server, peers, options.seconds)
    for peer, (ours, theirs, ratio) in found.items():
        record(file, server, "compilers", name, peer, versions(), ours, theirs, ratio)
    return {peer: ratio for peer, (_, _, ratio) in found.items()}, next(iter(found.values()))[0] if found else math.nan


def table(rows):
    peers = [p for p in (OPENBLAS, MKL, EAGER, LAST, COMPILE, ORT, JAX) if any(p in ratios for _, _, ratios, _ in rows)]
    print("\n| work | ours, ms | " + " | ".join(peers) + " | aim |\n|" + " --- |" * (len(peers) + 3))
    products = [r for r in rows if r[0].startswith("SGEMM")]
    if len(products) > 1:
        means = {p: statistics.geometric_mean([r[2][p] for r in products if p in r[2]]) for p in peers if any(p in r[2] for r in products)}
        rows = rows[:len(products)] + [("SGEMM, geometric mean", products[0][1], means, math.nan)] + rows[len(products):]
    for name, aim, ratios, ours in rows:
        ms = "" if math.isnan(ours) else f"{1e3 * ours:.3g}"
        print(f"| {name} | {ms} | " + " | ".join(f"{ratios[p]:.2f}" if p in ratios else "" for p in peers) + f" | {aim} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classpath")
    parser.add_argument("results")
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--autotune", action="store_true")
    parser.add_argument("--avx2", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--without", action="append", default=[], choices=PEERS)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--export")
    parser.parse_intermixed_args(namespace=options)
    if not set(options.parts) <= set(WORKS):
        parser.error(f"parts are {', '.join(WORKS)}")
    processors = len(os.sched_getaffinity(0))
    if not 0 < options.threads <= processors:
        parser.error(f"--threads is from 1 to {processors}, the processors that this process may use")
    alone = options.threads == 1
    environment = {"OPENBLAS_NUM_THREADS": str(options.threads), "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={str(not alone).lower()}", "JAX_PLATFORMS": "cpu"}
    if options.avx2:
        environment |= {**AVX2, "JAVA_OPTS": "-XX:UseAVX=2 " + os.environ.get("JAVA_OPTS", "")}
        environment["XLA_FLAGS"] += " --xla_cpu_max_isa=AVX2"
        options.without.append(ORT)
    keep_memory(**environment)
    torch.set_num_threads(options.threads)
    torch.backends.nnpack.set_flags(False)
    torch.manual_seed(0)
    torch._inductor.config.freezing = True
    torch._inductor.config.max_autotune = options.autotune
    if options.avx2:
        torch._inductor.config.cpp.simdlen = 256
    server = Server(options.classpath, options.threads)                      # before this process is held to its cores, as JAX's pools of threads are made by the number of cores
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-options.threads:])
    with tempfile.TemporaryDirectory() as folder:
        options.export = options.export or folder
        Path(options.export).mkdir(parents=True, exist_ok=True)
        rows = []
        for part in options.parts or [p for p in WORKS if p not in ASKED_FOR]:
            for name, aim, words, make, most in WORKS[part]:
                print(name, flush=True)
                ratios, ours = measured(server, options.results, name, words, make, most)
                rows.append((name, aim, ratios, ours))
                torch._dynamo.reset()
        if options.check:
            return
        print(f"\n{server.facts['cpu']}, {versions()}, {'one thread' if alone else f'{options.threads} threads'}{', AVX2' * options.avx2}, "
              f"{'processor time of whole processes' if alone else 'time that passes'}; the peer's time over ours", end="")
        table(rows)


if __name__ == "__main__":
    main()
