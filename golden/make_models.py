#!/usr/bin/env python3
"""Makes golden cases for `canonica run` from the reference implementations, in double precision.

usage: make_models.py --out DIR --dit DIR_OF_facebookresearch_DiT --diffusers DIR_OF_diffusers_src --seed N [--only NAME]

Every case is a folder: config.json and the weights (or a diffusers pipeline directory) under model/, inputs.npz,
expected.npz, case.json (the command's --compute and options, tolerances, what made it).
"""
import argparse, json, math, os, sys
from pathlib import Path
import numpy as np, torch

ap = argparse.ArgumentParser()
for a in ("--out", "--dit", "--diffusers"): ap.add_argument(a, required=True)
ap.add_argument("--seed", type=int, required=True); ap.add_argument("--only", default="")
args = ap.parse_args()
sys.path[:0] = [args.dit, args.diffusers]
import tv                                                                     # noqa: must come before timm
import timm.models.vision_transformer as tvt                                  # DiT's Attention, PatchEmbed, Mlp
from safetensors.torch import save_file
import models as dit_models
from diffusion import create_diffusion
import diffusers
from diffusers import (AutoencoderKL, DDIMInverseScheduler, DDIMScheduler, DiTTransformer2DModel, UNet2DConditionModel, UNet2DModel)
from diffusers.models.attention_processor import AttnProcessor
import transformers

torch.manual_seed(args.seed); gen = torch.Generator().manual_seed(args.seed + 1)
D = torch.float64
S = args.seed % 7                                                             # sizes differ between sets, too
rnd = lambda *s: torch.randn(*s, generator=gen, dtype=torch.float32)
randint = lambda hi, n: torch.randint(0, hi, (n,), generator=gen)

def randomise(m, scale=None):
    """Every parameter random and none tiny, so that no path of the network is dead. Stored in float32."""
    with torch.no_grad():
        for n, p in m.named_parameters():
            if n == "pos_embed": continue
            if p.dim() >= 2: p.copy_(rnd(*p.shape) * (scale or 1.0) / math.sqrt(p[0].numel()))
            elif n.endswith("weight"): p.copy_(1 + 0.2 * rnd(*p.shape))       # norm scales
            else: p.copy_(0.2 * rnd(*p.shape))
    return m.eval()

def get(m, path):
    for k in path.split("."): m = m[int(k)] if k.isdigit() else getattr(m, k)
    return m

def feature_fn(m, call, layer):
    def f(x):
        if layer == "output": return call(m, x)
        box = {}
        h = get(m, layer).register_forward_hook(lambda mod, i, o: box.__setitem__("o", o[0] if isinstance(o, tuple) else o))
        try: call(m, x)
        finally: h.remove()
        return box["o"]
    return f

def derivatives(m, call, x, layer, K, n, inputs, out, tag=None):
    f = feature_fn(m, call, layer); x = x.double()
    y = f(x); out[f"features/{layer}"] = y
    V = rnd(K, *x.shape); U = rnd(K, *y.shape)
    inputs["tangents"] = V; inputs["cotangents"] = U
    out[f"jvp/{layer}"] = torch.stack([torch.func.jvp(f, (x,), (v.double(),))[1] for v in V])
    _, pull = torch.func.vjp(f, x)
    out[f"vjp/{layer}"] = torch.stack([pull(u.double())[0] for u in U])
    ss, vs = [], []
    for b in range(x.shape[0]):                                               # per-sample Jacobian, exact
        def fb(xb): return f(torch.cat([x[:b], xb[None], x[b + 1:]]))[b].reshape(-1)
        J = torch.func.jacfwd(fb)(x[b]).reshape(-1, x[b].numel())
        _, s, vh = torch.linalg.svd(J, full_matrices=False)
        ss.append(s[:n]); vs.append(vh[:n].reshape(n, *x[b].shape)); print("   sigma", [round(float(t), 4) for t in s[:n + 2]])
    out[f"svd/{layer}/s"] = torch.stack(ss); out[f"svd/{layer}/v"] = torch.stack(vs)

def grads(m, call, x, inputs, out):
    x = x.double().requires_grad_(True); y = call(m, x); w = rnd(*y.shape); inputs["loss_weights"] = w
    ps = [(n, p) for n, p in m.named_parameters() if p.requires_grad]
    g = torch.autograd.grad((y * w.double()).sum(), [p for _, p in ps] + [x], allow_unused=True)
    for (n, _), gi in zip(ps, g): out[f"grad/{n}"] = torch.zeros(1) if gi is None else gi
    out["grad/input"] = g[-1]

def write(name, m, cfg, inputs, out, compute, options=(), note="", pipeline=None, tol=None, model_of=None):
    d = Path(args.out) / name; d.mkdir(parents=True, exist_ok=True)
    if not model_of: (d / "model").mkdir(exist_ok=True)
    if model_of: pass
    elif pipeline: pipeline(d / "model")
    else:
        (d / "model" / "config.json").write_text(json.dumps(cfg, indent=1))
        save_file({k: v.float().contiguous().clone() for k, v in m.state_dict().items()}, str(d / "model" / "model.safetensors"))
    cast = lambda v: v.numpy() if v.dtype in (torch.int64, torch.int32) else v.detach().float().numpy()
    np.savez(d / "inputs.npz", **{k: cast(v) for k, v in inputs.items()})
    np.savez(d / "expected.npz", **{k: (v.detach().double().numpy() if "/s" == k[-2:] or k.endswith("evr") else cast(v)) for k, v in out.items()})
    (d / "case.json").write_text(json.dumps(dict(name=name, model=f"{model_of or name}/model", compute=compute, options=list(options), note=note, seed=args.seed,
        tolerance=tol or {"relative_l2": 2e-5, "subspace_angle": 1e-3, "sigma_relative": 1e-4},
        made_with=dict(torch=torch.__version__, diffusers=diffusers.__version__, transformers=transformers.__version__, precision="float64 arithmetic on float32 weights and inputs")), indent=1))
    print(name, sum(f.stat().st_size for f in d.rglob("*") if f.is_file()) // 1024, "KiB")

def elbow(s):
    n = len(s); S_ = torch.cumsum(s ** 2, 0) / (s ** 2).sum()
    if n < 3: return 1, S_
    k = torch.arange(1, n + 1, dtype=D); dx, dy = float(n - 1), float(S_[-1] - S_[0])
    dist = (dy * (k - 1) - dx * (S_ - S_[0])).abs() / math.hypot(dx, dy)
    return int(torch.argmax(dist)) + 1, S_

# ------------------------------------------------------------------ DiT, as published
def fused_off(m):
    for mod in m.modules():
        if isinstance(mod, tvt.Attention): mod.fused_attn = False

def dit(name, size, patch, cin, hidden, depth, heads, classes, sigma, B, ddim, te, guidance, channels):
    cfg = dict(_class_name="DiT", input_size=size, patch_size=patch, in_channels=cin, hidden_size=hidden, depth=depth, num_heads=heads,
               mlp_ratio=4.0, class_dropout_prob=0.1, num_classes=classes, learn_sigma=sigma)
    m = randomise(dit_models.DiT(**{k: v for k, v in cfg.items() if k != "_class_name"})); fused_off(m)
    x, y = rnd(B, cin, size, size), randint(classes, B); t = torch.tensor([(137 * (i + 1) * (S + 1)) % 1000 for i in range(B)])
    sd32 = {k: v.clone() for k, v in m.state_dict().items()}; m.double()
    te_emb = dit_models.TimestepEmbedder.timestep_embedding
    dit_models.TimestepEmbedder.timestep_embedding = staticmethod(lambda t, dim, max_period=10000: te_emb(t.double(), dim, max_period).double())
    inputs, out = dict(x=x, t=t, y=y), {}
    call = lambda mm, z: mm(z, t, y); last = f"blocks.{depth - 1}"
    out["output"] = call(m, x.double())
    out[f"features/blocks.0"] = feature_fn(m, call, "blocks.0")(x.double())
    derivatives(m, call, x, last, 3, 6, inputs, out); grads(m, call, x, inputs, out)
    write(name, _with(m, sd32), cfg, inputs, out, ["forward", "features:blocks.0", f"features:{last}", f"jvp:{last}", f"vjp:{last}", f"svd:{last}:6", "grad"],
          note="facebookresearch/DiT, eval mode, timm attention without fusion")
    # DDIM with the repository's own diffusion code
    df = create_diffusion(f"ddim{ddim}"); mlev = round(te * ddim)
    if not sigma: df = _fixed_variance(f"ddim{ddim}")
    def model(z, tt, **kw): return m(z, tt, y)
    z = x.double() * 0.5; inv = [z]
    for i in range(mlev): z = df.ddim_reverse_sample(model, z, torch.full((B,), i), clip_denoised=False)["sample"]
    inverted = z
    for i in range(mlev, -1, -1): z = df.ddim_sample(model, z, torch.full((B,), i), clip_denoised=False)["sample"]
    sampled = z
    tau = torch.tensor([df.timestep_map[mlev]] * B)
    f = feature_fn(m, lambda mm, q: mm(q, tau, y), last); N = 6; ks, evr, ss, cl = [], [], [], []
    for b in range(B):
        def fb(xb): return f(torch.cat([inverted[:b], xb[None], inverted[b + 1:]]))[b].reshape(-1)
        J = torch.func.jacfwd(fb)(inverted[b]).reshape(-1, inverted[b].numel()); _, s, vh = torch.linalg.svd(J, full_matrices=False)
        k, e = elbow(s[:N]); V = vh[:k]; q = inverted[b].reshape(-1); cl.append((q - V.T @ (V @ q)).reshape(inverted[b].shape)); ks.append(k); evr.append(e); ss.append(s[:N])
    clarep = torch.stack(cl); z = clarep
    for i in range(mlev, -1, -1): z = df.ddim_sample(model, z, torch.full((B,), i), clip_denoised=False)["sample"]
    opts = ["--schedule", "linear", "--train-steps", "1000", "--steps", str(ddim), "--spacing", "guided", "--te", str(te), "--prediction", "epsilon", "--inversion", "guided"]
    write(name + "_clarid", None, None, dict(x=x * 0.5, y=y), dict(inverted=inverted, clarep=clarep, canonical=z, **{"clarep/k": torch.tensor(ks), "clarep/evr": torch.stack(evr), "clarep/s": torch.stack(ss)}),
          ["invert", f"clarep:{last}:{N}"], opts, note=f"guided-diffusion ddim{ddim}; level m = round(te*S) = {mlev}; Jacobian at level m, timestep {int(tau[0])}; decode runs levels m..0", tol={"relative_l2": 2e-4, "sigma_relative": 1e-4}, model_of=name)
    write(name + "_sample", None, None, dict(x=inverted, y=y), dict(sampled=sampled), ["sample"], opts, note="decoding from level m, no guidance", model_of=name)
    # guidance: from pure noise, all levels
    zz = rnd(B, cin, size, size); z = zz.double(); null = torch.full((B,), classes)
    def guided(q, tt, **kw):
        h = q; o_c, o_u = m(h, tt, y), m(h, tt, null); c = channels if channels != "all" else cin
        e = o_u[:, :c] + guidance * (o_c[:, :c] - o_u[:, :c]); return torch.cat([e, o_c[:, c:]], 1)
    for i in range(ddim - 1, -1, -1): z = df.ddim_sample(guided, z, torch.full((B,), i), clip_denoised=False)["sample"]
    write(name + "_guided", None, None, dict(x=zz, y=y), dict(sampled=z), ["sample"],
          opts[:8] + ["--te", "1.0", "--prediction", "epsilon", "--guidance", str(guidance), "--guidance-channels", str(channels), "--null-class", str(classes)],
          note="te 1.0: from the last level, S-1; the unguided channels come from the conditional half", tol={"relative_l2": 2e-4}, model_of=name)
    dit_models.TimestepEmbedder.timestep_embedding = staticmethod(te_emb)

class _with:
    """A state dict in float32 beside a model in float64."""
    def __init__(self, m, sd): self.sd = sd
    def state_dict(self): return self.sd

def _fixed_variance(resp):
    return create_diffusion(resp, learn_sigma=False)

# ------------------------------------------------------------------ diffusers
def group_norm(self, x):                                                      # written out: the built-in one trips over forward mode and vmap
    y = x.reshape(x.shape[0], self.num_groups, -1)
    y = (y - y.mean(-1, keepdim=True)) / torch.sqrt(y.var(-1, unbiased=False, keepdim=True) + self.eps)
    w = (1, -1) + (1,) * (x.dim() - 2)
    return y.reshape(x.shape) * self.weight.reshape(w) + self.bias.reshape(w)
torch.nn.GroupNorm.forward = group_norm

def plain(m):
    for mod in m.modules():                                                   # fused attention has no forward mode in PyTorch
        if hasattr(mod, "set_processor"): mod.set_processor(AttnProcessor())
    return m

def keep32(m):
    sd = {k: v.clone() for k, v in m.state_dict().items()}; m.double(); return _with(m, sd)

def config(m):
    c = {k: v for k, v in dict(m.config).items() if not k.startswith("_")}; c["_class_name"] = type(m).__name__
    return json.loads(json.dumps(c, default=lambda o: list(o)))

def unet2d(name, **kw):
    m = plain(randomise(UNet2DModel(**kw))); cfg = config(m); size = kw["sample_size"]; B = 2
    x, t = rnd(B, kw["in_channels"], size, size), torch.tensor([11 + 90 * S, 640 + S]); inputs = dict(sample=x, timestep=t); extra = {}
    if kw.get("num_class_embeds"): extra["class_labels"] = inputs["class_labels"] = randint(kw["num_class_embeds"], B)
    sd = keep32(m); call = lambda mm, z: mm(z, t, return_dict=False, **extra)[0]; out = {"output": call(m, x.double())}
    layer = f"up_blocks.{len(kw['up_block_types']) - 1}"
    out["features/mid_block"] = feature_fn(m, call, "mid_block")(x.double())
    derivatives(m, call, x, layer, 2, 5, inputs, out); grads(m, call, x, inputs, out)
    write(name, sd, cfg, inputs, out, ["forward", "features:mid_block", f"features:{layer}", f"jvp:{layer}", f"vjp:{layer}", f"svd:{layer}:5", "grad"], note="diffusers UNet2DModel")

def dit_diffusers(name):
    m = plain(randomise(DiTTransformer2DModel(num_attention_heads=2 + S % 2, attention_head_dim=16, in_channels=4, out_channels=8, num_layers=2, sample_size=8, patch_size=2,
        attention_bias=True, num_embeds_ada_norm=1000, activation_fn="gelu-approximate", norm_type="ada_norm_zero", norm_elementwise_affine=False))); cfg = config(m); B = 2
    x, t, y = rnd(B, 4, 8, 8), torch.tensor([500 - S, 3 + S]), randint(1000, B); sd = keep32(m)
    call = lambda mm, z: mm(z, timestep=t, class_labels=y, return_dict=False)[0]; out = {"output": call(m, x.double())}; inputs = dict(hidden_states=x, timestep=t, class_labels=y)
    out["features/transformer_blocks.1"] = feature_fn(m, call, "transformer_blocks.1")(x.double())
    write(name, sd, cfg, inputs, out, ["forward", "features:transformer_blocks.1"], note="diffusers DiTTransformer2DModel: the same network under other names")

def sd21(name):
    heads = (2, 4)
    unet = plain(randomise(UNet2DConditionModel(sample_size=8, in_channels=4, out_channels=4, block_out_channels=(32, 64), layers_per_block=1 + S % 2, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=32, attention_head_dim=heads, use_linear_projection=True, norm_num_groups=8)))
    vae = plain(randomise(AutoencoderKL(in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, block_out_channels=(16, 32), layers_per_block=1, latent_channels=4, norm_num_groups=8, sample_size=16)))
    tc = transformers.CLIPTextConfig(vocab_size=500, hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=77, hidden_act="gelu", projection_dim=24, bos_token_id=498, eos_token_id=499, pad_token_id=1)
    text = randomise(transformers.CLIPTextModel._from_config(tc, attn_implementation="eager"))
    sched = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1, prediction_type="v_prediction", timestep_spacing="leading")
    cfgs = dict(unet=config(unet), vae=config(vae), text_encoder={**json.loads(tc.to_json_string(use_diff=False)), "_class_name": "CLIPTextModel"})
    sds = dict(unet=keep32(unet), vae=keep32(vae), text_encoder=keep32(text))
    def pipeline(d):
        for part in ("unet", "vae", "text_encoder", "scheduler"): (d / part).mkdir(exist_ok=True)
        (d / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
            "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": [None, None], "scheduler": ["diffusers", "DDIMScheduler"]}, indent=1))
        for part, f in (("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model"), ("text_encoder", "model")):
            (d / part / "config.json").write_text(json.dumps(cfgs[part], indent=1))
            save_file({k: v.float().contiguous().clone() for k, v in sds[part].state_dict().items() if v.is_floating_point()}, str(d / part / f"{f}.safetensors"))
        sched.save_config(str(d / "scheduler"))
    B = 1; ids = torch.randint(2, 498, (2 * B, 77), generator=gen); ids[:, 0] = 498; ids[:, 20:] = 1; ids[:, 19] = 499
    emb = text(input_ids=ids).last_hidden_state
    x, t = rnd(B, 4, 8, 8), torch.tensor([401 + S]); ctx, neg = emb[:B], emb[B:]
    call = lambda mm, z: mm(z, t, encoder_hidden_states=ctx, return_dict=False)[0]
    img = torch.tanh(rnd(1, 3, 16, 16)).double()
    inputs = dict(sample=x, timestep=t, input_ids=ids, image=img, encoder_hidden_states=ctx, negative_encoder_hidden_states=neg)
    out = {"output": call(unet, x.double()), "text/last_hidden_state": emb, "latent": vae.encode(img).latent_dist.mean, "decoded": vae.decode(x.double()).sample}
    layer = "up_blocks.1"; derivatives(unet, call, x, layer, 2, 5, inputs, out)
    out["features/mid_block"] = feature_fn(unet, call, "mid_block")(x.double())
    # sampling with guidance and inversion, by the schedulers themselves
    steps, w = 10, 3.0; sched.set_timesteps(steps); sched.alphas_cumprod = sched.alphas_cumprod.double(); z0 = rnd(B, 4, 8, 8).double(); z = z0
    for tt in sched.timesteps:
        e = unet(torch.cat([z, z]), tt, encoder_hidden_states=torch.cat([neg, ctx]), return_dict=False)[0]; u, c = e.chunk(2); z = sched.step(u + w * (c - u), tt, z, eta=0.0).prev_sample
    inv = DDIMInverseScheduler.from_config(sched.config); inv.set_timesteps(steps); inv.alphas_cumprod = inv.alphas_cumprod.double(); q = out["latent"].detach() * 0 + rnd(B, 4, 8, 8).double() * 0.3; q0 = q
    for tt in inv.timesteps: q = inv.step(unet(q, tt, encoder_hidden_states=ctx, return_dict=False)[0], tt, q).prev_sample
    write(name, None, None, inputs, out, ["forward", "text", "encode", "decode", "features:mid_block", f"features:{layer}", f"jvp:{layer}", f"vjp:{layer}", f"svd:{layer}:5"], note="tiny Stable Diffusion 2.1: linear projections, heads per block, CLIP text tower; image in [-1, 1]", pipeline=pipeline)
    write(name + "_sample", None, None, dict(sample=z0, encoder_hidden_states=ctx, negative_encoder_hidden_states=neg), dict(sampled=z), ["sample"], ["--steps", str(steps), "--guidance", str(w)], note="DDIMScheduler from scheduler_config.json: v_prediction, leading, steps_offset 1, set_alpha_to_one false", tol={"relative_l2": 2e-4}, model_of=name)
    write(name + "_invert", None, None, dict(sample=q0, encoder_hidden_states=ctx), dict(inverted=q), ["invert"], ["--steps", str(steps), "--te", "1.0", "--inversion", "diffusers"], note="DDIMInverseScheduler, all steps", tol={"relative_l2": 2e-4}, model_of=name)

jobs = {
    "dit_latent": lambda: dit("dit_latent", 8, 2, 4, 64 + 16 * (S % 3), 3 + S % 2, 4, 10 + S, True, 2, 20, 0.8, 2.5, 3),
    "dit_pixel": lambda: dit("dit_pixel", 16, 4, 3, 48, 2, 3, 5 + S, False, 2, 25, 0.6, 1.5 + S, "all"),
    "dit_diffusers": lambda: dit_diffusers("dit_diffusers"),
    "unet_class": lambda: unet2d("unet_class", sample_size=8, in_channels=3, out_channels=3, block_out_channels=(16, 32), layers_per_block=1 + S % 2, down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=8, attention_head_dim=8, num_class_embeds=10),
    "unet_ddpm": lambda: unet2d("unet_ddpm", sample_size=8, in_channels=3, out_channels=3, block_out_channels=(16, 32, 32), layers_per_block=1, down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"), norm_num_groups=8, norm_eps=1e-6, attention_head_dim=None, flip_sin_to_cos=False, freq_shift=1, downsample_padding=0),
    "sd21": lambda: sd21("sd21"),
}
for n, j in jobs.items():
    if not args.only or args.only == n: j()
