package dev.canonica.cli;

import dev.canonica.tensor.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Gives classes from before Java 6 the stack maps of later ones. Without them Java can neither archive a class that was in use nor verify it fast; those of picocli are
 * of Java 5. The launcher's build does this to its copy of the library before it archives classes.
 */
final class StackMaps {
    private static final ClassTransform MODERN = ((ClassTransform) (builder, element) -> {
                if (element instanceof ClassFileVersion) {
                    builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
                } else {
                    builder.with(element);
                }
            })
            .andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL));

    private StackMaps() {}

    /** Rewrites jars in place. */
    public static void main(String[] jars) {
        for (String jar : jars) {
            add(Path.of(jar));
        }
    }

    /** Rewrites a jar; at every moment the file is a whole jar. */
    static void add(Path jar) {
        AtomicFiles.write(jar, file -> rewrite(jar, file));
    }

    private static void rewrite(Path jar, OutputStream file) throws IOException {
        try (ZipFile old = new ZipFile(jar.toFile());
                URLClassLoader types = new URLClassLoader(new URL[] {jar.toUri().toURL()});
                ZipOutputStream out = new ZipOutputStream(file)) {
            // A stack map names the common superclass of what two branches leave behind.
            ClassFile classes = ClassFile.of(
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(types)),
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS);
            for (ZipEntry entry : old.stream().toList()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                try (InputStream in = old.getInputStream(entry)) {
                    byte[] bytes = in.readAllBytes();
                    out.write(entry.getName().endsWith(".class") ? modern(classes, bytes) : bytes);
                }
            }
        }
    }

    private static byte[] modern(ClassFile classes, byte[] bytes) {
        ClassModel model = classes.parse(bytes);
        return model.majorVersion() < ClassFile.JAVA_6_VERSION ? classes.transformClass(model, MODERN) : bytes;
    }
}
