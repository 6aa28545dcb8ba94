package dev.canonica.cli.sweep;

import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.sweep.JacobianOutput;
import dev.canonica.clarid.sweep.SweepSetting;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.LatentCodec;
import java.util.Optional;

/** What settings and controls of a sweep need of a model and of images, said before any work starts. */
public final class SweepNeeds {
    private SweepNeeds() {}

    /** Why a control cannot stand beside the settings; empty if it can. */
    public static Optional<String> of(Control control, Subject subject, ImageSet set) {
        if (control != Control.ORACLE) {
            return control.unmet(subject.model(), subject.conditions().of(0));
        }
        if (!(set instanceof MaskedImageSet)) {
            return Optional.of("the objects of " + set.name() + " have no masks");
        }
        return subject.codec() == LatentCodec.IMAGES
                ? Optional.empty()
                : Optional.of("the model works on latents, and masks are of pixels");
    }

    /**
     * Refuses a setting that asks of a model what it cannot be asked.
     *
     * @throws Misuse that names the axis and its value
     */
    public static void check(SweepSetting s, Subject subject) {
        DenoisingModel model = subject.model();
        Condition c = subject.conditions().of(0);
        s.projection().unmet(model, c).ifPresent(why -> refuse("projection", s, why));
        if (model.canDrop(c)) {
            return;
        }
        String why = model.noNullCondition();
        if (s.projection().counts() && s.k().asksEvidence()) {
            refuse("k", s, why);
        }
        if (s.output() == JacobianOutput.DIFFERENCE) {
            refuse("output", s, why);
        }
        if (s.guidance() != 1) {
            refuse("guidance", s, why);
        }
    }

    private static void refuse(String axis, SweepSetting s, String why) {
        throw new Misuse("--grid: %s=%s: %s".formatted(axis, s.columns().get(axis), why));
    }
}
