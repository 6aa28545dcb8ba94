package dev.canonica.data.image;

import java.io.IOException;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.IIOServiceProvider;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ImageWriterSpi;

/**
 * The JDK's own image readers and writers, each named by its class. {@code ImageIO} would choose among whatever the
 * context class loader of the thread that asked first could see: another reader, and other pixels, in a web application or
 * in the common pool. Readers that a program has installed beside the JDK's are never asked.
 */
enum ImageCodecs {
    PNG("png.PNG"),
    JPEG("jpeg.JPEG"),
    GIF("gif.GIF"),
    BMP("bmp.BMP");

    private static final Module JDK = ImageReader.class.getModule();

    private final String prefix;

    ImageCodecs(String prefix) {
        this.prefix = "com.sun.imageio.plugins." + prefix;
    }

    ImageReader reader() {
        try {
            return provider(ImageReaderSpi.class, "ImageReaderSpi").createReaderInstance(null);
        } catch (IOException e) {
            throw new IllegalStateException(this + ": the JDK's reader cannot be made", e);
        }
    }

    ImageWriter writer() {
        try {
            return provider(ImageWriterSpi.class, "ImageWriterSpi").createWriterInstance(null);
        } catch (IOException e) {
            throw new IllegalStateException(this + ": the JDK's writer cannot be made", e);
        }
    }

    private <S extends IIOServiceProvider> S provider(Class<S> kind, String suffix) {
        Iterator<S> all = registry().getServiceProviders(kind, false);
        while (all.hasNext()) {
            S provider = all.next();
            if (provider.getClass().getModule() == JDK
                    && provider.getClass().getName().equals(prefix + suffix)) {
                return provider;
            }
        }
        throw new IllegalStateException("no %s in javax.imageio's registry: something in this process has taken it out"
                .formatted(prefix + suffix));
    }

    /** The registry is the way to the JDK's classes, which are not exported; it holds them whatever else it finds. */
    private static IIORegistry registry() {
        try {
            return IIORegistry.getDefaultInstance();
        } catch (ServiceConfigurationError e) {
            // Filling it failed on a broken plug-in that the context class loader sees; without that loader there is
            // none.
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
            try {
                return IIORegistry.getDefaultInstance();
            } finally {
                thread.setContextClassLoader(before);
            }
        }
    }
}
