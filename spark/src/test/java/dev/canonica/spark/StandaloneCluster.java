package dev.canonica.spark;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.launcher.JavaModuleOptions;

/** A master and two workers of one core each, on this machine alone, of the jars of Spark on the class path: what a cluster's machines would run. */
final class StandaloneCluster implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(4);

    private final Path home;
    private final int port;
    private final List<Process> processes = new ArrayList<>();

    private StandaloneCluster(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    /** Whether the class path has the jars of Spark, and how many. */
    static List<Path> sparkJars() {
        return classPath().stream()
                .filter(p -> Files.isRegularFile(p) && !isOurs(p))
                .toList();
    }

    private static List<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(p -> !p.isEmpty())
                .map(Path::of)
                .toList();
    }

    private static boolean isOurs(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.startsWith("canonica-") || name.startsWith("junit-") || name.startsWith("assertj-");
    }

    /** Our own classes as the jars that executors get. */
    static List<Path> ourJars(Path folder) throws IOException {
        List<Path> jars = new ArrayList<>();
        for (Path entry : classPath()) {
            if (Files.isRegularFile(entry) && isOurs(entry)) {
                jars.add(entry);
            } else if (Files.isDirectory(entry)) {
                jars.add(jar(entry, folder.resolve("classes-" + jars.size() + ".jar")));
            }
        }
        return jars;
    }

    private static Path jar(Path classes, Path to) throws IOException {
        try (OutputStream out = Files.newOutputStream(to);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            zip.setLevel(0);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                zip.write(Files.readAllBytes(file));
                zip.closeEntry();
            }
        }
        return to;
    }

    static StandaloneCluster start(Path home) throws IOException, InterruptedException {
        Files.createDirectories(home.resolve("jars"));
        Files.createDirectories(home.resolve("logs"));
        for (Path jar : sparkJars()) {
            Files.createSymbolicLink(home.resolve("jars").resolve(jar.getFileName()), jar);
        }
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            port = free.getLocalPort();
        }
        StandaloneCluster cluster = new StandaloneCluster(home, port);
        cluster.run("master", "org.apache.spark.deploy.master.Master", "--port", Integer.toString(port));
        cluster.awaitMaster();
        for (int i = 1; i <= 2; i++) {
            cluster.run(
                    "worker-" + i,
                    "org.apache.spark.deploy.worker.Worker",
                    "--cores",
                    "1",
                    "--memory",
                    "1g",
                    "--work-dir",
                    home.resolve("work").toString(),
                    cluster.master());
        }
        return cluster;
    }

    private void run(String name, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.add("-Xmx192m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
        command.addAll(List.of("-cp", home.resolve("jars") + "/*", main, "--host", LOOPBACK, "--webui-port", "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("logs/" + name).toFile());
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", LOOPBACK);
        builder.environment().put("LC_ALL", "C"); // as where nobody has chosen a locale
        processes.add(builder.start());
    }

    private void awaitMaster() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < PATIENCE) {
            try (Socket _ = new Socket(LOOPBACK, port)) {
                return;
            } catch (IOException notYet) {
                if (!processes.getFirst().isAlive()) {
                    throw new IOException("the master ended: " + Files.readString(home.resolve("logs/master")), notYet);
                }
                Thread.sleep(200);
            }
        }
        throw new IOException("the master does not listen: " + Files.readString(home.resolve("logs/master")));
    }

    /** Where sessions ask for executors. */
    String master() {
        return "spark://" + LOOPBACK + ":" + port;
    }

    /** The processes of executors, which workers have started. */
    List<ProcessHandle> executors() {
        return processes.stream().skip(1).flatMap(worker -> worker.children()).toList();
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : processes.reversed()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor(20, TimeUnit.SECONDS);
        }
    }
}
