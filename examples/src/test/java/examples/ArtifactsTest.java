package examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** What the POMs say of what is published, as Maven Central requires it, and that everything that names the version names this one. */
class ArtifactsTest {
    private static final Path ROOT = Path.of("..");

    private static Element pom(Path file) {
        try {
            Document document =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
            return document.getDocumentElement();
        } catch (Exception e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    /** The text of the element that a way of names leads to. */
    private static Optional<String> text(Element from, String... names) {
        Element at = from;
        for (String name : names) {
            Element next = null;
            for (Node n = at.getFirstChild(); n != null; n = n.getNextSibling()) {
                if (n instanceof Element e && e.getTagName().equals(name)) {
                    next = e;
                    break;
                }
            }
            if (next == null) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(at.getTextContent().strip());
    }

    private static String version() {
        return text(pom(ROOT.resolve("pom.xml")), "version").orElseThrow();
    }

    static List<Path> modules() throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.map(folder -> folder.resolve("pom.xml"))
                    .filter(Files::exists)
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void everyModuleSaysWhatItIs(Path file) {
        Element pom = pom(file);
        assertThat(text(pom, "name")).isPresent();
        assertThat(text(pom, "description").orElse("")).endsWith(".");
        boolean alone = file.endsWith(Path.of("bom/pom.xml"));
        assertThat(alone ? text(pom, "version") : text(pom, "parent", "version"))
                .contains(version());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pom.xml", "bom/pom.xml"})
    void whoseAndWhereIsSaidOnce(String file) {
        Element pom = pom(ROOT.resolve(file));
        for (String[] needed : new String[][] {
            {"url"},
            {"licenses", "license", "name"},
            {"licenses", "license", "url"},
            {"developers", "developer", "name"},
            {"scm", "url"},
            {"scm", "connection"}
        }) {
            assertThat(text(pom, needed)).as(String.join("/", needed)).isPresent();
        }
        Element root = pom(ROOT.resolve("pom.xml"));
        assertThat(root.getAttribute("child.project.url.inherit.append.path")).isEqualTo("false");
        assertThat(text(pom, "properties", "project.build.outputTimestamp"))
                .isEqualTo(text(root, "properties", "project.build.outputTimestamp"));
    }

    /** The bill of materials has every module that is published. */
    @Test
    void theBomHasAll() throws IOException {
        String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
        TreeSet<String> published = modules().stream()
                .map(ArtifactsTest::pom)
                .map(pom -> text(pom, "artifactId").orElseThrow())
                .collect(Collectors.toCollection(TreeSet::new));
        published.removeAll(List.of("canonica-bom", "canonica-examples", "canonica-benchmarks"));
        assertThat(published)
                .hasSizeGreaterThan(8)
                .allSatisfy(artifact -> assertThat(bom).contains("<artifactId>" + artifact + "</artifactId>"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/embedding.md"})
    void whatIsCopiedNamesThisVersion(String file) throws IOException {
        assertThat(Files.readString(ROOT.resolve(file))).contains("<version>" + version() + "</version>");
    }

    /** Which plugins Maven takes by itself depends on the Maven: what is copied names those that this build is tested with. */
    @ParameterizedTest
    @MethodSource("copied")
    void pluginsThatAreCopiedAreThoseOfThisBuild(Path file) throws IOException {
        Map<String, String> ours = plugins(Files.readString(ROOT.resolve("pom.xml")));
        String text = Files.readString(file);
        Map<String, String> theirs = plugins(text);
        boolean inherits = text.contains("<parent>"); // versions, perhaps
        theirs.forEach((plugin, version) -> {
            if (version.isEmpty() && inherits) {
                return;
            }
            assertThat(version).as(plugin).isNotEmpty();
            if (ours.containsKey(plugin)) {
                assertThat(version).as(plugin).isEqualTo(ours.get(plugin));
            }
        });
        if (text.contains("<maven.compiler.release>")) {
            assertThat(theirs).containsKeys("maven-compiler-plugin", "maven-surefire-plugin");
        }
    }

    /** Pages with fragments of POMs, and the POMs of projects outside. */
    static List<Path> copied() throws IOException {
        try (Stream<Path> pages = Files.list(ROOT.resolve("docs"));
                Stream<Path> outside = Files.walk(ROOT.resolve("examples/outside"))) {
            Stream<Path> poms = outside.filter(file -> file.endsWith("pom.xml"));
            List<Path> all = Stream.of(Stream.of(ROOT.resolve("README.md")), pages, poms)
                    .flatMap(files -> files)
                    .filter(Files::isRegularFile)
                    .toList();
            List<Path> copied = new ArrayList<>();
            for (Path file : all) {
                if (file.toString().matches(".*\\.(md|xml)")
                        && Files.readString(file).contains("<plugin>")) {
                    copied.add(file);
                }
            }
            assertThat(copied)
                    .contains(
                            ROOT.resolve("README.md"),
                            ROOT.resolve("docs/embedding.md"),
                            ROOT.resolve("examples/outside/pom.xml"));
            return copied;
        }
    }

    /** The versions of plugins; empty where none is said. */
    private static Map<String, String> plugins(String pom) {
        Map<String, String> plugins = new TreeMap<>();
        Matcher plugin =
                Pattern.compile("<plugin>(.*?)</plugin>", Pattern.DOTALL).matcher(pom);
        while (plugin.find()) {
            String head = plugin.group(1).split("<(configuration|executions|dependencies)>", 2)[0];
            String name = Printed.between(head, "<artifactId>", "</artifactId>");
            String version = head.contains("<version>") ? Printed.between(head, "<version>", "</version>") : "";
            plugins.merge(name, version, (a, b) -> a.isEmpty() ? b : a); // said once, in one of its places
        }
        return plugins;
    }

    @Test
    void projectsOutsideNameThisVersion() throws IOException {
        Element outside = pom(ROOT.resolve("examples/outside/pom.xml"));
        assertThat(text(outside, "properties", "canonica.version")).contains(version());
        assertThat(text(outside, "properties", "java.flags"))
                .isEqualTo(text(pom(ROOT.resolve("pom.xml")), "properties", "java.flags"));
    }

    /** What is in the code is of its version; under a release's there is nothing yet to be released. Each kind of change has one list. */
    @Test
    void theChangelogHasThisVersion() throws IOException {
        String changelog = Files.readString(ROOT.resolve("CHANGELOG.md"));
        boolean snapshot = version().endsWith("-SNAPSHOT");
        assertThat(changelog.contains("\n## [Unreleased]\n")).isEqualTo(snapshot);
        if (!snapshot) {
            assertThat(changelog).contains("\n## [" + version() + "] - ");
        }
        for (String release : changelog.split("(?m)^## ")) {
            assertThat(release.lines().filter(line -> line.startsWith("### ")))
                    .doesNotHaveDuplicates()
                    .isSubsetOf(
                            "### Added", "### Changed", "### Deprecated", "### Removed", "### Fixed", "### Security");
        }
    }

    /** The programs that the README lists are there, each of a page. */
    @Test
    void everyProgramIsAPage() throws IOException {
        Set<String> listed = new TreeSet<>();
        Matcher m = Pattern.compile("\\]\\(examples/src/main/java/examples/(\\w+)\\.java\\)")
                .matcher(Files.readString(ROOT.resolve("README.md")));
        while (m.find()) {
            listed.add(m.group(1));
        }
        Set<String> there = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/main/java/examples"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                if (!name.equals("package-info")) {
                    there.add(name);
                    assertThat(Files.readAllLines(file)).as(name).hasSizeLessThan(80);
                }
            }
        }
        assertThat(listed).isEqualTo(there);
    }
}
