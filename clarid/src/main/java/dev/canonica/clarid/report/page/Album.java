package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.page.Sheet.Quality;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.io.ItemDigest;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pictures of a page: all of them in it, as good as there is room for; or in it thumbnails of what it shows first, and each item's whole {@link Sheet} in a file beside it.
 *
 * @param sheets one for each item
 * @param thumbnails one for each item, or none where all pictures are in the page
 * @param inPage the JPEG of each item that the page holds
 * @param names of the file with each item's whole sheet; none where all pictures are in the page
 * @param beside these files' bytes
 */
record Album(
        List<Sheet> sheets,
        List<Sheet> thumbnails,
        List<byte[]> inPage,
        List<String> names,
        Map<String, byte[]> beside) {
    /** Qualities at which pictures are tried to fit in: below the last, thumbnails look better. */
    private static final List<Quality> QUALITIES = List.of(
            new Quality(95, true),
            new Quality(92, true),
            new Quality(88, true),
            new Quality(90, false),
            new Quality(85, false),
            new Quality(80, false));

    private static final Quality BESIDE = new Quality(92, true);

    /** The longer side of thumbnails in pixels: those that fit in. */
    private static final List<Integer> THUMBNAILS = List.of(128, 96, 64, 48, 32);

    private static final Quality OF_THUMBNAILS = new Quality(80, false);

    /**
     * The pictures of a report.
     *
     * @param sheets one for each item
     * @param k position of the slider that thumbnails show
     * @param room for them in the page, in bytes; thumbnails may take more where there are thousands
     */
    static Album of(List<Sheet> sheets, int k, long room) {
        for (Quality quality : QUALITIES) {
            Optional<List<byte[]>> all = within(sheets, quality, room);
            if (all.isPresent()) {
                return new Album(sheets, List.of(), all.get(), List.of(), Map.of());
            }
        }
        List<String> names = new ArrayList<>();
        Map<String, byte[]> beside = new LinkedHashMap<>();
        for (Sheet sheet : sheets) {
            byte[] jpeg = sheet.jpeg(BESIDE);
            names.add(name(jpeg));
            beside.put(names.getLast(), jpeg);
        }
        for (int longest : THUMBNAILS) {
            boolean last = longest == THUMBNAILS.getLast();
            List<Sheet> thumbnails =
                    sheets.stream().map(s -> s.thumbnails(k, longest)).toList();
            Optional<List<byte[]>> all = within(thumbnails, OF_THUMBNAILS, last ? Long.MAX_VALUE : room);
            if (all.isPresent()) {
                return new Album(sheets, thumbnails, all.get(), names, beside);
            }
        }
        throw new IllegalStateException("report: the last thumbnails have all the room they need");
    }

    /** The JPEG of each, unless together they are more than there is room for. */
    private static Optional<List<byte[]>> within(List<Sheet> sheets, Quality quality, long room) {
        List<byte[]> all = new ArrayList<>();
        long size = 0;
        for (Sheet sheet : sheets) {
            byte[] jpeg = sheet.jpeg(quality);
            size += 4L * ((jpeg.length + 2) / 3);
            if (size > room) {
                return Optional.empty();
            }
            all.add(jpeg);
        }
        return Optional.of(all);
    }

    /** Other pictures have another name: no page shows those of another one. */
    private static String name(byte[] jpeg) {
        return ItemDigest.of(1, i -> jpeg, done -> {}) + ".jpg";
    }

    /** Whether a file may be one that such a page had beside it. */
    static boolean isPicture(String name) {
        return name.matches("[0-9a-f]{16}\\.jpg");
    }

    boolean isWhole() {
        return thumbnails.isEmpty();
    }

    /** What the frames of an item's card need to know. */
    String css(int item) {
        Sheet sheet = sheets.get(item);
        String css = sheet.css("s", sheet.frame());
        return isWhole() ? css : css + ";" + thumbnails.get(item).css("t", sheet.frame());
    }

    /** The rules of the style sheet that show an item's pictures where its class stands. */
    String css() {
        StringBuilder css = new StringBuilder();
        for (int i = 0; i < inPage.size(); i++) {
            css.append(".i%s{background-image:url(data:image/jpeg;base64,%s)}\n"
                    .formatted(i, Base64.getEncoder().encodeToString(inPage.get(i))));
        }
        return css.toString();
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
