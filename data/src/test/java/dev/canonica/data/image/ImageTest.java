package dev.canonica.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageTest {
    /** To a tensor and back, every value of a byte, colours and grey. */
    @Test
    void isABatchOfOneAndComesBackOfOne() {
        byte[] all = new byte[3 * 256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i * 5);
        }
        Image colours = new Image(3, 16, 16, all);
        Tensor t = colours.toTensor();
        assertThat(t.shape()).isEqualTo(Shape.of(1, 3, 16, 16));
        assertThat(t.toFloats()[256 + 1]).isEqualTo(colours.at(0, 1, 1) / 127.5f - 1);
        Image other = new Image(3, 16, 16, all.clone());
        other.pixels()[0] = 9;
        List<Image> back =
                Image.ofTensor(Tensor.concatenate(0, t, other.toTensor()).to(DType.F64));
        assertThat(back).hasSize(2);
        assertThat(back.get(0).pixels()).isEqualTo(all);
        assertThat(back.get(1).pixels()).isEqualTo(other.pixels());
        Image grey = new Image(1, 2, 3, new byte[] {0, 1, 2, (byte) 253, (byte) 254, (byte) 255});
        assertThat(Image.ofTensor(grey.toTensor()).getFirst().pixels()).isEqualTo(grey.pixels());
        assertThatThrownBy(() -> Image.ofTensor(t.reshape(3, 16, 16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Image: a batch of shape [3, 16, 16], needed [B, C, H, W]");
    }
}
