package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.page.Simulated.Scene;
import dev.canonica.data.set.LabelledFolder;
import dev.canonica.data.set.MaskedImageSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes the report and the sheet of simulated data, to be looked at: {@code ReportDemo IMAGES FOLDER [LARGEST]}, of no more bytes than {@code LARGEST}. */
final class ReportDemo {
    private ReportDemo() {}

    static void main(String[] args) {
        List<Scene> scenes = new ArrayList<>();
        try (MaskedImageSet images = (MaskedImageSet) LabelledFolder.open(Path.of(args[0]))) {
            for (int i = 0; i < images.size(); i++) {
                String background = images.backgrounds().get(images.background(i));
                scenes.add(new Scene(
                        images.id(i),
                        images.classes().get(images.label(i)),
                        Simulated.PATTERNED.contains(background) ? "patterned" : "plain",
                        images.image(i),
                        images.mask(i)));
            }
        }
        List<Note> notes = List.of(
                new Note(
                        Note.Kind.WARNING,
                        "Adjusted mutual information of the canonical features with the classes is 0.27, below 0.4:"
                                + " they are unlikely to help a student."),
                new Note(
                        Note.Kind.REMARK,
                        "The images were chosen by eye; they are examples, not a sample to measure on."));
        ReportData data = new Simulated(10, true).report(scenes, 1, notes);
        HtmlReport.write(
                data, Path.of(args[1], "report.html"), args.length > 2 ? Long.parseLong(args[2]) : HtmlReport.LARGEST);
        ContactSheet.write(data, Path.of(args[1], "sheet.png"));
    }
}
