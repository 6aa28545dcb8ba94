package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds that the pages lead somewhere, and that their Java compiles with the imports that {@code scripts/jshell} makes. */
class PagesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path STARTUP = ROOT.resolve("scripts/startup.jsh");

    /** What needs Spark, and what another test holds to its source. */
    private static final List<String> OTHER_PAGES = List.of("docs/cluster.md", "docs/adding-a-primitive.md");

    /** What the blocks of pages use and do not show; "…" stands for statements, or a value. */
    private static final Map<String, String> GIVEN = Map.of(
            "docs/training.md",
                    "long seed; int steps; Path file; Path out; ImageSource tested; ImageSource source; ImageSource images; List<String> names;",
            "docs/embedding.md", "DenoisingModel model; Tensor x;",
            "docs/attacks.md", "Classifier classifier; Tensor images; long[] labels;");

    private static final List<String> OF_JSHELL = List.of(
            "java.io",
            "java.math",
            "java.net",
            "java.nio.file",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "java.util.prefs",
            "java.util.regex",
            "java.util.stream");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern MERGE = Pattern.compile("(?m)^(<{7} .*|\\|{7} .*|>{7} .*)$");
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```(\\w*)\\n(.*?)^ *```");

    @TempDir
    private Path temp;

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean other = name.equals("target") || name.equals("src") || name.startsWith(".");
                return other ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    pages.add(ROOT.relativize(file));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        assertThat(pages).hasSizeGreaterThan(25);
        return pages;
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            String text = FENCED.matcher(Files.readString(ROOT.resolve(page))).replaceAll("");
            for (MatchResult link : LINK.matcher(text).results().toList()) {
                String to = link.group(1);
                if (to.matches("[a-z]+:.*")) {
                    continue;
                }
                links++;
                String[] parts = to.split("#", 2);
                Path file = parts[0].isEmpty()
                        ? page
                        : page.resolveSibling(parts[0]).normalize();
                boolean there = Files.exists(ROOT.resolve(file))
                        && (parts.length < 2 || anchors(ROOT.resolve(file)).contains(parts[1]));
                if (!there) {
                    dead.add(page + ": " + to);
                }
            }
        }
        assertThat(links).isGreaterThan(100);
        assertThat(dead).isEmpty();
    }

    /** What a merge left undecided is both versions of it, with the marks between them. */
    @Test
    void noPageHasMarksOfAMerge() throws IOException {
        List<String> marked = new ArrayList<>();
        for (Path page : pages()) {
            MERGE.matcher(Files.readString(ROOT.resolve(page)))
                    .results()
                    .forEach(mark -> marked.add(page + ": " + mark.group()));
        }
        assertThat(marked).isEmpty();
    }

    /** Those that GitHub makes of a page's headings. */
    private static List<String> anchors(Path page) throws IOException {
        String text = FENCED.matcher(Files.readString(page)).replaceAll("");
        return text.lines()
                .filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
                .map(line -> line.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'))
                .toList();
    }

    static Stream<String> pagesWithJava() throws IOException {
        return pages().stream()
                .map(page -> page.toString().replace('\\', '/'))
                .filter(page -> !OTHER_PAGES.contains(page) && !blocks(page).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("pagesWithJava")
    void whatPagesShowCompilesWithTheImportsOfJShell(String page) throws IOException {
        List<String> blocks = blocks(page);
        StringBuilder own = new StringBuilder();
        StringBuilder body = new StringBuilder("class Page {\n" + GIVEN.getOrDefault(page, "") + "\n");
        for (int i = 0; i < blocks.size(); i++) {
            body.append("void block").append(i).append("() throws Exception {\n");
            for (String line : blocks.get(i).lines().toList()) {
                if (line.startsWith("import ")) {
                    own.append(line).append('\n');
                } else if (!line.equals("…")) {
                    body.append(line.replace("= …;", "= null;")).append('\n');
                }
            }
            body.append("}\n");
        }
        assertThat(errors(own + body.append("}\n").toString())).isEmpty();
    }

    /** No class of a package that is imported whole is hidden by another of its name. */
    @Test
    void whatJShellImportsIsOfOneMeaning() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        Matcher whole = Pattern.compile("import ([a-z.]+)\\.\\*;").matcher(Files.readString(STARTUP));
        while (whole.find()) {
            names.addAll(publicTypes(whole.group(1).replace('.', '/')));
        }
        assertThat(names)
                .contains("Masks", "Unary", "ResNet", "Sequential", "Function")
                .hasSizeGreaterThan(150);
        assertThat(errors(names.stream()
                        .map(name -> "Class<?> of" + name + " = " + name + ".class;\n")
                        .collect(Collectors.joining("", "class Names {\n", "}\n"))))
                .isEmpty();
    }

    private static List<String> publicTypes(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path module : listed(ROOT)) {
            for (Path file : listed(module.resolve("src/main/java").resolve(folder))) {
                String name = file.getFileName().toString().replace(".java", "");
                if (Files.isRegularFile(file)
                        && Pattern.compile("(?m)^public .*\\b(class|record|interface|enum) " + name + "\\b")
                                .matcher(Files.readString(file))
                                .find()) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    /** What is in a folder; nothing where there is none. */
    private static List<Path> listed(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** A page's blocks of Java, without descriptors of modules. */
    private static List<String> blocks(String page) {
        try {
            return FENCED.matcher(Files.readString(ROOT.resolve(page)))
                    .results()
                    .filter(block -> block.group(1).equals("java"))
                    .map(block -> block.group(2))
                    .filter(block -> !block.startsWith("module "))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(page, e);
        }
    }

    /** What the compiler says of a unit with JShell's imports and ours before it. */
    private List<String> errors(String unit) throws IOException {
        String source = OF_JSHELL.stream().map(p -> "import " + p + ".*;\n").collect(Collectors.joining())
                + Files.readString(STARTUP)
                + unit;
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options =
                List.of("-proc:none", "-cp", classes, "-d", temp.toString(), "--add-modules", "jdk.incubator.vector");
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, said, options, null, List.of(Undocumented.source("Unit.java", source)))
                .call();
        return said.getDiagnostics().stream()
                .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .map(d -> d.getMessage(Locale.ROOT) + " in: "
                        + source.lines().skip(d.getLineNumber() - 1).findFirst().orElse(""))
                .toList();
    }
}
