package dev.crier.testing;

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

/** The jar, run as anyone runs it. */
public final class CrierProcess implements AutoCloseable {

    public static final Path JAR = Path.of("target/crier.jar").toAbsolutePath();

    /** Its class data archive. */
    public static final Path ARCHIVE = Path.of("target/crier.jsa").toAbsolutePath();

    private static final Pattern READY = Pattern.compile("Crier is ready: http://[^ ]+:(\\d+)/");

    private static final Pattern HEALTH = Pattern.compile("Health checks are served at http://[^ ]+:(\\d+)/health");

    private final Process process;
    private final Path output;

    /** In the folder, with these arguments; the options of the virtual machine stand before -jar. */
    public static CrierProcess start(Path folder, String... arguments) throws IOException {
        return start(folder, List.of("-jar", JAR.toString()), arguments);
    }

    public static CrierProcess start(Path folder, List<String> what, String... arguments) throws IOException {
        return start(folder, Map.of(), what, arguments);
    }

    public static CrierProcess start(
            Path folder, Map<String, String> environment, List<String> what, String... arguments) throws IOException {
        return start(List.of(), folder, environment, what, arguments);
    }

    /** Starts Crier by another program, which must replace itself with the given command. */
    public static CrierProcess startBy(List<String> program, Path folder, List<String> what, String... arguments)
            throws IOException {
        return start(program, folder, Map.of(), what, arguments);
    }

    private static CrierProcess start(
            List<String> program, Path folder, Map<String, String> environment, List<String> what, String... arguments)
            throws IOException {
        var command = new ArrayList<String>(program);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(what);
        command.addAll(List.of(arguments));
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

    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was logged, without the time before each line. */
    public List<String> lines() {
        return output().lines().map(line -> line.replaceFirst("^\\S+ ", "")).toList();
    }

    /** The port, once it is ready. */
    public int port() throws Exception {
        Eventually.until(
                () -> "ready: " + output(), () -> READY.matcher(output()).find() || !process.isAlive());
        Matcher ready = READY.matcher(output());
        if (!ready.find()) {
            throw new IOException("it ended: " + output());
        }
        return Integer.parseInt(ready.group(1));
    }

    /** The port for those who run it, once it is ready, if it has one. */
    public int managementPort() throws Exception {
        port();
        Matcher told = HEALTH.matcher(output());
        if (!told.find()) {
            throw new IOException("it tells no health: " + output());
        }
        return Integer.parseInt(told.group(1));
    }

    public int exitStatus() throws Exception {
        Eventually.until(() -> "ended: " + output(), () -> !process.isAlive());
        return process.exitValue();
    }

    public long pid() {
        return process.pid();
    }

    /** The names of its threads, cut short by the kernel. */
    public List<String> threads() throws IOException {
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            var names = new ArrayList<String>();
            for (Path task : tasks) {
                names.add(Files.readString(task.resolve("comm")).trim());
            }
            return names;
        }
    }

    /** What files it has in its memory, the native libraries among them. */
    public String maps() throws IOException {
        return Files.readString(Path.of("/proc/" + process.pid() + "/maps"));
    }

    /** How large a file the process may write, in bytes, from now on. */
    public void limitFiles(String size) throws Exception {
        var prlimit = new ProcessBuilder(
                        "prlimit", "--pid", String.valueOf(process.pid()), "--fsize=" + size + ":unlimited")
                .inheritIO()
                .start();
        if (prlimit.waitFor() != 0) {
            throw new IOException("prlimit: " + prlimit.exitValue());
        }
    }

    /** As {@code kill} does, without {@code -9}. */
    public void terminate() {
        process.destroy();
    }

    /** As Ctrl-C does. */
    public void interrupt() throws Exception {
        var kill = new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill: " + kill.exitValue());
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        Files.delete(output);
    }
}
