/** Losses that hold a student's features to a teacher's. */
module dev.canonica.cadistill {
    requires transitive dev.canonica.clarid;
    requires static org.jspecify;

    exports dev.canonica.cadistill.loss;
}
