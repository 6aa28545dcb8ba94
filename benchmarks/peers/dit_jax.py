"""DiT in JAX, for cpu_compilers.py: facebookresearch/DiT's network as a function of its weights, which have that implementation's names."""
import math
import jax, jax.numpy as jnp


def linear(p, name, x):
    return x @ p[name + ".weight"].T + p[name + ".bias"]


def norm(x):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-6)


def block(p, name, heads, h, c):
    n, d = h.shape[-2:]
    s1, c1, g1, s2, c2, g2 = jnp.split(linear(p, name + ".adaLN_modulation.1", c)[:, None], 6, -1)
    q, k, v = (a.reshape(-1, n, heads, d // heads).transpose(0, 2, 1, 3)
               for a in jnp.split(linear(p, name + ".attn.qkv", norm(h) * (1 + c1) + s1), 3, -1))
    a = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / math.sqrt(d // heads)) @ v
    h = h + g1 * linear(p, name + ".attn.proj", a.transpose(0, 2, 1, 3).reshape(-1, n, d))
    return h + g2 * linear(p, name + ".mlp.fc2", jax.nn.gelu(linear(p, name + ".mlp.fc1", norm(h) * (1 + c2) + s2), approximate=True))


def dit(p, x, t, y, patch, heads, depth, blocks=None):
    """The output, or the tokens after so many blocks."""
    d, b, side = p["pos_embed"].shape[-1], x.shape[0], x.shape[-1] // patch
    a = t[:, None] * jnp.exp(-math.log(10000) * jnp.arange(128, dtype=x.dtype) / 128)
    e = jax.nn.silu(linear(p, "t_embedder.mlp.0", jnp.concatenate([jnp.cos(a), jnp.sin(a)], -1)))
    c = jax.nn.silu(linear(p, "t_embedder.mlp.2", e) + p["y_embedder.embedding_table.weight"][y])
    patches = x.reshape(b, -1, side, patch, side, patch).transpose(0, 2, 4, 1, 3, 5).reshape(b, side * side, -1)
    h = patches @ p["x_embedder.proj.weight"].reshape(d, -1).T + p["x_embedder.proj.bias"] + p["pos_embed"]
    for i in range(depth if blocks is None else blocks):
        h = block(p, f"blocks.{i}", heads, h, c)
    if blocks is not None:
        return h
    s, m = jnp.split(linear(p, "final_layer.adaLN_modulation.1", c)[:, None], 2, -1)
    h = linear(p, "final_layer.linear", norm(h) * (1 + m) + s).reshape(b, side, side, patch, patch, -1)
    return jnp.einsum("bhwpqc->bchpwq", h).reshape(b, -1, x.shape[-1], x.shape[-1])
