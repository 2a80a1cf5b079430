package dev.crier.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The jar in a process of its own, with the class data archive and without the optimizing compiler. Together they save two
 * thirds of the CPU time of a start. Options given by a test take precedence.
 */
public final class CrierProcess implements AutoCloseable {

    public static final Path JAR = Path.of("target/crier.jar").toAbsolutePath();

    /** The class data archive of the jar. */
    public static final Path ARCHIVE = Path.of("target/crier.jsa").toAbsolutePath();

    /** Runs the jar. Options of the virtual machine come before these. */
    public static final List<String> RUN_JAR = List.of("-jar", JAR.toString());

    /** Runs the jar with the test classes on the class path. */
    public static final List<String> RUN_WITH_TEST_CLASSES = List.of(
            "-cp", JAR + File.pathSeparator + Path.of("target/test-classes").toAbsolutePath(), "dev.crier.Main");

    private static final List<String> FAST_START =
            List.of("-XX:SharedArchiveFile=" + ARCHIVE, "-XX:TieredStopAtLevel=1");

    private static final Pattern READY = Pattern.compile("Crier is ready: https?://[^ ]+:(\\d+)/");

    private static final Pattern HEALTH = Pattern.compile(" https?://[^ ]+:(\\d+)/health");

    private final Process process;
    private final Path output;

    /** Starts the jar in this folder with these arguments. */
    public static CrierProcess start(Path folder, String... arguments) throws IOException {
        return start(folder, RUN_JAR, arguments);
    }

    /** Starts {@code java} with these options, which name the jar or the main class last. */
    public static CrierProcess start(Path folder, List<String> options, String... arguments) throws IOException {
        return start(folder, Map.of(), options, arguments);
    }

    /** Starts {@code java} with these variables of its environment. */
    public static CrierProcess start(
            Path folder, Map<String, String> environment, List<String> options, String... arguments)
            throws IOException {
        return start(List.of(), folder, environment, options, arguments);
    }

    /** Starts Crier through another program, which must replace itself with the command that follows it. */
    public static CrierProcess startBy(List<String> program, Path folder, List<String> options, String... arguments)
            throws IOException {
        return start(program, folder, Map.of(), options, arguments);
    }

    /** Returns these options of the virtual machine, followed by {@link #RUN_JAR}. */
    public static List<String> jarWith(String... options) {
        var all = new ArrayList<>(List.of(options));
        all.addAll(RUN_JAR);
        return all;
    }

    /** Returns the command that starts {@code java} with these options, which name the jar or the main class last. */
    public static List<String> command(List<String> options, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FAST_START);
        command.addAll(options);
        command.addAll(List.of(arguments));
        return command;
    }

    private static CrierProcess start(
            List<String> program,
            Path folder,
            Map<String, String> environment,
            List<String> options,
            String... arguments)
            throws IOException {
        var command = new ArrayList<String>(program);
        command.addAll(command(options, arguments));
        Path output = Files.createTempFile("crier", ".log");
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CRIER_"));
        builder.environment().putAll(environment);
        return new CrierProcess(builder.start(), output);
    }

    private CrierProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Returns everything that Crier has written to its standard output and standard error. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the log lines without their times. */
    public List<String> lines() {
        return output().lines().map(line -> line.replaceFirst("^\\S+ ", "")).toList();
    }

    /** Waits until Crier is ready and returns its port. */
    public int port() throws Exception {
        Eventually.until(
                () -> "Crier is ready: " + output(),
                () -> READY.matcher(output()).find() || !process.isAlive());
        Matcher ready = READY.matcher(output());
        if (!ready.find()) {
            throw new IOException("Crier ended: " + output());
        }
        return Integer.parseInt(ready.group(1));
    }

    /** Waits until Crier is ready and returns its management port. */
    public int managementPort() throws Exception {
        port();
        Matcher health = HEALTH.matcher(output());
        if (!health.find()) {
            throw new IOException("no management port: " + output());
        }
        return Integer.parseInt(health.group(1));
    }

    /** Waits until the process has ended and returns its exit status. */
    public int exitStatus() throws Exception {
        Eventually.until(() -> "the process ends: " + output(), () -> !process.isAlive());
        return process.exitValue();
    }

    public long pid() {
        return process.pid();
    }

    /** Returns the names of the threads, which the kernel truncates to 15 characters. */
    public List<String> threads() throws IOException {
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            var names = new ArrayList<String>();
            for (Path task : tasks) {
                names.add(Files.readString(task.resolve("comm")).trim());
            }
            return names;
        }
    }

    /** Returns the memory map, which names the mapped files, such as native libraries. */
    public String maps() throws IOException {
        return Files.readString(Path.of("/proc/" + process.pid() + "/maps"));
    }

    /** Limits the size of each file that the process writes, in bytes. */
    public void limitFiles(String size) throws Exception {
        var prlimit = new ProcessBuilder(
                        "prlimit", "--pid", String.valueOf(process.pid()), "--fsize=" + size + ":unlimited")
                .inheritIO()
                .start();
        if (prlimit.waitFor() != 0) {
            throw new IOException("prlimit: " + prlimit.exitValue());
        }
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGINT, as Ctrl-C does. */
    public void interrupt() throws Exception {
        var kill = new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill: " + kill.exitValue());
        }
    }

    /** Sends SIGKILL. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        Files.delete(output);
    }
}
