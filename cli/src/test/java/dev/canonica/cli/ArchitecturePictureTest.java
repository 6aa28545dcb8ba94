package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The picture of the modules shows the arrows that the build has; {@code scripts/draw-architecture} draws it anew. */
class ArchitecturePictureTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern COMMENT = Pattern.compile("<!--.*?-->", Pattern.DOTALL);
    private static final Pattern MODULE = Pattern.compile("<module>([\\w-]+)</module>");
    private static final Pattern DEPENDENCY = Pattern.compile("<dependency>(.*?)</dependency>", Pattern.DOTALL);
    private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");
    private static final Pattern OWN = Pattern.compile("<artifactId>canonica-([\\w-]+)</artifactId>");
    private static final Pattern DRAWN =
            Pattern.compile("<path class=\"arrow( runtime)?\" data-from=\"([\\w-]+)\" data-to=\"([\\w-]+)\"");
    private static final Pattern NAMED = Pattern.compile("<text class=\"name\"[^>]*>([\\w-]+)</text>");

    @Test
    void arrowsAreThoseOfTheBuild() throws IOException {
        Set<String> built = new TreeSet<>();
        for (String module : modules()) {
            for (MatchResult dependency : all(DEPENDENCY, read(module + "/pom.xml"))) {
                String said = dependency.group(1);
                if (!said.contains("<scope>test</scope>")) {
                    boolean runtime = said.contains("<scope>runtime</scope>");
                    all(OWN, said).forEach(used -> built.add(arrow(module, used.group(1), runtime)));
                }
            }
        }
        Set<String> drawn = new TreeSet<>();
        for (MatchResult arrow : all(DRAWN, read("docs/images/modules.svg"))) {
            drawn.add(arrow(arrow.group(2), arrow.group(3), arrow.group(1) != null));
        }
        assertThat(drawn).isNotEmpty().isEqualTo(built);
    }

    @Test
    void everyModuleIsThere() throws IOException {
        List<String> named = all(NAMED, read("docs/images/modules.svg")).stream()
                .map(m -> m.group(1))
                .toList();
        assertThat(named).containsExactlyInAnyOrderElementsOf(modules());
    }

    private static String arrow(String from, String to, boolean runtime) {
        return from + (runtime ? " finds " : " uses ") + to;
    }

    /** All but the list of versions, which has no code. */
    private static List<String> modules() throws IOException {
        return all(MODULE, read("pom.xml")).stream()
                .map(m -> m.group(1))
                .distinct()
                .filter(module -> !module.equals("bom"))
                .toList();
    }

    @Test
    void theListOfVersionsHasWhatIsPublished() throws IOException {
        String bom = read("bom/pom.xml");
        List<String> listed = all(DEPENDENCY, bom).stream()
                .flatMap(d -> all(OWN, d.group(1)).stream())
                .map(m -> m.group(1))
                .toList();
        List<String> published = modules().stream()
                .filter(m -> !Set.of("examples", "benchmarks").contains(m))
                .toList();
        assertThat(listed).containsExactlyElementsOf(published);
        assertThat(version(bom)).isEqualTo(version(read("pom.xml")));
    }

    /** The first in a file, which is its own. */
    private static String version(String pom) {
        return all(VERSION, pom).getFirst().group(1);
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    private static String read(String file) throws IOException {
        return COMMENT.matcher(Files.readString(ROOT.resolve(file))).replaceAll("");
    }
}
