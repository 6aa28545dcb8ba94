"""Networks beside DiT for cpu_pytorch.py, under the names of their reference implementations."""
import math
import torch, torch.nn as nn, torch.nn.functional as F


class ResnetBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm1, self.norm2 = (nn.GroupNorm(32, c, eps=1e-5) for _ in range(2))
        self.conv1, self.conv2 = (nn.Conv2d(c, c, 3, padding=1) for _ in range(2))
        self.time_emb_proj = nn.Linear(4 * c, c)

    def forward(self, x, e):
        h = self.conv1(F.silu(self.norm1(x))) + self.time_emb_proj(F.silu(e))[:, :, None, None]
        return x + self.conv2(F.silu(self.norm2(h)))


class Attention(nn.Module):
    def __init__(self, c, context):
        super().__init__()
        self.to_q, self.to_k, self.to_v = nn.Linear(c, c, bias=False), nn.Linear(context, c, bias=False), nn.Linear(context, c, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(c, c)])

    def forward(self, x, z):
        q, k, v = (t.unflatten(-1, (-1, 64)).transpose(1, 2) for t in (self.to_q(x), self.to_k(z), self.to_v(z)))
        return self.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class GeGlu(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.proj = nn.Linear(c, 8 * c)

    def forward(self, x):
        a, gate = self.proj(x).chunk(2, -1)
        return a * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.net = nn.ModuleList([GeGlu(c), nn.Identity(), nn.Linear(4 * c, c)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    def __init__(self, c, context):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(c) for _ in range(3))
        self.attn1, self.attn2, self.ff = Attention(c, c), Attention(c, context), FeedForward(c)

    def forward(self, x, z):
        n = self.norm1(x)
        x = x + self.attn1(n, n)
        x = x + self.attn2(self.norm2(x), z)
        return x + self.ff(self.norm3(x))


class Transformer(nn.Module):
    def __init__(self, c, context):
        super().__init__()
        self.norm, self.proj_in, self.proj_out = nn.GroupNorm(32, c, eps=1e-6), nn.Linear(c, c), nn.Linear(c, c)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(c, context)])

    def forward(self, x, z):
        h = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        return x + self.proj_out(self.transformer_blocks[0](h, z)).transpose(1, 2).reshape(x.shape)


class UnetStart(nn.Module):
    """UNet2DConditionModel as far as its first residual block, or the transformer block after it."""

    def __init__(self, c, context, transformer):
        super().__init__()
        self.channels = c
        self.conv_in = nn.Conv2d(4, c, 3, padding=1)
        self.time_embedding = nn.ModuleDict({"linear_1": nn.Linear(c, 4 * c), "linear_2": nn.Linear(4 * c, 4 * c)})
        block = {"resnets": nn.ModuleList([ResnetBlock(c)])}
        if transformer:
            block["attentions"] = nn.ModuleList([Transformer(c, context)])
        self.down_blocks = nn.ModuleList([nn.ModuleDict(block)])

    def forward(self, x, t, z):
        a = t[:, None] * torch.exp(-math.log(10000) * torch.arange(self.channels // 2) / (self.channels // 2))
        e = self.time_embedding["linear_2"](F.silu(self.time_embedding["linear_1"](torch.cat([a.cos(), a.sin()], -1))))
        block = self.down_blocks[0]
        h = block["resnets"][0](self.conv_in(x), e)
        return block["attentions"][0](h, z) if "attentions" in block else h


class BasicBlock(nn.Module):
    def __init__(self, c, out, stride):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(c, out, 3, stride, 1, bias=False), nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        same = stride == 1 and c == out
        self.downsample = None if same else nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(h + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """With the stem for small images: 3 × 3, no pooling."""

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64)
        widths = (64, 64, 128, 256, 512)
        for i in range(1, 5):
            first = BasicBlock(widths[i - 1], widths[i], 1 if i == 1 else 2)
            setattr(self, f"layer{i}", nn.Sequential(first, BasicBlock(widths[i], widths[i], 1)))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return self.fc(x.mean((2, 3)))


class SmallResNet(nn.Module):
    """Four blocks of 16 to 128 planes after the stem for large images, 7 × 7 and pooling: the network of golden/methods/attack."""

    def __init__(self, classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 7, 2, 3, bias=False), nn.BatchNorm2d(16)
        widths = (16, 16, 32, 64, 128)
        for i in range(1, 5):
            setattr(self, f"layer{i}", nn.Sequential(BasicBlock(widths[i - 1], widths[i], 1 if i == 1 else 2)))
        self.fc = nn.Linear(128, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return self.fc(x.mean((2, 3)))
