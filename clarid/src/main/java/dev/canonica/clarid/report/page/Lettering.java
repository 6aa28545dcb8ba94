package dev.canonica.clarid.report.page;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
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
            prepare(graphics, new Style(12, false, Color.BLACK)).stringWidth("k");
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

    /** How text looks: its size in pixels, its weight and colour. */
    record Style(int size, boolean bold, Color colour) {}

    /**
     * Writes one line, shortened with … to fit.
     *
     * @param align where {@code x} is: 0 the left end of the text, 0.5 its middle, 1 its right end
     * @param baseline y of the baseline
     * @param most the widest the text may be
     */
    void write(Graphics2D graphics, String text, Style style, double align, int x, int baseline, int most) {
        if (available) {
            FontMetrics metrics = prepare(graphics, style);
            String fitting = fit(text, metrics, most);
            graphics.drawString(fitting, x - (int) Math.round(align * metrics.stringWidth(fitting)), baseline);
        }
    }

    /** Writes as many lines as it takes, broken between words, about a middle. */
    void wrap(Graphics2D graphics, String text, Style style, int middleX, int middleY, int most) {
        if (!available) {
            return;
        }
        FontMetrics metrics = prepare(graphics, style);
        List<String> lines = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            String longer = lines.isEmpty() ? word : lines.getLast() + " " + word;
            if (!lines.isEmpty() && metrics.stringWidth(longer) <= most) {
                lines.set(lines.size() - 1, longer);
            } else {
                lines.add(word);
            }
        }
        int top = middleY - lines.size() * metrics.getHeight() / 2 + metrics.getAscent();
        for (int i = 0; i < lines.size(); i++) {
            write(graphics, lines.get(i), style, 0.5, middleX, top + i * metrics.getHeight(), most);
        }
    }

    private static FontMetrics prepare(Graphics2D graphics, Style style) {
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(font(style));
        graphics.setColor(style.colour());
        return graphics.getFontMetrics();
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

    private static Font font(Style style) {
        return new Font(Font.SANS_SERIF, style.bold() ? Font.BOLD : Font.PLAIN, style.size());
    }
}
