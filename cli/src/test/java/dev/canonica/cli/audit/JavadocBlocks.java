package dev.canonica.cli.audit;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EndElementTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.doctree.ValueTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import dev.canonica.cli.audit.Formulas.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The Javadoc of source files, read by the compiler, in paragraphs and formulas. Overloads follow each other in the order of the file. */
final class JavadocBlocks {
    private final DocTrees docs;
    private final Map<String, List<Block>> found = new HashMap<>();

    private final Set<Place> places;

    private JavadocBlocks(DocTrees docs, Set<Place> places) {
        this.docs = docs;
        this.places = places;
    }

    /** Of these places, by {@link Place#key}. */
    static Map<String, List<Block>> of(Path root, Set<Place> places) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            List<Path> paths = places.stream()
                    .map(Place::file)
                    .distinct()
                    .map(root::resolve)
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, _ -> {}, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(paths));
            JavadocBlocks blocks = new JavadocBlocks(DocTrees.instance(task), places);
            for (CompilationUnitTree unit : task.parse()) {
                Path path = Path.of(unit.getSourceFile().toUri());
                String file = root.toAbsolutePath()
                        .normalize()
                        .relativize(path.normalize())
                        .toString();
                blocks.scan(unit, file.replace('\\', '/'));
            }
            return blocks.found;
        }
    }

    private void scan(CompilationUnitTree unit, String file) {
        new TreePathScanner<@Nullable Void, String>() {
            @Override
            public @Nullable Void visitClass(ClassTree tree, String outer) {
                boolean top = outer.isEmpty();
                String name = top ? "" : outer.substring(1) + tree.getSimpleName();
                add(name, tree);
                return super.visitClass(tree, top ? "#" : outer + tree.getSimpleName() + ".");
            }

            @Override
            public @Nullable Void visitMethod(MethodTree tree, String outer) {
                add(outer.substring(1) + tree.getName(), tree);
                return null;
            }

            @Override
            public @Nullable Void visitVariable(VariableTree tree, String outer) { // a constant of an enumeration
                add(outer.substring(1) + tree.getName(), tree);
                return null;
            }

            private void add(String member, Tree tree) {
                DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
                Place place = new Place(file, member);
                if (comment != null && places.contains(place)) {
                    found.computeIfAbsent(place.key(), _ -> new ArrayList<>()).addAll(blocks(comment));
                }
            }
        }.scan(unit, "");
    }

    private static List<Block> blocks(DocCommentTree comment) {
        List<Block> blocks = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        boolean formula = false;
        for (DocTree part : comment.getFullBody()) {
            if (part instanceof StartElementTree start && Set.of("pre", "p").contains(name(start))) {
                close(blocks, text, formula);
                formula = name(start).equals("pre");
            } else if (part instanceof EndElementTree end && end.getName().contentEquals("pre")) {
                close(blocks, text, formula);
                formula = false;
            } else {
                text.append(words(part));
            }
        }
        close(blocks, text, formula);
        return blocks;
    }

    private static String name(StartElementTree element) {
        return element.getName().toString();
    }

    private static void close(List<Block> blocks, StringBuilder text, boolean formula) {
        String said = formula
                ? laidOut(text.toString())
                : text.toString().replaceAll("\\s+", " ").strip();
        if (!said.isEmpty()) {
            blocks.add(new Block(said, formula));
        }
        text.setLength(0);
    }

    /** A formula with its columns: the compiler has taken the indent of the first line away, and that alone. */
    private static String laidOut(String text) {
        String stripped = text.strip();
        int end = stripped.indexOf('\n');
        return end < 0
                ? stripped
                : stripped.substring(0, end + 1) + stripped.substring(end + 1).stripIndent();
    }

    private static String words(DocTree part) {
        return switch (part) {
            case TextTree text -> text.getBody();
            case LiteralTree literal -> literal.getBody().getBody();
            case EntityTree entity ->
                switch (entity.getName().toString()) {
                    case "amp" -> "&";
                    case "lt" -> "<";
                    case "gt" -> ">";
                    default -> throw new IllegalArgumentException("entity " + entity);
                };
            case LinkTree link
            when link.getLabel().isEmpty() ->
                link.getReference()
                        .getSignature()
                        .replaceFirst("^#", "")
                        .replaceFirst("^([a-z]\\w*\\.)+(?=[A-Z])", "")
                        .replace('#', '.');
            case LinkTree link -> {
                StringBuilder label = new StringBuilder();
                link.getLabel().forEach(l -> label.append(words(l)));
                yield label.toString();
            }
            case ValueTree value -> value.getReference().getSignature().replaceFirst("^#", "");
            default -> throw new IllegalArgumentException("Javadoc: " + part.getKind() + " " + part);
        };
    }
}
