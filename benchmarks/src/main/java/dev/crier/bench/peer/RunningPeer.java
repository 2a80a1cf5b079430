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

/** The processes of a peer, in the order of their start. Closing it stops the processes, the last one first. */
public record RunningPeer(List<Process> processes, Endpoint endpoint) implements AutoCloseable {

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
                return listens(endpoint.publishPorts().get(0));
            });
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
        return new RunningPeer(List.of(process), endpoint.withPids(List.of(process.pid())));
    }

    /** Returns these peers as one, which has all their processes. */
    static RunningPeer of(List<RunningPeer> peers, Endpoint endpoint) {
        List<Process> processes =
                peers.stream().flatMap(peer -> peer.processes().stream()).toList();
        return new RunningPeer(
                processes,
                endpoint.withPids(processes.stream().map(Process::pid).toList()));
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
        for (int i = processes.size() - 1; i >= 0; i--) {
            stop(processes.get(i));
        }
    }

    private static void stop(Process process) {
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
