package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import dev.crier.bench.load.Wait;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The process of a peer. Closing it stops the process. */
public record RunningPeer(Process process, Endpoint endpoint) implements AutoCloseable {

    /** Runs the command on the cores, and waits until it listens on the endpoint's port. */
    static RunningPeer start(
            Path folder, Cores cores, List<String> command, Map<String, String> environment, Endpoint endpoint)
            throws IOException {
        Path output = folder.resolve("output.log");
        var builder = new ProcessBuilder(cores.command(command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            Wait.until(command.get(0) + " listens", () -> {
                if (!process.isAlive()) {
                    throw new IllegalStateException(command.get(0) + " ended: " + read(output));
                }
                return listens(endpoint.port());
            });
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
        return new RunningPeer(process, endpoint.withPid(process.pid()));
    }

    private static boolean listens(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static String read(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> processes = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                processes.forEach(ProcessHandle::destroyForcibly);
                process.waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
