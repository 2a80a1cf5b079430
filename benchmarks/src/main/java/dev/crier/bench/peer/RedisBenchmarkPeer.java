package dev.crier.bench.peer;

import dev.crier.bench.load.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Redis, and {@code redis-benchmark} with 64 connections. Each command adds one event to a stream.
 *
 * @param pipeline the number of commands that a connection sends without waiting for their answers
 * @param script whether a command is Crier's script with one publication, otherwise it is {@code XADD}
 */
public record RedisBenchmarkPeer(String name, int pipeline, boolean script) implements Peer {

    private static final List<String> XADD = List.of("XADD", "bench", "*", "d", "x".repeat(Payload.LENGTH));

    @Override
    public Optional<String> version() {
        return RedisServer.version();
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        RunningPeer redis = RedisServer.start(Files.createDirectory(folder.resolve("redis")), port, cores);
        try {
            var command = new ArrayList<>(List.of(
                    Programs.find("redis-benchmark").orElseThrow().toString(),
                    "-p",
                    String.valueOf(port),
                    "-c",
                    "64",
                    "-P",
                    String.valueOf(pipeline),
                    "-r",
                    "1000000",
                    "-n",
                    String.valueOf(Integer.MAX_VALUE)));
            command.addAll(
                    script ? AppendCommand.capture(Files.createDirectory(folder.resolve("crier")), port, cores) : XADD);
            Process benchmark = new ProcessBuilder(cores.command(command))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("benchmark.log").toFile())
                    .start();
            return RunningPeer.of(
                    List.of(redis, new RunningPeer(List.of(benchmark), redis.endpoint())), redis.endpoint());
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw e;
        }
    }
}
