/**
 * Networks and their files, noise schedules and samplers, texts, and what networks learn. Begin with {@link dev.canonica.models.family.ModelDirectory},
 * which reads a network from its folder.
 *
 * @uses dev.canonica.models.family.ModelFamilyProvider for families of networks that are made elsewhere
 */
module dev.canonica.models {
    requires transitive dev.canonica.learning;
    requires static org.jspecify;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;

    exports dev.canonica.models;
    exports dev.canonica.models.diffusion;
    exports dev.canonica.models.dit;
    exports dev.canonica.models.family;
    exports dev.canonica.models.linear;
    exports dev.canonica.models.nn;
    exports dev.canonica.models.pipeline;
    exports dev.canonica.models.resnet;
    exports dev.canonica.models.text;
    exports dev.canonica.models.training;
    exports dev.canonica.models.unet;

    uses dev.canonica.models.family.ModelFamilyProvider;
}
