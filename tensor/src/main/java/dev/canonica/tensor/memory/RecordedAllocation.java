package dev.canonica.tensor.memory;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Blocks that are asked of a {@link Memory}, as events of the JDK's Flight Recorder, {@code dev.canonica.Allocation}, where a recording asks for them by name. */
@Name("dev.canonica.Allocation")
@Label("Allocation")
@Category({"Canonica"})
@Description("A block of tensors' memory that was asked for")
@Enabled(false)
@StackTrace(false)
final class RecordedAllocation extends Event {
    private static final RecordedAllocation FLAG = new RecordedAllocation();

    @Label("Bytes")
    @DataAmount
    long size;

    private RecordedAllocation() {}

    /** Notes that so many bytes were asked for; without a recording, a look at a flag. */
    static void of(long bytes) {
        if (FLAG.isEnabled()) {
            RecordedAllocation event = new RecordedAllocation();
            event.size = bytes;
            event.commit();
        }
    }
}
