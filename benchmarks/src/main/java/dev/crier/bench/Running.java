package dev.crier.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server that runs, in a process of its own. */
record Running(Process process, Target target) implements AutoCloseable {

    /** Starts the command on the cores, and waits until something listens on the target's port. */
    static Running start(Path folder, Cores cores, List<String> command, Map<String, String> environment, Target target)
            throws IOException {
        Path output = folder.resolve("output.log");
        var builder =
                new ProcessBuilder(cores.run(command)).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            Wait.until(command.get(0) + " listens", () -> {
                if (!process.isAlive()) {
                    throw new IllegalStateException(command.get(0) + " ended: " + read(output));
                }
                return listens(target.port());
            });
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
        return new Running(process, target.with(process.pid()));
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
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
                process.waitFor();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
