/** Programs that use Canonica as anybody outside of it would: with what its modules export. */
module examples {
    requires dev.canonica.clarid;
    requires static org.jspecify;

    exports examples;
}
