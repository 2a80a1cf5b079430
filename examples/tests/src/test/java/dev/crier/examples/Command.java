package dev.crier.examples;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A command of an example's README, in a process of its own. It runs as it is there, except for ports and the build. */
final class Command implements AutoCloseable {

    private static final Pattern BLOCK = Pattern.compile("^```sh\\n(.*?)\\n```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern BUILD = Pattern.compile("^(\\./mvnw [^&]* && )+");
    private static final Pattern READY = Pattern.compile("ready: http://[^ ]+:(\\d+)/");

    /** Without the optimizing compiler, which does not pay off in so short a time. */
    private static final String FAST_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;

    /** Starts the command of the README that has this text, on a free port. */
    static Command start(String example, String text) throws IOException {
        return start(example, text, Map.of());
    }

    /** Starts the command of the README that has this text, on a free port, with other arguments than those of the README. */
    static Command start(String example, String text, Map<String, String> arguments) throws IOException {
        String command = command(example, text).replace("-conf '{", "-conf '{\"host\": \"127.0.0.1\", \"port\": 0, ");
        for (Map.Entry<String, String> argument : arguments.entrySet()) {
            command = command.replace(argument.getKey(), argument.getValue());
        }
        return new Command(command);
    }

    /** Starts the command of the README that has this text, as a client of the server on this port. */
    static Command startClient(String example, String text, int port) throws IOException {
        return new Command(command(example, text).replace("localhost:3000", "localhost:" + port));
    }

    private static String command(String example, String text) throws IOException {
        Path readme = Path.of("examples", example, "README.md");
        List<String> commands = BLOCK.matcher(Files.readString(readme))
                .results()
                .map(block -> block.group(1))
                .filter(block -> block.contains(text))
                .toList();
        if (commands.size() != 1) {
            throw new IllegalArgumentException(readme + ": " + commands.size() + " commands with " + text);
        }
        return BUILD.matcher(commands.get(0)).replaceFirst("");
    }

    private Command(String command) throws IOException {
        output = Files.createTempFile("example", ".log");
        var builder = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PORT", "0");
        builder.environment().put("JDK_JAVA_OPTIONS", FAST_START);
        process = builder.start();
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /** Waits until the server is ready and returns its port. */
    int port() throws IOException {
        for (long end = System.nanoTime() + DEADLINE.toNanos(); System.nanoTime() < end && process.isAlive(); ) {
            Matcher ready = READY.matcher(output());
            if (ready.find()) {
                return Integer.parseInt(ready.group(1));
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        throw new IOException("not ready: " + output());
    }

    /** Returns the URL of a path of this server. */
    URI url(String path) throws IOException {
        return URI.create("http://localhost:" + port() + path);
    }

    /** Kills the server. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle one : all) {
            one.onExit().orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
        }
        Files.delete(output);
    }
}
