package dev.crier.clients;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A program that runs clients, and prints one JSON object for each event that a client delivers. */
final class ClientProcess implements Closeable {

    private final Process process;

    ClientProcess(List<String> command, Consumer<Received> events) throws IOException {
        Path log = Path.of("target", "clients", Path.of(command.get(1)).getFileName() + ".log");
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        var reader = new Thread(() -> read(events), "client");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Consumer<Received> events) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                events.accept(Received.of(new JsonObject(line)));
            }
        } catch (IOException e) {
            // closed
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
