package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Html;
import dev.canonica.data.image.Image;
import java.util.List;

/** Pictures side by side, as HTML that needs no file beside it; small ones enlarged, each pixel a square. */
public final class Pictures {
    private Pictures() {}

    /**
     * One picture of several of the same size.
     *
     * @param text what they show, for those who cannot see them
     */
    public static String of(String text, List<Image> images) {
        Frame frame = Frame.of(images.getFirst());
        return "<img src=\"%s\" width=\"%s\" height=\"%s\" alt=\"%s\" style=\"display:block;max-width:100%%;height:auto%s\">"
                .formatted(
                        frame.strip(List.copyOf(images)),
                        images.size() * frame.cssWidth(),
                        frame.cssHeight(),
                        Html.text(text),
                        frame.pixelated() ? ";image-rendering:pixelated" : "");
    }
}
