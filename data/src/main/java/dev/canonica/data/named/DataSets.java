package dev.canonica.data.named;

import dev.canonica.data.DataException;
import dev.canonica.data.SetNameException;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.set.Idx;
import dev.canonica.data.set.ImageFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.LabelledFolder;
import dev.canonica.data.set.OtherArchives;
import dev.canonica.tensor.io.FileKind;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Image sets by name. A specification is {@code name:part?key=value&key=value}, or the path of a folder, a zip file or an
 * IDX file:
 *
 * <pre>
 *   scenes:train | test | biased-train | swapped-test     ?seed=0  &amp;rho=0.95  &amp;size=60000
 *   fashion-mnist:train | test
 *   cifar10:train | test                                   ?side=32
 *   a/folder/or/zip                                        ?side=64    (default: the size of the first image)
 * </pre>
 */
public final class DataSets {

    /** The environment variable that names the folder of data sets. */
    public static final String VARIABLE = "CANONICA_DATA";

    private static final String KNOWN = "scenes:train, scenes:test, scenes:biased-train, scenes:swapped-test,"
            + " fashion-mnist:train, fashion-mnist:test, cifar10:train, cifar10:test, or the path of a folder, zip or IDX"
            + " file";

    private static final String CIFAR10_CURE =
            "put train.zip and test.zip, or folders train and test, with one folder of images per class, in DIR/cifar10"
                    + " and name DIR with --data-dir or CANONICA_DATA";

    /** Archives that are not read, by their first four bytes. */
    private static final Set<String> NAMES = Set.of("scenes", "fashion-mnist", "cifar10");

    private DataSets() {}

    /**
     * One line of {@code canonica data}.
     *
     * @param spec how to name the set
     * @param what what it is
     * @param place the files it is read from; null if they are missing
     * @param cure how to get it if it is missing
     */
    public record Listing(
            String spec, String what, @Nullable Path place, String cure) {

        /** Whether its files are where they are looked for; a set that is computed has its garments' there. */
        public boolean present() {
            return place != null;
        }
    }

    /**
     * The folders in which data sets are looked for, best first: {@code dataDir} ({@code --data-dir}), the variable
     * {@value #VARIABLE}, {@code data} in the working directory, {@code ~/.cache/canonica}, and where Debian's packages put
     * them.
     */
    public static List<Path> roots(@Nullable Path dataDir) {
        return roots(dataDir, System.getenv(VARIABLE), Path.of(System.getProperty("user.home", ".")));
    }

    static List<Path> roots(@Nullable Path dataDir, @Nullable String variable, Path home) {
        List<Path> roots = new ArrayList<>();
        if (dataDir != null) {
            roots.add(dataDir);
        }
        if (variable != null && !variable.isBlank()) {
            roots.add(Path.of(variable));
        }
        roots.add(Path.of("data"));
        roots.add(home.resolve(".cache/canonica"));
        roots.add(Path.of("/usr/share/datasets"));
        return roots;
    }

    /** The set of a specification, looked for in the usual places. */
    public static ImageSet open(String spec) {
        return open(spec, roots(null));
    }

    /**
     * The set of a specification.
     *
     * @param roots where named sets are looked for: {@link #roots(Path)}
     * @throws DataException if there is no such set, or its files are missing or corrupt
     */
    public static ImageSet open(String spec, List<Path> roots) {
        Spec parsed = Spec.parse(spec);
        return switch (parsed.name) {
            case "scenes" -> scenes(parsed, roots);
            case "fashion-mnist" -> {
                parsed.allow(Set.of());
                yield FashionMnist.open(parsed.part(FashionMnist.Part.values()), roots);
            }
            case "cifar10" -> {
                parsed.allow(Set.of("side"));
                FashionMnist.Part part = parsed.part(FashionMnist.Part.values());
                Path place = cifar10(part, roots)
                        .orElseThrow(() -> new DataException("CIFAR-10 is missing (looked in %s): %s"
                                .formatted(places(roots, "cifar10"), CIFAR10_CURE)));
                yield ImageFolder.open("cifar10:" + part.id(), place, parsed.side());
            }
            default -> path(parsed);
        };
    }

    /** Whether a specification has the name of a set, which is looked for in {@link #roots(Path)}, and not a path. */
    public static boolean hasName(String spec) {
        return NAMES.contains(Spec.parse(spec).name);
    }

    /** What there is, whether it was found, and how to get it. */
    public static List<Listing> list(List<Path> roots) {
        List<Listing> listings = new ArrayList<>();
        Path fashion = FashionMnist.find(roots).orElse(null);
        String garments = FashionMnist.CURE;
        listings.add(new Listing(
                "scenes:train", "60,000 garments over procedural backgrounds, 32x32 RGB", fashion, garments));
        listings.add(new Listing("scenes:test", "10,000 of these, of the test part", fashion, garments));
        listings.add(new Listing(
                "scenes:biased-train", "as train, the background tied to the class with ?rho=0.95", fashion, garments));
        listings.add(new Listing("scenes:swapped-test", "as test, never with that background", fashion, garments));
        listings.add(new Listing("fashion-mnist:train", "60,000 garments, 28x28 grey", fashion, garments));
        listings.add(new Listing("fashion-mnist:test", "10,000 garments, 28x28 grey", fashion, garments));
        for (FashionMnist.Part part : FashionMnist.Part.values()) {
            listings.add(new Listing(
                    "cifar10:" + part.id(),
                    part == FashionMnist.Part.TRAIN
                            ? "50,000 natural images of ten classes, 32x32 RGB"
                            : "10,000 natural images of ten classes, 32x32 RGB",
                    cifar10(part, roots).orElse(null),
                    CIFAR10_CURE));
        }
        return listings;
    }

    private static ImageSet scenes(Spec spec, List<Path> roots) {
        spec.allow(Set.of("seed", "rho", "size"));
        Scenes.Split split = spec.part(Scenes.Split.values());
        long seed = spec.number("seed", 0L, Long::parseLong);
        double rho = spec.number("rho", Scenes.RHO, Double::parseDouble);
        if (!(rho >= 0 && rho <= 1)) {
            throw new SetNameException(spec.text + ": rho is a number from 0 to 1, not " + rho);
        }
        int size = spec.number("size", 1, Integer::parseInt);
        if (size < 1) {
            throw new SetNameException(spec.text + ": size is at least 1, not " + size);
        }
        Idx garments = FashionMnist.open(split.part(), roots);
        return new Scenes(garments, split, seed, rho, spec.options.containsKey("size") ? size : garments.size());
    }

    private static Optional<Path> cifar10(FashionMnist.Part part, List<Path> roots) {
        for (Path root : roots) {
            for (String name : List.of(part.id() + ".zip", part.id())) {
                Path place = root.resolve("cifar10").resolve(name);
                if (Files.exists(place)) {
                    return Optional.of(place);
                }
            }
        }
        return Optional.empty();
    }

    private static String places(List<Path> roots, String name) {
        return roots.stream().map(root -> root.resolve(name).toString()).collect(Collectors.joining(", "));
    }

    private static ImageSet path(Spec spec) {
        spec.allow(Set.of("side"));
        Path path;
        try {
            path = Path.of(spec.location);
        } catch (InvalidPathException e) {
            throw unknown(spec.text);
        }
        if (Files.isDirectory(path)) {
            return LabelledFolder.hasTable(path)
                    ? LabelledFolder.open(path, spec.side())
                    : ImageFolder.open(path.toString(), path, spec.side());
        }
        if (!Files.exists(path)) {
            throw unknown(spec.text);
        }
        byte[] start = OtherArchives.refuse(path);
        boolean packed = start.length == 4 && start[0] == 'P' && start[1] == 'K';
        if (packed
                || path.toString()
                        .toLowerCase(Locale.ROOT)
                        .endsWith(".zip")) { // or with a program before it, that unpacks it
            return ImageFolder.open(path.toString(), path, spec.side());
        }
        String kind = FileKind.of(path);
        if (!kind.isEmpty() && !kind.startsWith("packed")) {
            throw new DataException("%s: it is %s; a folder, zip or IDX file of images is needed%s"
                    .formatted(path, kind, kind.endsWith(" image") ? ": give the folder that it lies in" : ""));
        }
        spec.allow(Set.of());
        return Idx.open(path, Idx.labelsOf(path));
    }

    private static DataException unknown(String spec) {
        return new DataException("no data set or file '%s': there are %s".formatted(spec, KNOWN));
    }

    /** A parsed specification; {@code location} is what precedes the options, and {@code name} what precedes the part. */
    private record Spec(String text, String location, String name, String part, Map<String, String> options) {
        /** In ASCII digits: what Java takes besides ({@code 1d}, {@code 0x1p3}, digits of other scripts) is none. */
        private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]*\\.?[0-9]+([eE][+-]?[0-9]{1,9})?");

        static Spec parse(String text) {
            int question = exists(text) ? -1 : text.lastIndexOf('?');
            String location = question < 0 ? text : text.substring(0, question);
            Map<String, String> options = new LinkedHashMap<>();
            if (question >= 0) {
                for (String option : text.substring(question + 1).split("&")) {
                    int equals = option.indexOf('=');
                    if (equals < 1 || options.put(option.substring(0, equals), option.substring(equals + 1)) != null) {
                        throw new SetNameException("%s: options are key=value, joined by &, each once".formatted(text));
                    }
                }
            }
            int colon = location.indexOf(':');
            return new Spec(
                    text,
                    location,
                    colon < 0 ? location : location.substring(0, colon),
                    colon < 0 ? "" : location.substring(colon + 1),
                    options);
        }

        private static boolean exists(String text) {
            try {
                return Files.exists(Path.of(text));
            } catch (InvalidPathException e) {
                return false;
            }
        }

        void allow(Set<String> keys) {
            for (String key : options.keySet()) {
                if (!keys.contains(key)) {
                    throw new SetNameException("%s: no option '%s'; there are %s"
                            .formatted(
                                    text,
                                    key,
                                    keys.isEmpty()
                                            ? "none"
                                            : keys.stream().sorted().toList()));
                }
            }
        }

        <P extends Enum<P> & Named> P part(P[] parts) {
            for (P candidate : parts) {
                if (candidate.id().equals(part)) {
                    return candidate;
                }
            }
            throw new SetNameException("%s: no part '%s' of %s; there are %s"
                    .formatted(
                            text,
                            part,
                            name,
                            Arrays.stream(parts).map(Named::id).toList()));
        }

        <N> N number(String key, N otherwise, Function<String, N> parse) {
            String value = options.get(key);
            if (value == null) {
                return otherwise;
            }
            try {
                if (NUMBER.matcher(value).matches()) {
                    return parse.apply(value);
                }
            } catch (NumberFormatException e) {
                // the message below says what is needed
            }
            throw new SetNameException("%s: %s is a number, not '%s'".formatted(text, key, value));
        }

        int side() {
            int side = number("side", 0, Integer::parseInt);
            if (side < 0 || side == 0 && options.containsKey("side") || side > ImageFiles.MAX_SIDE) {
                throw new SetNameException(
                        "%s: side is 1 to %d pixels, not %d".formatted(text, ImageFiles.MAX_SIDE, side));
            }
            return side;
        }
    }
}
