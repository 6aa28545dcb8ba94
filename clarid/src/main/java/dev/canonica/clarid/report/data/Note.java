package dev.canonica.clarid.report.data;

/**
 * What a reader must know.
 *
 * @param text one or two plain sentences
 */
public record Note(Kind kind, String text) {

    /** How bad it is. */
    public enum Kind {
        /** The result, or a part of it, cannot be used. */
        FAILURE,
        /** A sign that something is off. */
        WARNING,
        /** Good to know. */
        REMARK
    }
}
