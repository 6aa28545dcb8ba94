package dev.canonica.cli.audit;

/**
 * Where the Javadoc of a class or of one of its members stands.
 *
 * @param file in the repository, such as {@code clarid/src/main/java/dev/canonica/clarid/metrics/Elbow.java}
 * @param member a method's or a nested type's name, its members after a dot; empty for the file's class itself
 */
public record Place(String file, String member) {
    /** A class of a module's main code, and where there is one its member: {@code clarid}, {@code metrics.Elbow#of}. */
    static Place of(String module, String name) {
        int at = name.indexOf('#');
        String type = at < 0 ? name : name.substring(0, at);
        return new Place(
                "%s/src/main/java/dev/canonica/%s/%s.java"
                        .formatted(module, module.replace('-', '/'), type.replace('.', '/')),
                at < 0 ? "" : name.substring(at + 1));
    }

    /** As a reader calls it: {@code Elbow}, {@code Cka.unbiased}. */
    public String title() {
        String type = file.substring(file.lastIndexOf('/') + 1).replace(".java", "");
        return member.isEmpty() ? type : type + "." + member;
    }

    /** As {@link Formulas} finds it. */
    String key() {
        return member.isEmpty() ? file : file + "#" + member;
    }
}
