package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Certificate;
import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What shows that the directions are the leading ones: residuals and the work spent, image by image. */
final class Certificates {
    private Certificates() {}

    /** In one sentence. */
    static String summary(ReportData data) {
        List<Certificate> all = data.items().stream()
                .map(item -> item.directions().certificate())
                .toList();
        long held = all.stream().filter(Certificate::holds).count();
        double products = all.stream().mapToDouble(Certificate::products).sum();
        double median =
                Numbers.median(all.stream().mapToDouble(Certificate::products).toArray());
        return "%s of %s met the tolerance in every %s; %s products with J or Jᵀ in all, %s for the median image."
                .formatted(
                        held,
                        Numbers.count(all.size(), data.about().damped() ? "image" : "decomposition"),
                        data.about().damped() ? "strength" : "direction",
                        Numbers.plain(products, 0),
                        Numbers.plain(median, 0));
    }

    /** One row for each image, those that failed first. */
    static String rows(ReportData data) {
        StringBuilder html = new StringBuilder();
        List<Integer> failuresFirst = IntStream.range(0, data.items().size())
                .boxed()
                .sorted(Comparator.comparing(
                        i -> data.items().get(i).directions().certificate().holds()))
                .toList();
        for (int i : failuresFirst) {
            Item item = data.items().get(i);
            Directions directions = item.directions();
            Certificate certificate = directions.certificate();
            String verdict = certificate.holds()
                    ? "<td class=\"ok\">✓ all " + directions.n() + "</td>"
                    : "<td class=\"bad\">✗ " + certificate.certified() + " of " + directions.n() + "</td>";
            html.append("""
                <tr><th scope="row"><a href="#image-%s">%s</a> <span>%s</span></th>%s<td>%s</td>\
                <td>%s</td><td>%s</td>%s<td>%s</td></tr>
                """.formatted(
                    i,
                    Html.text(item.name()),
                    Html.text(item.className()),
                    data.about().damped() ? "" : "<td>%s</td><td>%s</td>".formatted(directions.elbow(), item.chosen()),
                    Numbers.format(directions.sigma()[0]),
                    Numbers.scientific(certificate.worst()),
                    Numbers.scientific(certificate.tolerance()),
                    verdict,
                    Numbers.plain(certificate.products(), 0)));
        }
        return html.toString();
    }
}
