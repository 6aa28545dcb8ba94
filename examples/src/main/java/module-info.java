/**
 * Programs that use Canonica as anybody outside of it would: with what its modules export.
 *
 * @provides dev.canonica.models.family.ModelFamilyProvider a network of one's own
 */
module examples {
    requires dev.canonica.clarid;
    requires jdk.httpserver;
    requires static org.jspecify;

    exports examples;

    provides dev.canonica.models.family.ModelFamilyProvider with
            examples.OwnFamilies;
}
