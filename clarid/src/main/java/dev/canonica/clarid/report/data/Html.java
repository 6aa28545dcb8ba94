package dev.canonica.clarid.report.data;

import java.util.Locale;

/** Text made safe for HTML and SVG. */
public final class Html {
    private Html() {}

    /** The text as it may stand between tags and in quoted attributes; control characters become U+FFFD. */
    public static String text(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                case '\n', '\t', '\r' -> safe.append(c);
                default -> safe.append(Character.isISOControl(c) ? '\uFFFD' : c);
            }
        }
        return safe.toString();
    }

    /** The text with its first letter a capital. */
    public static String capital(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }

    /** JSON as it may stand in a script element: no tag can end or begin in it. */
    public static String json(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }
}
