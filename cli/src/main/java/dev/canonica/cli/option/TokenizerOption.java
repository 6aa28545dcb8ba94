package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.text.ClipTokenizer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How texts are cut into tokens. */
public final class TokenizerOption {
    /** Its name. */
    public static final String NAME = "--tokenizer";

    @Option(
            names = NAME,
            paramLabel = "NAME",
            description =
                    "how texts are cut into tokens: openai (openai/CLIP, which repairs curly quotes, ligatures, full width and HTML) or transformers"
                            + " (NFC and lower case, nothing else) (default: the pipeline's own, which is said)")
    private @Nullable String name;

    /** The defaults; picocli sets what the command line gives. */
    public TokenizerOption() {}

    /** Whether it was given. */
    boolean given() {
        return name != null;
    }

    /** The form that was asked for; empty for the pipeline's own. */
    Optional<ClipTokenizer.Form> form() {
        return Optional.ofNullable(name).map(TokenizerOption::form);
    }

    private static ClipTokenizer.Form form(String name) {
        return Arrays.stream(ClipTokenizer.Form.values())
                .filter(f -> f.label().equals(name))
                .findFirst()
                .orElseThrow(() -> Misuse.choice(
                        NAME,
                        name,
                        Arrays.stream(ClipTokenizer.Form.values())
                                .map(ClipTokenizer.Form::label)
                                .toList()));
    }

    /**
     * Refuses a name that there is not, before anything is read.
     *
     * @throws Misuse naming those that there are
     */
    public void check() {
        form();
    }
}
