package dev.canonica.models.resnet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.Place;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.PoolWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a residual network under torchvision's names:
 *
 * <pre>
 *   x ← maxpool(relu(bn1(conv1(x))))          x ← layer1, layer2, …(x)          output = fc(mean of each plane of x)
 * </pre>
 */
final class ResNetLayers extends Composite {
    private final boolean pools;
    private final ResNetStem stem;
    private final Place maxPool;
    private final List<Stage> stages = new ArrayList<>();
    private final Place averagePool;
    private final boolean flat;
    private final @Nullable Linear last;

    ResNetLayers(ResNetConfig c) {
        super("");
        boolean timm = c.stem() == Stem.DEEP; // its names of what has no parameters
        pools = c.stem() != Stem.CIFAR;
        stem = add(new ResNetStem(c));
        maxPool = add(new Place("maxpool"));
        int in = c.stemOut();
        for (int i = 0; i < c.stages(); i++) {
            stages.add(add(new Stage("layer" + (i + 1), c, i, in)));
            in = c.out(i);
        }
        averagePool = add(new Place(timm ? "global_pool" : "avgpool"));
        flat = timm;
        last = c.numClasses() == 0 ? null : add(new Linear("fc", in, c.numClasses()));
    }

    /** The network's convolutions with their norms. */
    void eachConvolution(Consumer<ConvNorm> visit) {
        stem.eachConvolution(visit);
        stages.forEach(stage -> stage.blocks.forEach(block -> block.eachConvolution(visit)));
    }

    /** Whether all of them can be computed with channels last on tensors like this one. */
    boolean suitsPixels(Tensor like) {
        boolean[] all = {true};
        eachConvolution(c -> all[0] &= c.suitsPixels(like));
        return all[0];
    }

    /** The logits [B, classes] of images [B, C, H, W], or without a last layer the means of planes; any value at all once the pass has found what is wanted. */
    Var forward(Pass pass, BatchNorm norm, Var images) {
        Images x = Images.planes(images).through(pass, norm, v -> start(pass, norm, v));
        if (pass.found()) {
            return x.value();
        }
        for (Stage stage : stages) {
            x = x.through(pass, norm, v -> stage.forward(pass, norm, v));
        }
        if (pass.found()) {
            return x.value();
        }
        Var mean = x.mean();
        x.release();
        pass.seen(averagePool, flat ? mean : mean.reshape(mean.dim(0), mean.dim(1), 1, 1));
        return pass.found() || last == null ? mean : pass.apply(last, mean);
    }

    /** What comes before the stages. */
    private Images start(Pass pass, BatchNorm norm, Images images) {
        Images all = stem.forward(pass, norm, images);
        if (pass.found() || !pools) {
            return pass.found() ? all : all.seen(pass, maxPool);
        }
        Images x = all.max(new PoolWindow(3, 2, 1));
        all.release();
        return x.seen(pass, maxPool);
    }

    private static final class Stage extends Composite {
        private final List<Residual> blocks = new ArrayList<>();

        Stage(String path, ResNetConfig c, int stage, int in) {
            super(path);
            for (int i = 0; i < c.layers().get(stage); i++) {
                String block = within(Integer.toString(i));
                blocks.add(add(new Residual(block, c, stage, i == 0 ? in : c.out(stage), i == 0)));
            }
        }

        Images forward(Pass pass, BatchNorm norm, Images images) {
            Images x = images;
            for (Residual block : blocks) {
                if (pass.found()) {
                    return x;
                }
                Images before = x;
                x = x.through(pass, norm, v -> block.forward(pass, norm, v).seen(pass, block));
                if (!pass.found()) {
                    before.release();
                }
            }
            return x.seen(pass, this);
        }
    }

    /**
     * A residual block:
     *
     * <pre>
     *   x ← relu(F(x) + shortcut(x)); the shortcut is a 1×1 convolution with a norm where the shape changes
     *   BasicBlock: F = bn2 conv2 relu bn1 conv1          Bottleneck: F = bn3 conv3 relu bn2 conv2 relu bn1 conv1
     * </pre>
     */
    private static final class Residual extends Composite {
        private final List<ConvNorm> convolutions = new ArrayList<>();
        private final @Nullable Shortcut shortcut;

        /**
         * A block.
         *
         * @param in channels that it is given
         * @param first whether it is the first of its stage
         */
        Residual(String path, ResNetConfig c, int stage, int in, boolean first) {
            super(path);
            int stride = first ? c.stride(stage) : 1;
            int out = c.out(stage);
            int planes = c.planes(stage);
            if (c.block() == Block.BASIC) {
                convolution(in, planes, 3, Convolution.of(stride, 1));
                convolution(planes, planes, 3, Convolution.of(1, 1));
            } else { // the stride is on the 3×3
                int inner = c.inner(stage);
                convolution(in, inner, 1, Convolution.of(1, 0));
                int d = c.dilation(first && stage > 0 ? stage - 1 : stage);
                convolution(inner, inner, 3, new Convolution(stride, d, d, d, d, d, c.groups()));
                convolution(inner, out, 1, Convolution.of(1, 0));
            }
            boolean projects = in != out || stride > 1;
            shortcut = projects ? add(new Shortcut(within("downsample"), in, out, stride, c.averageDown())) : null;
        }

        private void convolution(int in, int out, int kernel, Convolution geometry) {
            int i = convolutions.size() + 1;
            convolutions.add(add(
                    new ConvNorm(new Conv(within("conv" + i), in, out, kernel, geometry, false), within("bn" + i))));
        }

        void eachConvolution(Consumer<ConvNorm> visit) {
            convolutions.forEach(visit);
            if (shortcut != null) {
                visit.accept(shortcut.projection);
            }
        }

        Images forward(Pass pass, BatchNorm norm, Images x) {
            Images y = x;
            List<Images> within = new ArrayList<>(); // what nobody needs after this block
            for (ConvNorm convolution : convolutions.subList(0, convolutions.size() - 1)) {
                y = y.through(pass, norm, v -> convolution.rectified(pass, norm, v));
                if (pass.found()) {
                    return y;
                }
                within.add(y);
                if (within.size() > 1) {
                    within.removeFirst().release();
                }
            }
            y = convolutions.getLast().rectified(pass, norm, y, () -> {
                if (shortcut == null) {
                    return x;
                }
                Images around = shortcut.forward(pass, norm, x).seen(pass, shortcut);
                within.add(around);
                return around;
            });
            if (!pass.found()) {
                within.forEach(Images::release);
            }
            return y;
        }
    }

    private static final class Shortcut extends Composite {
        private final boolean averages;
        private final ConvNorm projection;

        Shortcut(String path, int in, int out, int stride, boolean averageDown) {
            super(path);
            averages = averageDown && stride > 1;
            int first = averageDown ? 1 : 0; // the mean is a module, too
            Convolution geometry = Convolution.of(averageDown ? 1 : stride, 0);
            projection = add(new ConvNorm(
                    new Conv(within(Integer.toString(first)), in, out, 1, geometry, false),
                    within(Integer.toString(first + 1))));
        }

        Images forward(Pass pass, BatchNorm norm, Images x) {
            return projection.forward(pass, norm, averages ? x.halved() : x);
        }
    }
}
