package dev.canonica.data.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.Csv;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Png;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.named.Garments;
import dev.canonica.data.named.Scenes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
    private static final Scenes SCENES = new Scenes(new Garments(40), Scenes.Split.TEST);
    private static final ImageSet SOME = Subset.of(SCENES, 5, 7, 31);

    @TempDir
    Path folder;

    @Test
    void readsBackWhatItWrote() {
        List<Integer> done = new ArrayList<>();
        Export.write(SOME, folder, done::add);
        assertThat(done).containsExactly(1, 2, 3);

        ImageSet read = LabelledFolder.open(folder);
        assertThat(read).isInstanceOf(MaskedImageSet.class);
        MaskedImageSet masked = (MaskedImageSet) read;
        assertThat(masked.size()).isEqualTo(3);
        assertThat(masked.classes()).isEqualTo(SCENES.classes());
        assertThat(masked.backgrounds()).isEqualTo(SCENES.backgrounds());
        int[] indices = {5, 7, 31};
        for (int i = 0; i < 3; i++) {
            assertThat(masked.image(i)).usingRecursiveComparison().isEqualTo(SCENES.image(indices[i]));
            assertThat(masked.mask(i)).usingRecursiveComparison().isEqualTo(SCENES.mask(indices[i]));
            assertThat(masked.label(i)).isEqualTo(SCENES.label(indices[i]));
            assertThat(masked.background(i)).isEqualTo(SCENES.background(indices[i]));
            assertThat(masked.attributes(i)).isEqualTo(SCENES.attributes(indices[i]));
            assertThat(masked.id(i))
                    .isEqualTo("%02d-%s-%s.png"
                            .formatted(
                                    i,
                                    SCENES.classes().get(masked.label(i)),
                                    SCENES.backgrounds().get(masked.background(i))));
        }
        assertThat(DataSets.open(folder.toString(), List.of())).isInstanceOf(MaskedImageSet.class);
        assertThat(DataSets.open(folder + "?side=8", List.of()).image(2).width())
                .isEqualTo(8);
    }

    @Test
    void goesOnWhereItStopped() throws IOException {
        assertThatThrownBy(() -> Export.write(SOME, folder, done -> {
                    if (done == 2) {
                        throw new IllegalStateException("cut off");
                    }
                }))
                .hasMessage("cut off");
        Path first = folder.resolve(fileOf(0));
        FileTime old = FileTime.fromMillis(1000);
        Files.setLastModifiedTime(first, old);
        assertThat(folder.resolve(fileOf(2))).doesNotExist();
        assertThat(folder.resolve("labels.csv")).doesNotExist();

        Export.write(SOME, folder, done -> {});
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(old);
        assertThat(LabelledFolder.open(folder).size()).isEqualTo(3);
    }

    @Test
    void doesNotMixSets() {
        Export.write(SOME, folder, done -> {});
        assertThatThrownBy(() -> Export.write(Subset.of(SCENES, 5, 7, 32), folder, done -> {}))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(folder + ": holds another set (set=scenes:test, 3 images, contents ");
    }

    @Test
    void setsWithoutMasksOrLabelsGoToo() {
        Export.write(Subset.first(new Garments(2), 9), folder.resolve("a"), done -> {});
        ImageSet grey = LabelledFolder.open(folder.resolve("a"));
        assertThat(grey).isNotInstanceOf(MaskedImageSet.class);
        assertThat(grey.size()).isEqualTo(2);
        assertThat(grey.label(1)).isEqualTo(new Garments(2).label(1));
        assertThat(grey.image(1).at(9, 15, 1))
                .isEqualTo(new Garments(2).image(1).at(9, 15, 0));
    }

    @Test
    void tablesMadeByHandAreRead() throws IOException {
        Png.write(SCENES.image(0), folder.resolve("a,b.png"));
        Png.write(SCENES.image(1), folder.resolve("c.png"));
        Files.writeString(
                folder.resolve("labels.csv"),
                "\uFEFFclass,file,note\r\n\r\nzebra,\"a,b.png\",\"say \"\"hi\"\"\"\r\nant,c.png,\r\n\r\n");
        ImageSet set = LabelledFolder.open(folder);
        assertThat(set.classes()).containsExactly("ant", "zebra");
        assertThat(set.label(0)).isEqualTo(1);
        assertThat(set.attributes(0)).containsExactly(Map.entry("note", "say \"hi\""));
        assertThat(Csv.row(List.of("a,b.png", "say \"hi\"", ""))).isEqualTo("\"a,b.png\",\"say \"\"hi\"\"\",");
    }

    /** As spreadsheets and editors write tables. */
    @Test
    void tablesOfOtherProgramsAreRead() throws IOException {
        Png.write(SCENES.image(0), folder.resolve("a.png"));
        Png.write(SCENES.image(1), folder.resolve("b.png"));
        for (String text : List.of(
                "file;class\r\na.png;a,b\r\nb.png;dog\r\n",
                "\uFEFFfile\tclass\ra.png\ta,b\rb.png\tdog\r",
                " File , Class \na.png , \"a,b\"\n b.png, dog",
                "\"file\";\"class\"\n\"a.png\";\"a,b\"\n\"b.png\";\"dog\"\n\n")) {
            Files.writeString(folder.resolve("labels.csv"), text);
            ImageSet set = LabelledFolder.open(folder);
            assertThat(set.classes()).as(text).containsExactly("a,b", "dog");
            assertThat(set.id(1)).isEqualTo("b.png");
            assertThat(set.attributes(1)).isEmpty();
        }
    }

    @Test
    void imagesWithoutARowAreCounted() throws IOException {
        Png.write(SCENES.image(0), folder.resolve("a.png"));
        Files.createDirectories(folder.resolve("masks"));
        Files.writeString(folder.resolve("labels.csv"), "file,class\na.png,x\n");
        for (String file : List.of("masks/a.png", ".hidden.png")) {
            Files.copy(folder.resolve("a.png"), folder.resolve(file));
        }
        assertThat(((LabelledFolder) LabelledFolder.open(folder)).unnamed()).isEmpty();
        Files.createDirectories(folder.resolve("more"));
        for (String file : List.of("c.png", "b.png", "more/a.png")) {
            Files.copy(folder.resolve("a.png"), folder.resolve(file));
        }
        LabelledFolder set = (LabelledFolder) LabelledFolder.open(folder);
        assertThat(set.unnamed()).containsExactly("b.png", "c.png", "more/a.png");
        assertThat(set.size()).isOne();
    }

    @Test
    void errorsNameTheLine() throws IOException {
        Path table = folder.resolve("labels.csv");
        assertRefused(table, "", table + ": no images; a table begins with the line file,class");
        for (String header : List.of("name", "a.png,cat", "file class", "file|class", "datei,klasse")) {
            assertRefused(
                    table,
                    header + "\na.png\n",
                    table + ": line 1: no column 'file' in '" + header
                            + "'; the first line has the names of the columns, with commas, semicolons or tabs between them: file,class");
        }
        assertRefused(table, "file,class,Class\na.png,x,y\n", table + ": line 1: two columns are called 'class'");
        assertRefused(
                table,
                "file,class\na.png,x\n\na.png,y\n",
                table + ": lines 2 and 4 are both of 'a.png'; a row for each image is needed");
        assertRefused(table, "file,class\n\n \n", table + ": no images; a row for each is needed");
        assertRefused(table, "file,class\na.png\n", table + ": line 2 has 1 values for 2 columns");
        for (String empty : List.of("", " ", "\"\"")) {
            assertRefused(
                    table,
                    "file,class\n\na.png," + empty + "\n",
                    table + ": line 3: 'a.png' has no class; a name is needed, or no row for it");
        }
        assertRefused(
                table,
                "file,class\n\"a.png,x\nb.png,y\n",
                table + ": line 2: a quote has no end in its line: '\"a.png,x'");
        assertRefused(
                table, "file\n../a.png\n", table + ": line 2: '../a.png' is not the name of an image beside the table");
        assertRefused(
                table, "file\n\na.png\n", folder.resolve("a.png") + ": no such file; line 3 of labels.csv names it");
        Files.writeString(folder.resolve("set.txt"), "classes=cat,dog\n");
        assertRefused(table, "file,class\na.png,eel\n", table + ": class 'eel' is not one of the classes in set.txt");
        Files.write(table, "file,class\né.png,x\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> LabelledFolder.open(folder))
                .hasMessage(table + ": cannot be read: not UTF-8; save it in that encoding");
    }

    private void assertRefused(Path table, String content, String message) throws IOException {
        Files.writeString(table, content);
        assertThatThrownBy(() -> LabelledFolder.open(folder))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
    }

    private static String fileOf(int index) {
        MaskedImageSet some = (MaskedImageSet) SOME;
        return "%02d-%s-%s.png"
                .formatted(
                        index,
                        some.classes().get(some.label(index)),
                        some.backgrounds().get(some.background(index)));
    }
}
