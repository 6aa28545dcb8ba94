package dev.canonica.spark;

import dev.canonica.tensor.io.ItemDigest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns of images and of results. */
final class Columns {
    static final String PATH = "path";
    static final String CONTENT = "content";
    static final String LABEL = "label";
    static final String INDEX = "index";
    static final String IMAGE = "image";
    static final String SETTINGS = "settings";
    static final String ERROR = "error";

    /** Columns of results before those of the work. */
    static final int KEYS = 5;

    private static final int DIGITS = 16;

    private Columns() {}

    /** Images that have been read: with their digest, and what is wrong where there is no content. */
    static final StructType READ = new StructType()
            .add(PATH, DataTypes.StringType)
            .add(LABEL, DataTypes.IntegerType)
            .add(INDEX, DataTypes.IntegerType)
            .add(IMAGE, DataTypes.StringType)
            .add(CONTENT, DataTypes.BinaryType)
            .add("problem", DataTypes.StringType);

    /** Of results: whose they are, by what they are known, what went wrong; then what was found. */
    static StructType of(ImageWork work) {
        StructType all = new StructType()
                .add(PATH, DataTypes.StringType)
                .add(LABEL, DataTypes.IntegerType)
                .add(IMAGE, DataTypes.StringType)
                .add(SETTINGS, DataTypes.StringType)
                .add(ERROR, DataTypes.StringType);
        for (StructField field : work.columns().fields()) {
            all = all.add(field);
        }
        return all;
    }

    /** The digest of what the results depend on beside the images. */
    static String settings(ImageWork work) {
        byte[] all = (work.model().digest() + "\n" + work.dependsOn()).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(ItemDigest.sha256().digest(all)).substring(0, DIGITS);
    }
}
