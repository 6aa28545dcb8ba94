"""DiT in PyTorch eager, for cpu_pytorch.py and gpu_pytorch.py.

The network is facebookresearch/DiT's, written down here. Its attention is PyTorch's fused one, or spelled out for torch.func, since forward mode does
not go through the fused one.
"""
import math
import torch, torch.nn as nn, torch.nn.functional as F


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
        c = self.time(torch.cat([a.cos(), a.sin()], -1).to(x.dtype)) + self.label(y)
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

    def load_ours(self, arrays):
        """Takes the weights of arrays under the names of facebookresearch/DiT, which are ours."""
        names = {"x_embedder.proj": "embed", "pos_embed": "pos", "t_embedder.mlp": "time", "y_embedder.embedding_table": "label", "attn.": "",
                 "mlp.": "", "adaLN_modulation.1": "ada", "final_layer.linear": "last", "final_layer.": ""}
        for name, value in arrays.items():
            for theirs, ours in names.items():
                name = name.replace(theirs, ours)
            if name in self.state_dict():
                self.state_dict()[name].copy_(value)
