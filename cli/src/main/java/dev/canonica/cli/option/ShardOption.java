package dev.canonica.cli.option;

import dev.canonica.data.run.Shard;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which part of the images a command works on; {@code merge} joins the parts. */
public final class ShardOption {
    /** The option's name. */
    public static final String NAME = "--shard";

    @Option(
            names = NAME,
            paramLabel = "i/n",
            converter = Converter.class,
            description =
                    "the i-th of n parts of the images, i from 0; canonica merge joins the parts, be it one (default: all images, which need none)")
    private Shard shard = Shard.WHOLE;

    /** The defaults; picocli sets what the command line gives. */
    public ShardOption() {}

    /** The part; {@link Shard#WHOLE} if none was named. */
    public Shard shard() {
        return shard;
    }

    /** Reads {@code i/n}. */
    public static final class Converter implements ITypeConverter<Shard> {
        Converter() {}

        @Override
        public Shard convert(String value) {
            return Shard.parse(value)
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + value + "' is not i/n with i from 0 to n - 1, such as 0/4"));
        }
    }
}
