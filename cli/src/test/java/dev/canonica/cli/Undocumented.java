package dev.canonica.cli;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.ReturnTree;
import com.sun.source.doctree.ThrowsTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.ModuleTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * What sources leave unsaid: packages, modules, and public or protected elements of public types that have no Javadoc, or only tags. Overrides, records'
 * components and their accessors need none. Sources are parsed, nothing is resolved: an override is what is annotated as one.
 */
final class Undocumented extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private static final Set<String> SMALL_WORDS = Set.of("the", "a", "an", "this", "of", "its", "given", "result");

    /** Where Javadoc takes a period for the end of the sentence that stands in tables of types and members. */
    private static final Pattern ABBREVIATION =
            Pattern.compile("(?<![-\\w])(al|e\\.g|i\\.e|cf|vs|Eq|Eqs|Fig|Sec|App|No|\\p{Lu})\\.$");

    private final DocTrees trees;
    private final Function<JavaFileObject, String> name;
    private final List<String> found = new ArrayList<>();

    private Undocumented(DocTrees trees, Function<JavaFileObject, String> name) {
        this.trees = trees;
        this.name = name;
    }

    /** What is unsaid in these sources, each as {@code file:line: what}, in the order of the sources; {@code name} says how a source is called. */
    static List<String> in(Iterable<? extends JavaFileObject> sources, Function<JavaFileObject, String> name) {
        DiagnosticCollector<JavaFileObject> errors = new DiagnosticCollector<>();
        JavacTask task = (JavacTask)
                ToolProvider.getSystemJavaCompiler().getTask(null, null, errors, List.of("-proc:none"), null, sources);
        Undocumented scanner = new Undocumented(DocTrees.instance(task), name);
        try {
            for (CompilationUnitTree unit : task.parse()) {
                scanner.scan(new TreePath(unit), null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!errors.getDiagnostics().isEmpty()) {
            throw new IllegalArgumentException("sources that are no Java: " + errors.getDiagnostics());
        }
        return scanner.found;
    }

    /** A source of this text, in a file of this name. */
    static JavaFileObject source(String file, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + file), JavaFileObject.Kind.SOURCE) {
            @Override
            public String getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    @Override
    public @Nullable Void visitModule(ModuleTree tree, @Nullable Void none) {
        comment("module " + tree.getName());
        return null;
    }

    @Override
    public @Nullable Void visitPackage(PackageTree tree, @Nullable Void none) {
        if (name.apply(getCurrentPath().getCompilationUnit().getSourceFile()).endsWith("package-info.java")) {
            comment("package " + tree.getPackageName());
        }
        return null;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void none) {
        if (!isVisible(tree.getModifiers())) {
            return null; // nobody sees what is inside
        }
        comment("type " + tree.getSimpleName());
        boolean constructed = tree.getMembers().stream()
                .anyMatch(member -> member instanceof MethodTree method && isConstructor(method));
        if (tree.getKind() == Tree.Kind.CLASS && !constructed) {
            add("type " + tree.getSimpleName() + ": its constructor is not written, so that it has no comment");
        }
        return super.visitClass(tree, none);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void none) {
        if (!isVisible(tree.getModifiers()) || isOverride(tree) || isAccessor(tree)) {
            return null;
        }
        String what = isConstructor(tree) ? "constructor" : "method " + tree.getName();
        DocCommentTree comment = comment(what);
        if (comment == null) {
            return null;
        }
        Set<String> said = comment.getBlockTags().stream()
                .filter(ThrowsTree.class::isInstance)
                .map(tag -> simple(((ThrowsTree) tag).getExceptionName().getSignature()))
                .collect(Collectors.toSet());
        for (ExpressionTree thrown : tree.getThrows()) {
            if (!said.contains(simple(thrown.toString()))) {
                add(what + ": does not say when it throws " + thrown);
            }
        }
        return null; // no local classes
    }

    @Override
    public @Nullable Void visitVariable(VariableTree tree, @Nullable Void none) {
        if (isVisible(tree.getModifiers())) {
            comment("field " + tree.getName());
        }
        return null;
    }

    @Override
    public @Nullable Void visitBlock(BlockTree tree, @Nullable Void none) {
        return null;
    }

    /** The comment of what the scan is at; null, and noted, where there is none. */
    private @Nullable DocCommentTree comment(String what) {
        DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
        if (comment == null) {
            add(what + ": no comment");
            return null;
        }
        if (comment.getFullBody().isEmpty()) {
            add(what + ": nothing but tags");
        }
        String first = comment.getFirstSentence().stream().map(Object::toString).collect(Collectors.joining());
        if (!comment.getBody().isEmpty() && ABBREVIATION.matcher(first).find()) {
            add(what + ": its first sentence ends at an abbreviation: " + first);
        }
        for (DocTree tag : comment.getBlockTags()) {
            if (tag instanceof ParamTree param
                            && isHollow(param.getDescription(), param.getName().toString())
                    || tag instanceof ReturnTree result && isHollow(result.getDescription(), "")) {
                add(what + ": says nothing: " + tag);
            }
        }
        return comment;
    }

    /** Whether a text has no word beside the name's own and small ones. */
    private static boolean isHollow(List<? extends DocTree> text, String name) {
        Set<String> rest = words(text.stream().map(Object::toString).collect(Collectors.joining(" ")));
        rest.removeAll(words(name));
        rest.removeAll(SMALL_WORDS);
        return rest.isEmpty();
    }

    private static Set<String> words(String text) {
        String apart = text.replaceAll("(?<=\\p{Ll})(?=\\p{Lu})", " ").toLowerCase(Locale.ROOT);
        return new HashSet<>(Arrays.asList(apart.split("\\s+")));
    }

    private boolean isVisible(ModifiersTree modifiers) {
        Set<Modifier> flags = modifiers.getFlags();
        boolean inInterface = getCurrentPath().getParentPath().getLeaf() instanceof ClassTree outer
                && (outer.getKind() == Tree.Kind.INTERFACE || outer.getKind() == Tree.Kind.ANNOTATION_TYPE);
        return flags.contains(Modifier.PUBLIC)
                || flags.contains(Modifier.PROTECTED)
                || inInterface && !flags.contains(Modifier.PRIVATE);
    }

    private static boolean isConstructor(MethodTree tree) {
        return tree.getName().contentEquals("<init>");
    }

    private static boolean isOverride(MethodTree tree) {
        return tree.getModifiers().getAnnotations().stream()
                .anyMatch(annotation ->
                        simple(annotation.getAnnotationType().toString()).equals("Override"));
    }

    private boolean isAccessor(MethodTree tree) {
        return tree.getParameters().isEmpty()
                && getCurrentPath().getParentPath().getLeaf() instanceof ClassTree type
                && type.getKind() == Tree.Kind.RECORD
                && type.getMembers().stream()
                        .anyMatch(member -> member instanceof VariableTree component
                                && component.getName().equals(tree.getName())
                                && !component.getModifiers().getFlags().contains(Modifier.STATIC));
    }

    private static String simple(String qualified) {
        return qualified.substring(qualified.lastIndexOf('.') + 1);
    }

    private void add(String what) {
        CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
        long start = trees.getSourcePositions()
                .getStartPosition(unit, getCurrentPath().getLeaf());
        found.add(name.apply(unit.getSourceFile()) + ":" + unit.getLineMap().getLineNumber(start) + ": " + what);
    }
}
