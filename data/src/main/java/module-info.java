/**
 * Images and sets of images; folders that long runs work in. Begin with {@link dev.canonica.data.set.ImageSet}, which {@link
 * dev.canonica.data.named.DataSets} opens.
 */
module dev.canonica.data {
    requires transitive dev.canonica.tensor;
    requires transitive java.desktop;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.canonica.data;
    exports dev.canonica.data.corruption;
    exports dev.canonica.data.image;
    exports dev.canonica.data.named;
    exports dev.canonica.data.run;
    exports dev.canonica.data.set;
}
