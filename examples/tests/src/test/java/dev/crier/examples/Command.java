package dev.crier.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A command of an example's README, in a process of its own. It runs as it is there, except for ports and the build. */
final class Command implements AutoCloseable {

    private static final Pattern BLOCK = Pattern.compile("^```sh\\n(.*?)\\n```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern BUILD = Pattern.compile("^\\./mvnw [^&]* && ");
    private static final Pattern READY = Pattern.compile("ready: http://[^ ]+:(\\d+)/");
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;

    /** Starts the command of the README that has this text, on a free port. */
    static Command start(String example, String text) throws IOException {
        return new Command(
                command(example, text).replace("-conf '{", "-conf '{\"host\": \"127.0.0.1\", \"port\": 0, "));
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
        process = new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
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

    /** Subscribes to a channel of this server and returns the data of its first events. */
    List<String> events(String channel, int count) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + channel))
                .build();
        try (Stream<String> lines = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofLines())
                .body()) {
            return lines.filter(line -> line.startsWith("data: "))
                    .map(line -> line.substring("data: ".length()))
                    .limit(count)
                    .toList();
        }
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
