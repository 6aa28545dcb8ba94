package dev.canonica.models.resnet;

import dev.canonica.models.ModelException;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A residual network by a name of torchvision's or timm's: depth, form of the stem and the shortcuts ({@code c}, {@code d}, {@code s}, {@code t}: He et al. 2019), groups and
 * their width. Names say nothing of the width of the first stage and of the classes.
 *
 * @param name as it was given
 */
record PublishedName(
        String name,
        Block block,
        List<Integer> layers,
        int groups,
        int widthPerGroup,
        boolean deep,
        boolean averageDown) {
    private static final int NARROW = 64;

    /** Of older releases of timm: the weights' source before or behind the name. */
    private static final Pattern OLD = Pattern.compile("(?:tv|ssl|swsl|ig)_(.+)|gluon_(.+?)(?:_v1([bcds]))?");

    private static final Pattern SOURCE = Pattern.compile("(?:hf[-_]hub:)?(?:[^/:]+/)?([^/:]+)");

    private static final Pattern RESNET =
            Pattern.compile("resnet(\\d+)([cdst]?)|wide_resnet(50|101)_2|resnext(50|101)(d?)_(\\d+)x(\\d+)d");

    private static final Map<Integer, List<Integer>> BASIC =
            Map.of(10, List.of(1, 1, 1, 1), 18, List.of(2, 2, 2, 2), 34, List.of(3, 4, 6, 3));

    private static final Map<Integer, List<Integer>> BOTTLENECK = Map.of(
            14, List.of(1, 1, 1, 1),
            26, List.of(2, 2, 2, 2),
            50, List.of(3, 4, 6, 3),
            101, List.of(3, 4, 23, 3),
            152, List.of(3, 8, 36, 3),
            200, List.of(3, 24, 36, 3));

    /** The network of a name; empty for names of networks of another arithmetic, or of none. */
    static Optional<PublishedName> of(String name) {
        Matcher m = RESNET.matcher(plain(name));
        if (!m.matches()) {
            return Optional.empty();
        }
        if (m.group(1) != null) {
            return ofDepth(name, m.group(1), m.group(2), 1, NARROW);
        }
        if (m.group(3) != null) {
            return ofDepth(name, m.group(3), "", 1, 2 * NARROW);
        }
        return whole(m.group(6))
                .flatMap(groups ->
                        whole(m.group(7)).flatMap(width -> ofDepth(name, m.group(4), m.group(5), groups, width)));
    }

    /** Without the weights' tag ({@code .a1_in1k}), their source ({@code tv_}, {@code gluon_…_v1b}) and the Hub's name before it. */
    private static String plain(String name) {
        Matcher source = SOURCE.matcher(name);
        String own = (source.matches() ? source.group(1) : name).replaceFirst("\\..*", "");
        Matcher old = OLD.matcher(own);
        if (!old.matches()) {
            return own;
        }
        if (old.group(1) != null) {
            return old.group(1);
        }
        String form = old.group(3);
        return old.group(2) + (form == null || form.equals("b") ? "" : form);
    }

    private static Optional<PublishedName> ofDepth(String name, String depth, String form, int groups, int width) {
        Optional<Integer> n = whole(depth);
        List<Integer> basic = n.map(BASIC::get).orElse(null);
        List<Integer> layers = basic != null ? basic : n.map(BOTTLENECK::get).orElse(null);
        return layers == null
                ? Optional.empty()
                : Optional.of(new PublishedName(
                        name,
                        basic != null ? Block.BASIC : Block.BOTTLENECK,
                        layers,
                        groups,
                        width,
                        !form.isEmpty(),
                        form.equals("d") || form.equals("t")));
    }

    private static Optional<Integer> whole(String digits) {
        return digits.length() > 4 ? Optional.empty() : Optional.of(Integer.valueOf(digits));
    }

    /**
     * Refuses a network that is not the one of this name. Of a network of another width than the published ones, which was made smaller, the form counts and not the number of
     * blocks.
     *
     * @param where the file's key that has the name
     * @param found what the tensors are
     */
    void check(String where, ResNetConfig found) {
        boolean published = found.width() == NARROW;
        String named = described(block, published ? layers : found.layers(), groups, widthPerGroup, deep, averageDown);
        boolean deepStem = found.stem() == Stem.DEEP;
        // a whole number of planes is all that the tensors tell
        boolean asWide = found.inner(0) == found.width() * widthPerGroup / NARROW * groups;
        int width = asWide && found.block() == Block.BOTTLENECK ? widthPerGroup : found.widthPerGroup();
        String tensors = described(found.block(), found.layers(), found.groups(), width, deepStem, found.averageDown());
        if (!named.equals(tensors)) {
            throw new ModelException("%s '%s' has %s, but the tensors are those of %s"
                    .formatted(
                            where, name, described(block, layers, groups, widthPerGroup, deep, averageDown), tensors));
        }
    }

    private static String described(
            Block block, List<Integer> layers, int groups, int width, boolean deep, boolean averageDown) {
        return "%s%s blocks %s%s%s"
                .formatted(
                        block.reference(),
                        groups == 1 && width == NARROW ? "" : " (" + groups + "x" + width + "d)",
                        layers,
                        deep ? ", a stem of three convolutions" : "",
                        averageDown ? ", shortcuts that halve by a mean" : "");
    }
}
