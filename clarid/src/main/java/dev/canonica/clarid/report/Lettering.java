package dev.canonica.clarid.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes text into pictures. Machines without fonts exist: there pictures stay without words, with one warning. */
final class Lettering {
    private static final Logger LOG = LoggerFactory.getLogger(Lettering.class);

    private final boolean available;

    private Lettering(boolean available) {
        this.available = available;
    }

    /** Looks whether Java can use a font here. */
    static Lettering load() {
        Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            graphics.getFontMetrics(font(12, false)).stringWidth("k");
            return new Lettering(true);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn(
                    "the contact sheet has no words: Java finds no fonts ({}); install fontconfig and any font",
                    e.toString());
            return new Lettering(false);
        } finally {
            graphics.dispose();
        }
    }

    /**
     * Writes one line, shortened with … to fit.
     *
     * @param align where {@code x} is: 0 the left end of the text, 0.5 its middle, 1 its right end
     * @param baseline y of the baseline
     * @param most the widest the text may be
     */
    void write(
            Graphics2D graphics,
            String text,
            int size,
            boolean bold,
            Color colour,
            double align,
            int x,
            int baseline,
            int most) {
        if (!available) {
            return;
        }
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(font(size, bold));
        graphics.setColor(colour);
        FontMetrics metrics = graphics.getFontMetrics();
        String fitting = fit(text, metrics, most);
        graphics.drawString(fitting, x - (int) Math.round(align * metrics.stringWidth(fitting)), baseline);
    }

    private static String fit(String text, FontMetrics metrics, int most) {
        if (metrics.stringWidth(text) <= most) {
            return text;
        }
        int end = text.length();
        while (end > 0 && metrics.stringWidth(text.substring(0, end) + "…") > most) {
            end = text.offsetByCodePoints(end, -1);
        }
        return text.substring(0, end) + "…";
    }

    private static Font font(int size, boolean bold) {
        return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, size);
    }
}
