package dev.canonica.cli.command;

import dev.canonica.cadistill.experiment.SatelliteExperiment;
import dev.canonica.cadistill.experiment.SatelliteScale;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.named.Satellite;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica experiment satellite}. */
@Command(
        name = "satellite",
        description = {
            "The method in another domain: patches of 3 x 3 pixels of a Landsat image in four bands, of which the class is that of the centre pixel. Small diffusion"
                    + " transformers are trained on some, the method is tried on others: where directions lie, what is removed of the context and kept of the centre"
                    + " and its class, beside controls, with intervals.",
            "Writes settings.json, results.json, results.csv and report.html to --out, with the networks below it: the same command goes on where it was"
                    + " stopped. The patches are not shipped: docs/experiments.md says how to get them."
        })
final class SatelliteExperimentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            required = true,
            description = "Satellite.rda of R's package mlbench, plain or gzipped (xz -dc)")
    private Path data = Path.of("");

    @Option(
            names = "--scale",
            paramLabel = "tiny|small|full",
            defaultValue = "small",
            description =
                    "tiny: all of it within minutes, as a test of itself; small: three networks; full: five that learn longer (default: ${DEFAULT-VALUE})")
    private String scale = "small";

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the experiment")
    private Path out = Path.of("");

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    SatelliteExperimentCommand() {}

    @Override
    public Integer call() {
        Misuse.unlessOneOf("--scale", scale, SatelliteScale.ids());
        devices.require();
        return ExperimentCommand.run(
                out,
                told -> new SatelliteExperiment(
                                SatelliteScale.named(scale),
                                Satellite.read(data),
                                out,
                                GivenOptions.of(spec).line(),
                                told)
                        .run());
    }
}
