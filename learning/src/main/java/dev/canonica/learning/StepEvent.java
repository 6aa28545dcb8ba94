package dev.canonica.learning;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A step of a {@link Trainer} as an event of the JDK's Flight Recorder; without a recording it costs nothing. */
@Name("dev.canonica.TrainingStep")
@Label("Training step")
@Category({"Canonica"})
@Description("A step of training, its batch included")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Step")
    long step;

    @Label("Loss")
    double loss;

    @Label("Gradient norm")
    @Description("Before clipping")
    double gradientNorm;

    @Label("Waited for the batch")
    @Timespan(Timespan.NANOSECONDS)
    long waited;

    StepEvent() {}
}
