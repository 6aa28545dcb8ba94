package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The texts that a text-conditional model is given: one for all images, one for each class, or one for each image. */
public final class PromptOptions {
    /** Far more than any list of texts has. */
    private static final int MAX_BYTES = 1 << 24;

    private static final String PLACE = "{}";

    @Option(names = "--prompt", paramLabel = "TEXT", description = "one text for all images (text-conditional models)")
    private @Nullable String prompt;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "a file with a text on each line: one for each class, in the order of the classes, or one for each image")
    private @Nullable Path prompts;

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description = "a text with {} in it, which stands for the name of an image's class: \"a photo of a {}\"")
    private @Nullable String template;

    @Option(
            names = "--negative",
            paramLabel = "TEXT",
            description = "the text that stands for no condition (default: the empty one)")
    private @Nullable String negative;

    @Mixin
    private TokenizerOption tokenizer = new TokenizerOption();

    /** The defaults; picocli sets what the command line gives. */
    public PromptOptions() {}

    /**
     * Texts, and which of them an image is under.
     *
     * @param texts all of them
     * @param ofImage the number of an image's text
     */
    record Assignment(List<String> texts, IntUnaryOperator ofImage) {}

    /** Whether any of the options was given. */
    boolean given() {
        return prompt != null || prompts != null || template != null || negative != null;
    }

    /** How texts are cut into tokens. */
    TokenizerOption tokenizer() {
        return tokenizer;
    }

    /** Refuses names that there are not, before anything is read. */
    public void checkNames() {
        tokenizer.check();
    }

    /** The text that stands for no condition. */
    String negative() {
        return negative == null ? "" : negative;
    }

    /** The texts for a set of images. */
    Assignment assign(ImageSet set) {
        long ways = Stream.of(prompt, prompts, template).filter(o -> o != null).count();
        if (ways != 1) {
            throw new Misuse("the model is conditioned on texts: one of --prompt, --prompts and --template is needed"
                    + (ways == 0 ? "" : ", not several"));
        }
        if (prompt != null) {
            return new Assignment(List.of(prompt), image -> 0);
        }
        if (template != null) {
            return new Assignment(fill(template, set), set::label);
        }
        List<String> lines = lines(prompts);
        if (lines.size() == set.classes().size()) {
            return new Assignment(lines, set::label);
        }
        if (lines.size() == set.size()) {
            return new Assignment(lines, image -> image);
        }
        throw new ModelException("%s: %d lines; needed one for each of the %d classes, or one for each of the %d images"
                .formatted(prompts, lines.size(), set.classes().size(), set.size()));
    }

    private static List<String> fill(String template, ImageSet set) {
        if (!template.contains(PLACE)) {
            throw new Misuse("--template: '" + template + "' has no {} for the name of the class");
        }
        if (set.classes().isEmpty()) {
            throw new Misuse("--template: the images of " + set.name() + " have no classes; --prompt needs none");
        }
        return set.classes().stream().map(name -> template.replace(PLACE, name)).toList();
    }

    private static List<String> lines(@Nullable Path file) {
        if (file == null) {
            return List.of();
        }
        try {
            return RegularFile.text(file, MAX_BYTES)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (NoSuchFileException e) {
            throw new ModelException(file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new ModelException(file + ": not a text in UTF-8", e);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
