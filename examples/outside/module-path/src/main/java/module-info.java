module org.example.sensitivity {
    requires dev.canonica.clarid;

    exports org.example;
}
