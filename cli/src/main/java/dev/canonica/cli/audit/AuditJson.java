package dev.canonica.cli.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.tensor.io.JsonText;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** An audit for machines: what {@link AuditPage} says, as one JSON object. Numbers that are none are texts: {@code "NaN"}. */
public final class AuditJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AuditJson() {}

    /** The object, over several lines. */
    public static String of(Facts facts) {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode verdict = root.putObject("verdict");
        verdict.put("holds", facts.missed() == 0);
        verdict.put("checks", facts.checks());
        verdict.put("missed", facts.missed());
        verdict.put("text", Verdict.of(facts));
        texts(verdict.putArray("misses"), facts.misses());
        ArrayNode worst = verdict.putArray("worst");
        facts.worst().forEach(c -> check(worst.addObject().put("kind", c.kind().title()), c));
        equations(root.putArray("equations"), facts);
        ArrayNode known = root.putArray("known");
        facts.known()
                .forEach(k -> known.addObject()
                        .put("equation", k.equation())
                        .put("what", k.what())
                        .put("error", k.error())
                        .put("allowed", k.allowed())
                        .put("holds", !k.misses()));
        facts.model().ifPresent(m -> model(root.putObject("model"), m));
        ArrayNode golden = root.putArray("golden");
        facts.golden().forEach(g -> golden(golden.addObject(), g));
        ArrayNode primitives = root.putArray("primitives");
        facts.primitives().forEach(p -> primitive(primitives.addObject(), p, Primitive.TEST));
        ArrayNode losses = root.putArray("losses");
        facts.losses().forEach(p -> primitive(losses.addObject(), p, Primitive.LOSS_TEST));
        ObjectNode surroundings = root.putObject("surroundings");
        facts.surroundings().forEach(surroundings::put);
        surroundings.put("command", facts.command());
        ObjectNode code = root.putObject("code");
        code.put("digest", facts.code().all());
        ArrayNode parts = code.putArray("parts");
        facts.code()
                .parts()
                .forEach(p -> parts.addObject().put("name", p.name()).put("sha256", p.sha256()));
        return JsonText.plain(root.toPrettyString());
    }

    private static void texts(ArrayNode array, Collection<String> texts) {
        texts.forEach(array::add);
    }

    private static void check(ObjectNode node, Check check) {
        node.put("error", check.error());
        node.put("allowed", check.allowed());
        node.put("of", check.name());
        node.put("at", check.where());
    }

    private static void result(ObjectNode node, CheckResult result, ToDoubleFunction<ErrorKind> allowed) {
        node.put("name", result.name());
        node.put("holds", result.passed());
        node.put("cases", result.cases());
        ObjectNode errors = node.putObject("errors");
        result.worst().entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .forEach(e -> {
                    ObjectNode one = errors.putObject(e.getKey().title());
                    one.put("error", e.getValue());
                    one.put("allowed", allowed.applyAsDouble(e.getKey()));
                    one.put("at", result.where().getOrDefault(e.getKey(), ""));
                });
        texts(node.putArray("misses"), result.failures());
    }

    private static void primitive(ObjectNode node, Primitive p, String test) {
        result(node, p.result(), p.tolerance()::of);
        node.put("formula", p.formula());
        node.put("code", p.place().file());
        node.put("test", test);
    }

    private static void equations(ArrayNode array, Facts facts) {
        Formulas formulas = Formulas.read();
        for (Equation e : Equations.all()) {
            ObjectNode node = array.addObject();
            node.put("group", e.group());
            node.put("title", e.title());
            texts(
                    node.putArray("said"),
                    formulas.equation(e.place()).stream()
                            .map(Formulas.Block::text)
                            .toList());
            node.put("code", e.place().file());
            texts(node.putArray("tests"), e.tests());
            node.put("measured", Now.isMeasured(e, facts));
            node.put("now", Now.of(e, facts));
            texts(
                    node.putArray("golden"),
                    facts.golden().stream()
                            .filter(g -> e.isHeldBy(g.name()))
                            .map(GoldenCase::folder)
                            .toList());
        }
    }

    private static void model(ObjectNode node, Facts.Model m) {
        node.put("name", m.name());
        node.put("digest", m.digest());
        ArrayNode checks = node.putArray("checks");
        m.checks().forEach(c -> result(checks.addObject(), c, k -> ModelAudit.allowed(c, k)));
        m.decomposition().ifPresent(d -> decomposition(node.putObject("decomposition"), d));
        if (!m.failure().isEmpty()) {
            node.put("failure", m.failure());
        }
    }

    private static void decomposition(ObjectNode node, Decomposition d) {
        node.put("layer", d.layer());
        node.put("latent", d.at());
        node.put("features", d.rows());
        node.put("numbers", d.columns());
        node.put("products", d.products());
        node.put("tolerance", d.tolerance());
        ArrayNode triples = node.putArray("triples");
        for (int i = 0; i < d.found().length; i++) {
            ObjectNode t = triples.addObject();
            t.put("exact", d.exact()[i]);
            t.put("certified", d.found()[i]);
            t.put("error", d.error(i));
            t.put("residual", d.residual()[i]);
        }
        node.put("next", d.exact()[d.exact().length - 1]);
        node.put("bound", d.bound());
        node.putObject("span")
                .put("directions", d.leading())
                .put("sine", d.sine())
                .put("allowed", d.sineAllowed());
        node.put("rounding", d.rounding());
        texts(node.putArray("misses"), d.misses());
    }

    private static void golden(ObjectNode node, GoldenCase g) {
        node.put("folder", g.folder());
        node.put("what", g.what());
        node.put("reference", g.reference());
        node.put("tolerance", g.tolerance());
        node.put("test", g.test());
        node.put("run", g.run().isPresent());
        g.run().ifPresent(r -> {
            node.put("holds", r.holds());
            node.put("arrays", r.compared());
            node.put("share", r.share());
            node.put("worst", r.worst());
            texts(node.putArray("misses"), r.misses());
        });
    }
}
