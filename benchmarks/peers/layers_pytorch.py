"""Networks beside DiT for cpu_pytorch.py, under the names of their reference implementations."""
import math
import torch, torch.nn as nn, torch.nn.functional as F


class ResnetBlock(nn.Module):
    """From c to out channels, by an embedding of time of so many numbers."""

    def __init__(self, c, out, time):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(32, c, eps=1e-5), nn.GroupNorm(32, out, eps=1e-5)
        self.conv1, self.conv2 = nn.Conv2d(c, out, 3, padding=1), nn.Conv2d(out, out, 3, padding=1)
        self.time_emb_proj = nn.Linear(time, out)
        if c != out:
            self.conv_shortcut = nn.Conv2d(c, out, 1)

    def forward(self, x, e):
        h = self.conv1(F.silu(self.norm1(x))) + self.time_emb_proj(F.silu(e))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class Attention(nn.Module):
    def __init__(self, c, context, width):
        super().__init__()
        self.width = width
        self.to_q, self.to_k, self.to_v = nn.Linear(c, c, bias=False), nn.Linear(context, c, bias=False), nn.Linear(context, c, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(c, c)])

    def forward(self, x, z):
        q, k, v = (t.unflatten(-1, (-1, self.width)).transpose(1, 2) for t in (self.to_q(x), self.to_k(z), self.to_v(z)))
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
    def __init__(self, c, context, width):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(c) for _ in range(3))
        self.attn1, self.attn2, self.ff = Attention(c, c, width), Attention(c, context, width), FeedForward(c)

    def forward(self, x, z):
        n = self.norm1(x)
        x = x + self.attn1(n, n)
        x = x + self.attn2(self.norm2(x), z)
        return x + self.ff(self.norm3(x))


class Transformer(nn.Module):
    """A transformer block over the places of an image, with heads of so many numbers."""

    def __init__(self, c, context, width=64):
        super().__init__()
        self.norm, self.proj_in, self.proj_out = nn.GroupNorm(32, c, eps=1e-6), nn.Linear(c, c), nn.Linear(c, c)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(c, context, width)])

    def forward(self, x, z):
        h = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        return x + self.proj_out(self.transformer_blocks[0](h, z)).transpose(1, 2).reshape(x.shape)


def embedded(layers, t, width):
    """Timesteps as sines and cosines, by two layers."""
    a = t[:, None] * torch.exp(-math.log(10000) * torch.arange(width // 2) / (width // 2))
    return layers["linear_2"](F.silu(layers["linear_1"](torch.cat([a.cos(), a.sin()], -1))))


class Unet(nn.Module):
    """UNet2DConditionModel of these widths, two residual blocks in each, with attention in all but the last, and in the middle."""

    def __init__(self, widths, heads, context):
        super().__init__()
        first, last, n = widths[0], widths[-1], len(widths)
        self.first, time = first, 4 * first
        self.conv_in = nn.Conv2d(4, first, 3, padding=1)
        self.time_embedding = nn.ModuleDict({"linear_1": nn.Linear(first, time), "linear_2": nn.Linear(time, time)})
        self.down_blocks, self.up_blocks, c, skips = nn.ModuleList(), nn.ModuleList(), first, [first]

        def attention(level):
            return Transformer(widths[level], context, widths[level] // heads[level])
        for i, w in enumerate(widths):
            block = {"resnets": nn.ModuleList([ResnetBlock(c, w, time), ResnetBlock(w, w, time)])}
            skips += [w, w]
            if i < n - 1:
                block["attentions"] = nn.ModuleList([attention(i), attention(i)])
                block["downsamplers"] = nn.ModuleList([nn.ModuleDict({"conv": nn.Conv2d(w, w, 3, 2, 1)})])
                skips.append(w)
            self.down_blocks.append(nn.ModuleDict(block))
            c = w
        self.mid_block = nn.ModuleDict({"resnets": nn.ModuleList(ResnetBlock(last, last, time) for _ in range(2)),
                                        "attentions": nn.ModuleList([attention(n - 1)])})
        for i, w in reversed(list(enumerate(widths))):
            resnets = nn.ModuleList()
            for _ in range(3):
                resnets.append(ResnetBlock(c + skips.pop(), w, time))
                c = w
            block = {"resnets": resnets}
            if i < n - 1:
                block["attentions"] = nn.ModuleList(attention(i) for _ in range(3))
            if i > 0:
                block["upsamplers"] = nn.ModuleList([nn.ModuleDict({"conv": nn.Conv2d(w, w, 3, padding=1)})])
            self.up_blocks.append(nn.ModuleDict(block))
        self.conv_norm_out, self.conv_out = nn.GroupNorm(32, first, eps=1e-5), nn.Conv2d(first, 4, 3, padding=1)

    def forward(self, x, t, z):
        e = embedded(self.time_embedding, t, self.first)
        h = self.conv_in(x)
        skips = [h]
        for block in self.down_blocks:
            for j, resnet in enumerate(block["resnets"]):
                h = resnet(h, e)
                if "attentions" in block:
                    h = block["attentions"][j](h, z)
                skips.append(h)
            if "downsamplers" in block:
                h = block["downsamplers"][0]["conv"](h)
                skips.append(h)
        h = self.mid_block["resnets"][0](h, e)
        h = self.mid_block["resnets"][1](self.mid_block["attentions"][0](h, z), e)
        for block in self.up_blocks:
            for j, resnet in enumerate(block["resnets"]):
                h = resnet(torch.cat([h, skips.pop()], 1), e)
                if "attentions" in block:
                    h = block["attentions"][j](h, z)
            if "upsamplers" in block:
                h = block["upsamplers"][0]["conv"](F.interpolate(h, scale_factor=2.0, mode="nearest"))
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class UnetStart(nn.Module):
    """UNet2DConditionModel as far as its first residual block, or the transformer block after it."""

    def __init__(self, c, context, transformer):
        super().__init__()
        self.channels = c
        self.conv_in = nn.Conv2d(4, c, 3, padding=1)
        self.time_embedding = nn.ModuleDict({"linear_1": nn.Linear(c, 4 * c), "linear_2": nn.Linear(4 * c, 4 * c)})
        block = {"resnets": nn.ModuleList([ResnetBlock(c, c, 4 * c)])}
        if transformer:
            block["attentions"] = nn.ModuleList([Transformer(c, context)])
        self.down_blocks = nn.ModuleList([nn.ModuleDict(block)])

    def forward(self, x, t, z):
        e = embedded(self.time_embedding, t, self.channels)
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


class Bottleneck(nn.Module):
    """1 × 1, 3 × 3 with the stride, and 1 × 1 to four times the planes."""

    def __init__(self, c, planes, stride):
        super().__init__()
        self.conv1, self.conv3 = nn.Conv2d(c, planes, 1, bias=False), nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(planes), nn.BatchNorm2d(planes), nn.BatchNorm2d(4 * planes)
        same = stride == 1 and c == 4 * planes
        self.downsample = None if same else nn.Sequential(nn.Conv2d(c, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        h = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(h)) + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """Of so many blocks in each stage; the stem is 7 × 7 with pooling, or 3 × 3 for small images."""

    def __init__(self, blocks, bottleneck, classes, small):
        super().__init__()
        self.small = small
        self.conv1, self.bn1 = nn.Conv2d(3, 64, *((3, 1, 1) if small else (7, 2, 3)), bias=False), nn.BatchNorm2d(64)
        c = 64
        for i, n in enumerate(blocks):
            stage = []
            for j in range(n):
                planes, stride = 64 << i, 2 if i > 0 and j == 0 else 1
                stage.append(Bottleneck(c, planes, stride) if bottleneck else BasicBlock(c, planes, stride))
                c = 4 * planes if bottleneck else planes
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))
        self.fc = nn.Linear(c, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if not self.small:
            x = F.max_pool2d(x, 3, 2, 1)
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return self.fc(x.mean((2, 3)))


class ResNet18(ResNet):
    """With the stem for small images: 3 × 3, no pooling."""

    def __init__(self, classes):
        super().__init__((2, 2, 2, 2), False, classes, True)


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
