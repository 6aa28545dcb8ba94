package dev.canonica.data.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Set;
import javax.imageio.IIOImage;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.plugins.jpeg.JPEGQTable;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.NodeList;

/**
 * What JPEG makes of an image: baseline, chroma of half the size (4:2:0), the tables of ITU-T T.81's Annex K scaled by libjpeg's rule. The JDK's encoder
 * is libjpeg's; its own scaling of the tables rounds otherwise below quality 50, so it is given the tables.
 */
public final class JpegCompression {
    private static final String FORMAT = "javax_imageio_jpeg_image_1.0";

    private JpegCompression() {}

    /**
     * The image, written at a quality and read again.
     *
     * @param quality 1 … 100, as Pillow's and libjpeg's
     */
    public static Image apply(Image image, int quality) {
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("JPEG: a quality of 1 to 100, not " + quality);
        }
        try {
            return ImageFiles.read(
                    new ByteArrayInputStream(encode(image.toRgb().toBufferedImage(), quality, false, false)),
                    "JPEG in memory");
        } catch (IOException e) {
            throw new UncheckedIOException("JPEG in memory", e);
        }
    }

    /**
     * A picture of RGB as a JPEG file for pages: progressive, its codes the shortest.
     *
     * @param quality 1 … 100, as Pillow's and libjpeg's
     * @param fullChroma chroma of full size (4:4:4), not of half (4:2:0)
     */
    public static byte[] bytes(BufferedImage picture, int quality, boolean fullChroma) {
        try {
            return encode(picture, quality, true, fullChroma);
        } catch (IOException e) {
            throw new UncheckedIOException("JPEG in memory", e);
        }
    }

    private static byte[] encode(BufferedImage picture, int quality, boolean progressive, boolean fullChroma)
            throws IOException {
        ImageWriter writer = ImageCodecs.JPEG.writer();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(picture), param);
            IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(FORMAT);
            setTables(root, quality);
            if (progressive) {
                param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            if (fullChroma) {
                setFullChroma(root);
            }
            metadata.setFromTree(FORMAT, root);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture, null, metadata), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static void setFullChroma(IIOMetadataNode root) {
        NodeList components = root.getElementsByTagName("componentSpec");
        for (int i = 0; i < components.getLength(); i++) {
            IIOMetadataNode component = (IIOMetadataNode) components.item(i);
            component.setAttribute("HsamplingFactor", "1");
            component.setAttribute("VsamplingFactor", "1");
        }
    }

    private static void setTables(IIOMetadataNode root, int quality) {
        NodeList tables = root.getElementsByTagName("dqtable");
        JPEGQTable[] standard = {JPEGQTable.K1Luminance, JPEGQTable.K2Chrominance};
        Set<String> ids = Set.of("0", "1");
        for (int i = 0; i < tables.getLength(); i++) {
            IIOMetadataNode table = (IIOMetadataNode) tables.item(i);
            String id = table.getAttribute("qtableId");
            if (!ids.contains(id)) {
                throw new IllegalStateException("JPEG: the JDK's encoder has a table " + id);
            }
            table.setUserObject(scaled(standard[Integer.parseInt(id)], quality));
        }
    }

    /** libjpeg's rule: per cent, in whole numbers. */
    private static JPEGQTable scaled(JPEGQTable table, int quality) {
        int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        return new JPEGQTable(Arrays.stream(table.getTable())
                .map(t -> Math.clamp(((long) t * percent + 50) / 100, 1, 255))
                .toArray());
    }
}
