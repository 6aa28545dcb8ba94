#!/usr/bin/env python3
"""Makes golden cases of options that make_more_models.py has no case for, with its tools: same arguments, same checks.

usage: make_options.py --out DIR --diffusers DIR_OF_diffusers_src --seed N --variant 0
"""
import sys
ONLY = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
sys.argv += ["--only", "none of its own"]
from make_more_models import *                                                # noqa: its tools
from diffusers import VQModel

def unet_options():
    """Odd sizes, three heads on eight channels, unequal lists, another function, one block in the middle, other kernels."""
    unet_condition("unet_options", "diffusers UNet2DConditionModel: odd height and width, where the way up gives what there was on the way down; attention_head_dim counts heads and does not divide the channels; layers_per_block differ; mish",
        ["down_blocks.0", "mid_block", "up_blocks.0"], "up_blocks.1", lambda B: {}, sample_size=[7, 10], in_channels=3, out_channels=2, layers_per_block=[2, 1, 1], block_out_channels=(8, 12, 8), norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"), mid_block_type="UNetMidBlock2D",
        attention_head_dim=[3, 100, 5], cross_attention_dim=6, act_fn="mish", time_embedding_dim=20, conv_in_kernel=5, conv_out_kernel=1)

def unet2d_options():
    unet2d("unet2d_options", "diffusers UNet2DModel: no middle block, GELU, an embedding of time of its own width", ["down_blocks.1"], "up_blocks.0", in_channels=2, out_channels=3, sample_size=8, layers_per_block=1, block_out_channels=(8, 12),
        norm_num_groups=4, down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"), attention_head_dim=None, mid_block_type=None, act_fn="gelu", time_embedding_dim=24)

def vq():
    m = VQModel(in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, block_out_channels=(8, 12), layers_per_block=1, act_fn="silu", latent_channels=4, sample_size=16,
        num_vq_embeddings=19, norm_num_groups=4, vq_embed_dim=3, scaling_factor=0.3)
    autoencoder("vq", "diffusers VQModel: latent = encode(image).latents, before the code book; decoded = decode(sample).sample, where each position becomes the nearest vector of the code book", m, VQModel, lambda o: o.latents, torch.tanh(rnd(2, 3, 16, 16)), 0.3 * rnd(2, 3, 8, 8))

for job in (unet_options, unet2d_options, vq):
    if not job.__name__.startswith(ONLY): continue
    gen.manual_seed(args.seed * 1000003 + zlib.crc32(job.__name__.encode())); torch.manual_seed(args.seed)
    job()
