package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.FileWatch;
import dev.canonica.tensor.io.FileWatch.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --shard} and {@code canonica merge}: shards give the folder of one run, byte for byte. */
class ShardsTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path model;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 7);
        model = TinyDit.write(temp.resolve("model"));
    }

    private Path out(String name) {
        return temp.resolve(name);
    }

    private static Outcome succeed(Object... command) {
        Outcome outcome = Outcome.run(command);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return outcome;
    }

    private static Object[] plus(Object[] command, Object... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray();
    }

    private Object[] extract(Object... more) {
        return plus(
                new Object[] {
                    "extract", "--model", model, "--data", images, "--layer", "blocks.1", "--rank", 2, "--steps", 3
                },
                more);
    }

    private Object[] evaluate(Object... more) {
        Path classifier = TinyClassifier.write(temp.resolve("classifier"), 1);
        return plus(
                new Object[] {
                    "evaluate",
                    "--model",
                    classifier,
                    "--data",
                    images,
                    "--class-ids",
                    "6,5",
                    "--measures",
                    "clean,calibration,corruptions,ood,features,attacks",
                    "--corruptions",
                    "fog",
                    "--severities",
                    1,
                    "--ood",
                    "more=" + images,
                    "--class-mask",
                    "more=" + temp.resolve("mask.txt"),
                    "--bank",
                    images,
                    "--attacks",
                    "fgsm",
                    "--eps",
                    0.1
                },
                more);
    }

    /** Runs all shards, each into a folder of its own; gives the folders in an order of chance. */
    private List<Path> shards(int count, Object[] command) {
        List<Path> folders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            folders.add(out("shard-" + i));
            succeed(plus(command, "--out", folders.getLast(), "--shard", i + "/" + count));
        }
        Collections.shuffle(folders, new Random(count));
        return folders;
    }

    private static Object[] merge(Path out, List<Path> folders) {
        return plus(new Object[] {"merge", out}, folders.toArray());
    }

    private static void same(Path merged, Path whole) throws IOException {
        assertThat(names(merged)).isEqualTo(names(whole)).isNotEmpty();
        for (String name : names(whole)) {
            assertThat(merged.resolve(name)).as(name).hasSameBinaryContentAs(whole.resolve(name));
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(f -> folder.relativize(f).toString())
                    .sorted()
                    .toList();
        }
    }

    /** More shards than images, one that was killed and went on, batches that are cut by shards, a page: all is what one run makes. */
    @Test
    void eightShardsOfAnExtractionAreTheWhole() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 2);
        succeed(plus(command, "--out", out("whole")));
        List<Path> folders = shards(8, command);
        folders.remove(out("shard-5"));
        folders.add(3, out("killed"));
        Object[] fifth = plus(command, "--out", out("killed"), "--shard", "5/8");
        assertThat(Kills.killed(12, () -> Outcome.run(fifth))).isTrue();
        refused("killed: shard 5/8 is not done; run its command again, and it goes on", "", () -> {}, folders);
        succeed(fifth);
        succeed(merge(out("merged"), folders));
        same(out("merged"), out("whole"));
        assertThat(out("whole/report.html")).exists();
        succeed(plus(command, "--out", out("merged"))); // goes on, with nothing to do
        same(out("merged"), out("whole"));
    }

    /** The report on shards is of their images: where others are there now, nothing is extracted of these, and the merge goes on when they are back. */
    @Test
    void imagesThatChangedSinceAreNoLongerMerged() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 1);
        succeed(plus(command, "--out", out("whole")));
        List<Path> folders = shards(2, command);
        Path image;
        try (Stream<Path> all = Files.walk(images)) {
            image = all.filter(f -> f.toString().endsWith(".png"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        byte[] was = Files.readAllBytes(image);
        Files.delete(image);
        Outcome refused = Outcome.run(merge(out("merged"), folders));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("the images there are other ones than those of the shards");
        Files.write(image, was);
        succeed(merge(out("merged"), folders));
        same(out("merged"), out("whole"));
    }

    /** An indexed job may have one pod: its folder is a shard's, whose merge is the whole. */
    @Test
    void theOnlyShardIsMergedToo() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 1);
        succeed(plus(command, "--out", out("whole")));
        succeed(merge(out("merged"), shards(1, command)));
        same(out("merged"), out("whole"));
        assertThat(out("shard-0/report.html")).doesNotExist();
        assertThat(out("merged/report.html")).exists();
        refused("whole: the folder of a whole extraction, not of a shard", "", () -> {}, List.of(out("whole")));

        Path classifier = TinyClassifier.write(temp.resolve("classifier"), 1);
        TinyClassifier.writeImages(temp.resolve("in.npz"), classifier, 2, 3);
        Outcome all = succeed(attack(out("whole.npz"), "--no-checks"));
        succeed(attack(out("part.npz"), "--no-checks", "--shard", "0/1"));
        assertThat(succeed(merge(out("merged.npz"), List.of(out("part.npz")))).out())
                .isEqualTo(all.out());
        assertThat(out("merged.npz")).hasSameBinaryContentAs(out("whole.npz"));
    }

    /** A folder that holds an extraction of other images, be they more or others of the same names, stays what it is. */
    @Test
    void aWholeOfOtherImagesIsRefused() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 0);
        List<Path> folders = shards(2, plus(command, "--limit", 5));
        succeed(plus(command, "--out", out("more")));
        Outcome more = Outcome.run(merge(out("more"), folders));
        assertThat(more.code()).isEqualTo(1);
        assertThat(more.err()).contains("more: holds another extraction (").contains("count was 7, not 5");
        succeed(plus(command, "--out", out("whole")));
        same(out("more"), out("whole"));

        succeed(merge(out("merged"), folders));
        Path first = out("merged/batches/000000.npz");
        Files.copy(out("whole/batches/000001.npz"), first, StandardCopyOption.REPLACE_EXISTING);
        Outcome others = Outcome.run(merge(out("merged"), folders));
        assertThat(others.code()).isEqualTo(1);
        assertThat(others.err())
                .contains("000000.npz: holds other numbers than ")
                .contains("delete it and it is computed again");
        Files.delete(first);
        succeed(merge(out("merged"), folders));
        Path joined = out("merged/batches/000000.npz"); // of both shards
        Files.write(joined, Files.readAllBytes(out("whole/batches/000000.npz")));
        succeed(merge(out("merged"), folders));
    }

    /** What lies in a shard's folder would be taken for a run of that shard; what is behind links is copied; a damaged index is named. */
    @Test
    void foldersInPlacesOfTheirOwn() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 0);
        succeed(plus(command, "--out", out("whole")));
        shards(2, command);
        List<Path> all = List.of(out("shard-0"), out("shard-1"));
        Outcome inside = Outcome.run(merge(out("shard-0/of/whole"), all));
        assertThat(inside.code()).isEqualTo(1);
        assertThat(inside.err()).contains("is in the folder of shard ").containsOnlyOnce("\n");
        assertThat(out("shard-0/of")).doesNotExist();

        Files.move(out("shard-1/canonical"), temp.resolve("elsewhere"));
        Files.createSymbolicLink(out("shard-1/canonical"), temp.resolve("elsewhere"));
        succeed(merge(out("merged"), all));
        same(out("merged"), out("whole"));

        Files.writeString(out("shard-1/index.json"), "{");
        refused("shard-1/index.json", "run the shard's command again, and it is written again", () -> {}, all);
        Files.delete(out("shard-1/index.json"));
        refused("shard-1: shard 1/2 is not done; run its command again", "", () -> {}, all);
        succeed(plus(command, "--out", out("shard-1"), "--shard", "1/2"));
        succeed(merge(out("again"), all));
        same(out("again"), out("whole"));
    }

    /** Options from files of arguments are those of the shard's command: where it is run again, with another folder, the files are not read. */
    @Test
    void optionsFromFiles() throws IOException {
        Object[] command = {
            "extract",
            "@"
                    + Files.writeString(
                            temp.resolve("arguments"),
                            "--model %s --data %s --layer blocks.1 --rank 2 --steps 3 --batch 3 --report 1"
                                    .formatted(model, images))
        };
        List<Path> folders = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            folders.add(out("shard-" + i));
            Path own = Files.writeString(
                    temp.resolve("own-" + i), "--out=%s --shard %d/2".formatted(folders.getLast(), i));
            succeed(plus(command, "@" + own));
        }
        succeed(plus(command, "--out", out("whole")));
        Files.delete(temp.resolve("arguments"));
        succeed(merge(out("merged"), folders));
        same(out("merged"), out("whole"));
    }

    /** What merge copies beside the parts is what the shards wrote, and all of it; what is not is mended by the shard's command. */
    @Test
    void picturesAndNamesAreThoseThatWereWritten() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 0);
        succeed(plus(command, "--out", out("whole")));
        shards(2, command);
        List<Path> all = List.of(out("shard-0"), out("shard-1"));
        Path picture = out("shard-1/canonical/dog/3.png");
        byte[] was = Files.readAllBytes(picture);
        Runnable again = () -> succeed(plus(command, "--out", out("shard-1"), "--shard", "1/2"));

        Files.delete(picture);
        refused("shard-1/canonical/dog/3.png: is missing; run the shard's command again", "", () -> {}, all);
        again.run();
        assertThat(picture).hasBinaryContent(was);
        for (byte[] other :
                List.of(Arrays.copyOf(was, was.length / 2), Files.readAllBytes(out("shard-1/canonical/dog/5.png")))) {
            Files.write(picture, other);
            refused(
                    "shard-1/canonical/dog/3.png: damaged or exchanged: ",
                    "run the shard's command again",
                    () -> {},
                    all);
            again.run();
            assertThat(picture).hasBinaryContent(was);
        }
        Path foreign = Files.copy(picture, out("shard-1/canonical/dog/foreign.png"));
        refused(
                "dog/foreign.png: is not of the shard, whose shard.json does not know it; move it elsewhere",
                "",
                () -> {},
                all);
        Files.delete(foreign);

        Path index = out("shard-1/index.json");
        String names = Files.readString(index);
        Files.writeString(
                index, names.replace("dog/3", "dog/_").replace("dog/5", "dog/3").replace("dog/_", "dog/5"));
        assertThat(Files.readString(index)).isNotEqualTo(names).hasSameSizeAs(names);
        refused(
                "shard-1/index.json: damaged or exchanged: ",
                "delete it and run the shard's command again",
                () -> {},
                all);
        Files.delete(index);
        again.run();

        succeed(merge(out("merged"), all));
        same(out("merged"), out("whole"));
        Files.write(out("merged/canonical/dog/3.png"), new byte[5]);
        Files.delete(out("merged/canonical/dog/5.png"));
        succeed(merge(out("merged"), all));
        same(out("merged"), out("whole"));
        Files.write(out("whole/canonical/dog/3.png"), new byte[5]);
        succeed(plus(command, "--out", out("whole")));
        same(out("merged"), out("whole"));
    }

    /** A folder of the whole that leads into what is read is refused before anything is written through it; so is what would be taken for the whole's. */
    @Test
    void nothingIsWrittenThroughLinks() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 0);
        List<Path> all = shards(2, command);
        Files.createDirectories(out("elsewhere"));
        Files.move(out("shard-1/canonical/dog"), out("elsewhere/dog"));
        Files.createSymbolicLink(out("shard-1/canonical/dog"), out("elsewhere/dog"));
        List<String> before = names(temp);
        for (Path into :
                List.of(out("shard-0"), out("shard-0/batches"), out("shard-1/canonical"), out("elsewhere/dog"))) {
            for (String name : List.of("batches", "canonical", "canonical/dog")) {
                Files.createDirectories(out("merged").resolve(name).getParent());
                Files.createSymbolicLink(out("merged").resolve(name), into);
                Outcome refused = Outcome.run(merge(out("merged"), all));
                assertThat(refused.code()).isEqualTo(1);
                assertThat(refused.err())
                        .contains("merged/" + name + ": is in ", ", where a shard's files are; delete the link")
                        .containsOnlyOnce("\n");
                Files.delete(out("merged").resolve(name));
                Files.deleteIfExists(out("merged/canonical"));
            }
        }
        assertThat(names(temp)).isEqualTo(before);
        Files.createSymbolicLink(out("merged/.lock"), out("shard-0/index.json"));
        Outcome locked = Outcome.run(merge(out("merged"), all));
        assertThat(locked.code()).isEqualTo(1);
        assertThat(out("shard-0/index.json")).content().contains("parts");
        Files.delete(out("merged/.lock"));
        Files.createDirectories(out("roomy")); // a link to where there is room is none into a shard
        Files.createSymbolicLink(out("merged/batches"), out("roomy"));
        succeed(merge(out("merged"), all));
        for (String stray : List.of("batches/000007.npz", "canonical/dog/stale.png")) {
            Files.createFile(out("merged").resolve(stray));
            Outcome refused = Outcome.run(merge(out("merged"), all));
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).contains("merged/" + stray + ": is no file of the whole that these shards are");
            Files.delete(out("merged").resolve(stray));
        }
    }

    /** The command that has to run for the page is said as a whole, however long. */
    @Test
    void theCureIsWhole() throws IOException {
        model = TinyDit.write(temp.resolve("models/" + "m".repeat(250)));
        images = TinyImages.write(temp.resolve("i".repeat(250)), 2);
        List<Path> folders = shards(1, extract("--batch", 3, "--report", 1));
        Path away = Files.move(temp.resolve("models"), temp.resolve("away"));
        Outcome refused = Outcome.run(merge(out("merged"), folders));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .endsWith(
                        ("merged: all parts are there, but the pages and tables could not be made of them; the same command"
                                        + " goes on when the shards' command runs here: ./canonica extract --model %s --data %s"
                                        + " --layer blocks.1 --rank 2 --steps 3 --batch 3 --report 1%n")
                                .formatted(model, images));
        Files.move(away, temp.resolve("models"));
        succeed(merge(out("merged"), folders));
    }

    /** Images that got other names, or another order, since the first shard are other images. */
    @Test
    void renamedImagesAreRefused() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 1);
        List<Path> folders = shards(2, command);
        Files.move(images.resolve("dog/5.png"), images.resolve("dog/9.png"));
        succeed(plus(command, "--out", out("renamed"), "--shard", "1/2"));
        refused(
                "renamed: other settings than ",
                "(image names was ",
                () -> {},
                List.of(out("shard-0"), out("renamed")));
        Outcome report = Outcome.run(merge(out("merged"), folders));
        assertThat(report.err())
                .contains(
                        "images: the images there are other ones than those of the shards (dog/5.png is not there, dog/9.png is new); put these back");
        Files.move(images.resolve("dog/9.png"), images.resolve("dog/5.png"));
        succeed(merge(out("merged"), folders));

        Object[] evaluate = {
            "evaluate",
            "--model",
            TinyClassifier.write(temp.resolve("classifier"), 1),
            "--data",
            TinyImages.write(temp.resolve("few"), 2),
            "--class-ids",
            "6,5",
            "--measures",
            "ood",
            "--ood",
            "more=" + images,
            "--class-mask",
            "more=" + Files.writeString(temp.resolve("mask.txt"), "cat 6\ndog 5\n")
        };
        succeed(plus(evaluate, "--out", out("answers-0"), "--shard", "0/2"));
        Files.move(
                images.resolve("dog/5.png"), images.resolve("dog/9.png")); // of another set than that which is divided
        succeed(plus(evaluate, "--out", out("answers-1"), "--shard", "1/2"));
        refused(
                "answers-1: other settings than ",
                "(image names was ",
                () -> {},
                List.of(out("answers-0"), out("answers-1")));
    }

    /** The page of an evaluation is of the shards' images under the names that they had, those of other sets, too; nothing notes the new ones. */
    @Test
    void anEvaluationIsMergedUnderTheNamesThatWere() throws IOException {
        Path few = TinyImages.write(temp.resolve("few"), 2);
        Object[] command = {
            "evaluate",
            "--model",
            TinyClassifier.write(temp.resolve("classifier"), 1),
            "--data",
            few,
            "--class-ids",
            "6,5",
            "--measures",
            "clean,ood",
            "--ood",
            "more=" + images,
            "--class-mask",
            "more=" + Files.writeString(temp.resolve("mask.txt"), "cat 6\ndog 5\n")
        };
        succeed(plus(command, "--out", out("whole")));
        List<Path> folders = shards(2, command);
        for (Path set : List.of(few, images)) {
            String last = names(set).getLast();
            Path renamed = set.resolve(last.replace(".png", "x.png")); // in the same place of the order
            Files.move(set.resolve(last), renamed);
            Outcome refused = Outcome.run(merge(out("merged"), folders));
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err())
                    .contains("%s: the images there are other ones than those of the shards".formatted(set))
                    .contains(set.relativize(renamed) + " is new")
                    .contains("; put these back");
            assertThat(out("merged/settings.json")).hasSameBinaryContentAs(out("whole/settings.json"));
            Files.move(renamed, set.resolve(last));
            succeed(merge(out("merged"), folders));
            Files.move(set.resolve(last), renamed); // a run that is refused changes nothing either
            Map<String, String> before = TrainFiles.of(out("merged"));
            Outcome plain = Outcome.run(plus(command, "--out", out("merged")));
            assertThat(plain.code()).isEqualTo(1);
            assertThat(plain.err()).contains("; delete it and it is computed again");
            assertThat(TrainFiles.of(out("merged"))).isEqualTo(before);
            Files.move(renamed, set.resolve(last));
            same(out("merged"), out("whole"));
        }
    }

    /** Bad images are left out of the whole set, before it is divided. */
    @Test
    void imagesThatAreLeftOutAreSo() throws IOException {
        Files.writeString(images.resolve("cat/2.png"), "no image");
        Object[] command = extract("--batch", 4, "--report=0", "--skip-bad");
        succeed(plus(command, "--out", out("whole")));
        succeed(merge(out("merged"), shards(2, command)));
        same(out("merged"), out("whole"));
        assertThat(out("merged/left-out.csv")).exists();
        Files.delete(out("shard-1/left-out.csv"));
        lastOfAll(out("shard-1/shard.json"), plus(command, "--out", out("shard-1"), "--shard", "1/2"));
        succeed(merge(out("again"), List.of(out("shard-0"), out("shard-1"))));
        same(out("again"), out("whole"));

        Files.delete(images.resolve("cat/2.png")); // nothing is left out any more
        for (int i = 0; i < 2; i++) {
            succeed(plus(command, "--out", out("shard-" + i), "--shard", i + "/2"));
        }
        succeed(plus(command, "--out", out("whole")));
        assertThat(out("whole/left-out.csv")).doesNotExist();
        succeed(merge(out("merged"), List.of(out("shard-0"), out("shard-1"))));
        same(out("merged"), out("whole"));
    }

    /** What a picture is called depends on all images: one of an earlier form goes, also where the image for which it had that is another shard's. */
    @Test
    void picturesOfOtherFormsOfANameGo() throws IOException {
        images = TinyImages.write(temp.resolve("forms"), 4);
        Files.move(images.resolve("cat/2.png"), images.resolve("cat/A.png"));
        Files.move(images.resolve("dog/3.png"), images.resolve("cat/a.png"));
        Object[] command = extract("--batch", 2, "--report", 0);
        shards(2, command);
        assertThat(out("shard-0/canonical/cat/%41.png.png")).exists();
        Files.move(images.resolve("cat/a.png"), images.resolve("dog/2.png"));
        List<Path> folders = shards(2, command);
        assertThat(out("shard-0/canonical/cat/%41.png.png")).doesNotExist();
        succeed(plus(command, "--out", out("whole")));
        succeed(merge(out("merged"), folders));
        same(out("merged"), out("whole"));
    }

    /** Runs a shard's command that is killed before each of its operations on files in turn: it counts as done when there is nothing left to do, and not before. */
    private void lastOfAll(Path says, Object[] command) {
        List<Operation> operations = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        FileWatch.during(
                (operation, file) -> {
                    operations.add(operation);
                    files.add(file);
                },
                () -> succeed(command));
        assertThat(files).contains(out("shard-1/left-out.csv"));
        int done = -1;
        for (int n = 0; n < operations.size(); n++) {
            if (operations.get(n) == Operation.RENAME && files.get(n).equals(says)) {
                done = n;
            }
        }
        assertThat(operations.subList(done + 1, operations.size())).containsOnly(Operation.FORCE_FOLDER);
        int gone = operations.indexOf(Operation.DELETE); // before that nothing is changed
        assertThat(files.get(gone)).isEqualTo(says);
        for (int n = gone + 1; n <= done; n++) {
            if (operations.get(n) == Operation.RENAME) {
                assertThat(Kills.killed(n, () -> Outcome.run(command))).isTrue();
                assertThat(says).as("killed before operation " + n).doesNotExist();
            }
        }
        succeed(command);
        assertThat(says).exists();
    }

    /** A shard and a merge that are killed before each of their operations on files go on to the same bytes. */
    @Test
    void killedShardsAndMergesGoOn() throws IOException {
        images = TinyImages.write(temp.resolve("few"), 3);
        Object[] command = extract("--batch", 2, "--report", 0, "--threads", 1);
        succeed(plus(command, "--out", out("whole")));
        List<Path> folders = shards(2, command);
        Kills.before(
                EnumSet.of(Operation.RENAME, Operation.DELETE),
                out("shard-1"),
                () -> succeed(plus(command, "--out", out("shard-1"), "--shard", "1/2")));
        Kills.before(EnumSet.of(Operation.RENAME), out("merged"), () -> succeed(merge(out("merged"), folders)));
        same(out("merged"), out("whole"));
    }

    @Test
    void shardsOfAnEvaluationAreTheWhole() throws IOException {
        Files.writeString(temp.resolve("mask.txt"), "cat 6\ndog 5\n");
        Object[] command = evaluate();
        succeed(plus(command, "--out", out("whole")));
        List<Path> all = shards(9, command);
        Path one = out("shard-2");
        Path another = out("shard-5");
        Path answers = one;
        for (String name : names(one)) { // of one image each: as long as each other's
            Path other = another.resolve(name);
            if (name.endsWith(".npz")
                    && Files.exists(other)
                    && Files.size(other) == Files.size(one.resolve(name))
                    && Files.mismatch(other, one.resolve(name)) >= 0) {
                answers = one.resolve(name);
            }
        }
        byte[] own = Files.readAllBytes(answers);
        Files.copy(another.resolve(one.relativize(answers)), answers, StandardCopyOption.REPLACE_EXISTING);
        refused(answers + ": damaged or exchanged", "run the shard's command again", () -> {}, all);
        Files.write(answers, own);
        succeed(merge(out("merged"), all));
        same(out("merged"), out("whole"));
    }

    /** Blocks of 256 images are cut by shards, too. */
    @Test
    void anEvaluationOfSeveralBlocks() throws IOException {
        Files.writeString(temp.resolve("mask.txt"), "cat 6\ndog 5\n");
        images = TinyImages.write(temp.resolve("many"), 260);
        Object[] command =
                without(evaluate(), "--measures", "--corruptions", "--severities", "--ood", "--class-mask", "--bank");
        command = plus(command, "--measures", "clean,attacks");
        succeed(plus(command, "--out", out("whole")));
        succeed(merge(out("merged"), shards(3, command)));
        same(out("merged"), out("whole"));
    }

    private static Object[] without(Object[] command, String... options) {
        List<Object> rest = new ArrayList<>();
        for (int i = 0; i < command.length; i++) {
            if (List.of(options).contains(command[i])) {
                i++;
            } else {
                rest.add(command[i]);
            }
        }
        return rest.toArray();
    }

    private Object[] attack(Path result, Object... more) {
        return plus(
                new Object[] {
                    "attack",
                    "--model",
                    temp.resolve("classifier"),
                    "--inputs",
                    temp.resolve("in.npz"),
                    "--outputs",
                    result,
                    "--attacks",
                    "apgd-ce,square",
                    "--norm",
                    "linf",
                    "--eps",
                    "1/100",
                    "--steps",
                    3,
                    "--queries",
                    5
                },
                more);
    }

    /** Results of attacks by their files or their folders; what is printed, too, where there are no self-checks. */
    @Test
    void shardsOfAttacksAreTheWhole() throws IOException {
        Path classifier = TinyClassifier.write(temp.resolve("classifier"), 1);
        TinyClassifier.writeImages(temp.resolve("in.npz"), classifier, 5, 3);
        Outcome whole = succeed(attack(out("whole.npz"), "--no-checks"));
        List<Path> files = new ArrayList<>();
        for (int i = 6; i-- > 0; ) {
            files.add(out("parts/" + i + ".npz"));
            succeed(attack(files.getLast(), "--no-checks", "--shard", i + "/6"));
        }
        Outcome merged = succeed(merge(out("merged.npz"), files));
        assertThat(merged.out()).isEqualTo(whole.out());
        assertThat(out("merged.npz")).hasSameBinaryContentAs(out("whole.npz"));
        succeed(merge(out("together"), List.of(out("parts"))));
        assertThat(out("together/0.npz")).hasSameBinaryContentAs(out("whole.npz"));
        Files.writeString(out("merged.npz.merged"), "a file of the user's");
        succeed(merge(out("merged.npz"), files)); // what is there already is no obstacle
        assertThat(out("merged.npz.merged")).hasContent("a file of the user's");
        assertThat(out("merged.npz")).hasSameBinaryContentAs(out("whole.npz"));
        Files.copy(temp.resolve("in.npz"), out("taken.npz"));
        Outcome taken = Outcome.run(merge(out("taken.npz"), files));
        assertThat(taken.code()).isEqualTo(1);
        assertThat(taken.err()).contains("taken.npz: is there, and holds something else");
        assertThat(out("taken.npz")).hasSameBinaryContentAs(temp.resolve("in.npz"));
        assertThat(out("taken.npz.merged")).doesNotExist();

        byte[] part = Files.readAllBytes(out("parts/3.npz"));
        for (Path over : List.of(out("parts"), out("parts/3.npz"))) {
            Outcome refused = Outcome.run(merge(over, List.of(out("parts"))));
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).contains("is the result of a shard; another file or folder for the whole");
        }
        assertThat(out("parts/0.npz")).doesNotExist();
        assertThat(out("parts/3.npz")).hasBinaryContent(part);
        succeed(attack(out("parts/4.npz"), "--no-checks")); // all images: no longer a shard's
        refused("one is missing: shard 4/6", "", () -> {}, List.of(out("parts")));
        succeed(attack(out("parts/4.npz"), "--no-checks", "--shard", "4/6"));

        refused(
                "parts/2.npz: other settings than",
                "seed was 0, not 1",
                () -> succeed(attack(out("parts/2.npz"), "--no-checks", "--shard", "2/6", "--seed", 1)),
                files);
        succeed(attack(out("parts/2.npz"), "--no-checks", "--shard", "2/6"));
        refused("one is missing: shard 0/6", "", () -> {}, files.subList(0, 5));

        byte[] other = Files.readAllBytes(out("parts/2.npz"));
        Files.write(out("parts/3.npz"), Arrays.copyOf(part, part.length - 1));
        refused(
                "3.npz: damaged: %d bytes; it had %d".formatted(part.length - 1, part.length),
                "run the shard's command again",
                () -> {},
                files);
        assertThat(other).hasSameSizeAs(part); // as many images of the same size
        Files.write(out("parts/3.npz"), other);
        refused("3.npz: damaged or exchanged", "run the shard's command again", () -> {}, files);
        Files.delete(out("parts/3.npz"));
        refused("3.npz: is missing", "run the shard's command again", () -> {}, files);
        succeed(attack(out("parts/3.npz"), "--no-checks", "--shard", "3/6"));
        succeed(merge(out("mended.npz"), files));
        assertThat(out("mended.npz")).hasSameBinaryContentAs(out("whole.npz"));
    }

    /** A shard that has not checked itself is said to be one where others have. */
    @Test
    void shardsWithoutSelfChecksAreNamed() {
        Path classifier = TinyClassifier.write(temp.resolve("classifier"), 1);
        TinyClassifier.writeImages(temp.resolve("in.npz"), classifier, 2, 3);
        List<Path> files = List.of(out("0.npz"), out("1.npz"));
        succeed(attack(files.get(0), "--shard", "0/2"));
        succeed(attack(files.get(1), "--no-checks", "--shard", "1/2"));
        String said = "no self-checks in shard 1/2 (--no-checks), as there are in others";
        Outcome merged = succeed(merge(out("merged.npz"), files));
        assertThat(merged.out()).contains(said);
        assertThat(merged.err()).contains("warning: " + said);
        succeed(attack(files.get(1), "--shard", "1/2"));
        assertThat(succeed(merge(out("all.npz"), files)).out()).doesNotContain("no self-checks");
    }

    /** What noise and its certificates draw is drawn by image: in attacks, whose verdicts are of all images, and in evaluations. */
    @Test
    void certificatesAreThoseOfTheWhole() throws IOException {
        Path classifier = TinyClassifier.write(temp.resolve("classifier"), 1);
        TinyClassifier.writeImages(temp.resolve("in.npz"), classifier, 5, 3);
        Object[] noise = {"--attacks", "fgsm", "--norm", "l2", "--noise", 0.1, "--eot", 2, "--certify", 20};
        Object[] attack =
                plus(new Object[] {"attack", "--model", classifier, "--inputs", temp.resolve("in.npz")}, noise);
        attack = plus(attack, "--eps", 0.1, "--no-checks");
        Outcome whole = succeed(plus(attack, "--outputs", out("whole.npz")));
        assertThat(whole.out()).contains("\"verdicts\"", "\"certify\"");
        for (int i = 2; i >= 0; i--) {
            succeed(plus(attack, "--outputs", out("parts/" + i + ".npz"), "--shard", i + "/3"));
        }
        assertThat(succeed(merge(out("merged.npz"), List.of(out("parts")))).out())
                .isEqualTo(whole.out());
        assertThat(out("merged.npz")).hasSameBinaryContentAs(out("whole.npz"));

        Object[] evaluate = {"evaluate", "--model", classifier, "--data", images, "--class-ids", "6,5"};
        evaluate = plus(plus(evaluate, noise), "--eps", "0.1,0.2", "--measures", "clean,attacks");
        succeed(plus(evaluate, "--out", out("whole")));
        succeed(merge(out("merged"), shards(3, evaluate)));
        same(out("merged"), out("whole"));
    }

    private void refused(String says, String and, Runnable before, List<Path> folders) {
        before.run();
        Outcome outcome = Outcome.run(merge(out("refused"), folders));
        assertThat(outcome.err()).contains(says).contains(and).containsOnlyOnce("\n");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(out("refused")).doesNotExist();
    }

    /** What is missing, doubled, unfinished, damaged or of other settings is refused in one line, before anything is written. */
    @Test
    void whatDoesNotFitTogetherIsRefused() throws IOException {
        Object[] command = extract("--batch", 3, "--report", 0);
        succeed(plus(command, "--out", out("whole")));
        shards(3, command);
        List<Path> all = List.of(out("shard-0"), out("shard-1"), out("shard-2"));
        refused("one is missing: shard 2/3", "", () -> {}, all.subList(0, 2));
        refused("both are shard 1/3", "", () -> {}, List.of(all.get(0), all.get(1), all.get(1), all.get(2)));
        refused("the folder of a whole extraction, not of a shard", "", () -> {}, List.of(out("whole"), all.get(1)));
        refused(images + ": not the folder of a shard: no settings.json", "", () -> {}, List.of(images, all.get(1)));
        succeed(plus(command, "--out", out("fourth"), "--shard", "2/4"));
        refused("fourth: shard 2/4, where ", " is one of 3", () -> {}, List.of(all.get(0), all.get(1), out("fourth")));
        succeed(plus(extract("--batch", 3, "--report", 0, "--seed", 1), "--out", out("seed"), "--shard", "2/3"));
        refused(
                "seed: other settings than ",
                "(seed was 0, not 1)",
                () -> {},
                List.of(all.get(0), all.get(1), out("seed")));
        Files.move(out("fourth"), out("shard-1/fourth")); // a run of its own, in the shard's folder
        String foreign = "shard-1/fourth: another run, which the shard of this folder has not made";
        refused(foreign, "move it elsewhere", () -> {}, all);
        succeed(plus(command, "--out", out("shard-1"), "--shard", "1/3"));
        refused(foreign, "move it elsewhere", () -> {}, all);
        Files.move(out("shard-1/fourth"), out("fourth"));
        Path says = all.get(1).resolve("shard.json");
        Files.move(says, temp.resolve("says"));
        refused("shard-1: shard 1/3 is not done; run its command again, and it goes on", "", () -> {}, all);
        Files.move(temp.resolve("says"), says);
        Path part = all.get(1).resolve("batches/000000.npz");
        Path kept = Files.copy(part, temp.resolve("kept"));
        Files.delete(part);
        refused("batches/000000.npz", "", () -> {}, all);
        Files.copy(kept, part);
        Files.write(part, new byte[100]);
        refused("batches/000000.npz", "", () -> {}, all);
        Files.copy(all.get(0).resolve("batches/000000.npz"), part, StandardCopyOption.REPLACE_EXISTING);
        refused("shard-1/batches/000000.npz: damaged", "run the shard's command again", () -> {}, all);
        Files.copy(kept, part, StandardCopyOption.REPLACE_EXISTING);
        Outcome own = Outcome.run(merge(all.get(0), all));
        assertThat(own.err()).contains("shard-0: is one of the shards");
        assertThat(Outcome.run(merge(out("x"), List.of(out("gone")))).code()).isEqualTo(2);
        Outcome another = Outcome.run(merge(out("classes"), List.of(all.get(0), all.get(1), other(command))));
        assertThat(another.err()).contains("other settings than", "contents was");
        succeed(merge(out("merged"), all));
        same(out("merged"), out("whole"));
    }

    /** The last shard, of images of which one has other pixels. */
    private Path other(Object[] command) throws IOException {
        Files.copy(images.resolve("cat/0.png"), images.resolve("cat/2.png"), StandardCopyOption.REPLACE_EXISTING);
        succeed(plus(command, "--out", out("other"), "--shard", "2/3"));
        return out("other");
    }
}
