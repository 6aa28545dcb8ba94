/** The CLARID method: singular value decomposition, elbow, projection, canonical samples, measures, and the report. */
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
