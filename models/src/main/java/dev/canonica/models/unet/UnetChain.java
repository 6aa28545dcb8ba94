package dev.canonica.models.unet;

import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.unet.ResnetBlock.Resampling;
import java.util.List;

/**
 * The plan of diffusers' U-Nets: down blocks, a middle, up blocks that take the skip connections, and modules named alike in all of them.
 *
 * @param inChannels channels of a sample
 * @param outChannels channels of the output
 * @param widths channels of each resolution, the finest first
 * @param blockLayers residual blocks of a down block of each resolution; an up block has one more
 * @param groups of the last norm
 * @param epsilon of the last norm
 * @param padding of convolutions that halve: 1, or 0 for zeros at the far ends alone
 * @param down the kinds of the down blocks
 * @param up the kinds of the up blocks
 * @param middle what is between them
 * @param ends the first and the last convolution, and what is before the last
 */
record UnetChain(
        int inChannels,
        int outChannels,
        List<Integer> widths,
        List<Integer> blockLayers,
        int groups,
        double epsilon,
        int padding,
        List<Block> down,
        List<Block> up,
        Middle middle,
        Ends ends) {
    /** What is between the down and the up blocks. */
    enum Middle {
        NOTHING,
        /** A residual block. */
        ONE_BLOCK,
        /** Two residual blocks. */
        TWO_BLOCKS,
        /** Two residual blocks with attention between them. */
        ATTENTION
    }

    /**
     * The ends of the network.
     *
     * @param in kernel of the first convolution
     * @param out kernel of the last
     * @param activation what is before the last
     */
    record Ends(int in, int out, Function.Kind activation) {
        /** 3 × 3, and SiLU. */
        static final Ends USUAL = new Ends(3, 3, Function.Kind.SILU);
    }

    /**
     * A kind of block.
     *
     * @param attention whether attention follows every residual block
     * @param resnet whether a residual block changes the resolution, not a convolution
     */
    record Block(boolean attention, boolean resnet) {}

    /** Makes the modules that differ from one U-Net to another. */
    interface Parts {
        /** A residual block. */
        Part resnet(String path, int in, int out, Resampling resampling);

        /** Attention at a resolution, the finest being 0. */
        Part attention(String path, int level);

        /** Attention in the middle block. */
        Part middle(String path, int level);
    }

    /** The network of these parts. */
    Chain of(Parts parts) {
        int first = widths.getFirst();
        Chain chain = new Chain()
                .add(Conv.same("conv_in", inChannels, first, ends.in))
                .keep();
        Skips skips = new Skips().push(first);
        int width = goDown(chain, skips, parts);
        if (middle != Middle.NOTHING) {
            chain.add(parts.resnet("mid_block.resnets.0", width, width, Resampling.NONE));
            if (middle == Middle.ATTENTION) {
                chain.add(parts.middle("mid_block.attentions.0", widths.size() - 1));
            }
            if (middle != Middle.ONE_BLOCK) {
                chain.add(parts.resnet("mid_block.resnets.1", width, width, Resampling.NONE));
            }
            chain.end("mid_block");
        }
        goUp(chain, skips, parts);
        return chain.add(new Norm.OfGroups("conv_norm_out", first, groups, epsilon))
                .add(new Function("conv_act", ends.activation))
                .add(Conv.same("conv_out", first, outChannels, ends.out));
    }

    /** The channels at the bottom. */
    private int goDown(Chain chain, Skips skips, Parts parts) {
        int at = widths.getFirst();
        for (int i = 0; i < widths.size(); i++) {
            String block = "down_blocks." + i;
            int width = widths.get(i);
            for (int j = 0; j < blockLayers.get(i); j++) {
                chain.add(parts.resnet(block + ".resnets." + j, at, width, Resampling.NONE));
                if (down.get(i).attention) {
                    chain.add(parts.attention(block + ".attentions." + j, i));
                }
                chain.keep();
                skips.push(width);
                at = width;
            }
            if (i < widths.size() - 1) {
                String path = block + ".downsamplers.0";
                chain.add(
                                down.get(i).resnet
                                        ? parts.resnet(path, width, width, Resampling.DOWN)
                                        : new Downsampler(path, width, padding))
                        .keep();
                skips.push(width);
            }
            chain.end(block);
        }
        return at;
    }

    private void goUp(Chain chain, Skips skips, Parts parts) {
        int at = widths.getLast();
        for (int i = 0; i < widths.size(); i++) {
            String block = "up_blocks." + i;
            int level = widths.size() - 1 - i;
            int width = widths.get(level);
            for (int j = 0; j <= blockLayers.get(level); j++) {
                chain.addJoined(parts.resnet(block + ".resnets." + j, at + skips.pop(), width, Resampling.NONE));
                if (up.get(i).attention) {
                    chain.add(parts.attention(block + ".attentions." + j, level));
                }
                at = width;
            }
            if (level > 0) {
                String path = block + ".upsamplers.0";
                chain.add(
                        up.get(i).resnet
                                ? parts.resnet(path, width, width, Resampling.UP)
                                : new Upsampler(path, width));
            }
            chain.end(block);
        }
    }
}
