/**
 * Students and their experiment, attacks on classifiers and their evaluation, and losses that hold a student's features to a teacher's. Begin with
 * {@link dev.canonica.cadistill.student.StudentRun}, {@link dev.canonica.cadistill.attack.Attack} or {@link dev.canonica.cadistill.evaluate.Evaluation}.
 */
module dev.canonica.cadistill {
    requires transitive dev.canonica.clarid;
    requires static org.jspecify;
    requires commons.math3;

    exports dev.canonica.cadistill.attack;
    exports dev.canonica.cadistill.attack.bound;
    exports dev.canonica.cadistill.attack.budget;
    exports dev.canonica.cadistill.attack.check;
    exports dev.canonica.cadistill.attack.method;
    exports dev.canonica.cadistill.evaluate;
    exports dev.canonica.cadistill.experiment;
    exports dev.canonica.cadistill.loss;
    exports dev.canonica.cadistill.student;
}
