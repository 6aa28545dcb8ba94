/**
 * The CLARID method (arXiv 2506.09955): singular value decomposition, elbow, projection, canonical samples, measures, and the report. Begin with
 * {@link dev.canonica.clarid.CanonicalPipeline} for a batch of images, with {@link dev.canonica.clarid.study.Extraction} for a set.
 *
 * @uses dev.canonica.clarid.cluster.Cluster for work on many machines
 */
module dev.canonica.clarid {
    requires transitive dev.canonica.data;
    requires transitive dev.canonica.models;
    requires static org.jspecify;
    requires com.fasterxml.jackson.databind;
    requires commons.math3;
    requires java.desktop;
    requires org.knowm.xchart;
    requires org.slf4j;

    exports dev.canonica.clarid;
    exports dev.canonica.clarid.cluster;
    exports dev.canonica.clarid.metrics;
    exports dev.canonica.clarid.report.chart;
    exports dev.canonica.clarid.report.data;
    exports dev.canonica.clarid.report.page;
    exports dev.canonica.clarid.statistics;
    exports dev.canonica.clarid.study;
    exports dev.canonica.clarid.sweep;

    uses dev.canonica.clarid.cluster.Cluster;
}
