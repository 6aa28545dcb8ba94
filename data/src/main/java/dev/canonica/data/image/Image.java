package dev.canonica.data.image;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.NonFiniteException;
import java.awt.image.BufferedImage;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * An image of 8 bits a channel. Pixels are row by row with the channels of a pixel side by side (HWC): channel c of (y, x)
 * is {@code pixels[(y * width + x) * channels + c]}. One channel is grey, three are sRGB.
 *
 * @param pixels not copied: whoever makes an image hands the array over
 */
public record Image(int channels, int height, int width, byte[] pixels) {

    /** Checks that there are 1 or 3 channels, a pixel at least, and as many bytes as they say. */
    public Image {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("Image: 1 or 3 channels, not " + channels);
        }
        if (height < 1 || width < 1 || pixels.length != (long) height * width * channels) {
            throw new IllegalArgumentException(
                    "Image: " + pixels.length + " bytes are not " + height + " x " + width + " x " + channels);
        }
    }

    /** The value 0 … 255 of one channel of one pixel. */
    public int at(int y, int x, int channel) {
        Objects.checkIndex(y, height);
        Objects.checkIndex(x, width);
        Objects.checkIndex(channel, channels);
        return Byte.toUnsignedInt(pixels[(y * width + x) * channels + channel]);
    }

    /**
     * Writes the pixels as [C, H, W] floats in [−1, 1] (v / 127.5 − 1), the form that models take, from {@code offset} on.
     */
    public void copyNormalized(float[] dst, int offset) {
        int plane = height * width;
        Objects.checkFromIndexSize(offset, channels * plane, dst.length);
        for (int i = 0, p = 0; i < plane; i++) {
            for (int c = 0; c < channels; c++) {
                dst[offset + c * plane + i] = Byte.toUnsignedInt(pixels[p++]) / 127.5f - 1;
            }
        }
    }

    /**
     * The image of [C, H, W] floats in [−1, 1], from {@code offset} on; values outside are clamped.
     *
     * @throws NonFiniteException if a value is not finite
     */
    public static Image ofNormalized(float[] src, int offset, int channels, int height, int width) {
        int plane = height * width;
        Objects.checkFromIndexSize(offset, channels * plane, src.length);
        byte[] pixels = new byte[channels * plane];
        for (int i = 0, p = 0; i < plane; i++) {
            for (int c = 0; c < channels; c++) {
                float x = src[offset + c * plane + i];
                if (!Float.isFinite(x)) {
                    throw new NonFiniteException("image: channel %d of the pixel at row %d, column %d is %s"
                            .formatted(c, i / width, i % width, x));
                }
                float v = (x + 1) * 127.5f;
                pixels[p++] = (byte) (int) (Math.clamp(v, 0f, 255f) + 0.5f);
            }
        }
        return new Image(channels, height, width, pixels);
    }

    /** As a batch of one [1, C, H, W] in [−1, 1], the form that models take. */
    public Tensor toTensor() {
        float[] values = new float[pixels.length];
        copyNormalized(values, 0);
        return Tensor.of(values, 1, channels, height, width);
    }

    /**
     * The images of a batch [B, C, H, W] in [−1, 1]; values outside are clamped.
     *
     * @throws NonFiniteException if a value is not finite
     */
    public static List<Image> ofTensor(Tensor batch) {
        if (batch.rank() != 4) {
            throw new IllegalArgumentException("Image: a batch of shape " + batch.shape() + ", needed [B, C, H, W]");
        }
        float[] values = batch.to(DType.F32).toFloats();
        int size = batch.dim(1) * batch.dim(2) * batch.dim(3);
        List<Image> images = new ArrayList<>();
        for (int b = 0; b < batch.dim(0); b++) {
            images.add(ofNormalized(values, b * size, batch.dim(1), batch.dim(2), batch.dim(3)));
        }
        return images;
    }

    /** This image with three channels: itself, or grey three times. */
    public Image toRgb() {
        if (channels == 3) {
            return this;
        }
        byte[] rgb = new byte[3 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            rgb[3 * i] = pixels[i];
            rgb[3 * i + 1] = pixels[i];
            rgb[3 * i + 2] = pixels[i];
        }
        return new Image(3, height, width, rgb);
    }

    /** The first channel: all of an image that is grey, however it was decoded. */
    public Image firstChannel() {
        if (channels == 1) {
            return this;
        }
        byte[] first = new byte[height * width];
        for (int i = 0; i < first.length; i++) {
            first[i] = pixels[channels * i];
        }
        return new Image(1, height, width, first);
    }

    /** For {@code javax.imageio} and Swing. */
    public BufferedImage toBufferedImage() {
        int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
        BufferedImage image = new BufferedImage(width, height, type);
        if (channels == 1) {
            image.getRaster().setDataElements(0, 0, width, height, pixels);
            return image;
        }
        int[] packed = new int[height * width];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = Byte.toUnsignedInt(pixels[3 * i]) << 16
                    | Byte.toUnsignedInt(pixels[3 * i + 1]) << 8
                    | Byte.toUnsignedInt(pixels[3 * i + 2]);
        }
        image.getRaster().setDataElements(0, 0, width, height, packed);
        return image;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
