package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Redis server for a benchmark. It writes each command to its file, and forces the file to disk every second. */
final class RedisServer {

    private static final String PROGRAM = "redis-server";

    private RedisServer() {}

    /** Returns the version, or empty if Redis is not installed. */
    static Optional<String> version() {
        return Programs.find(PROGRAM)
                .flatMap(server -> Programs.output(server.toString(), "--version"))
                .map(version -> "Redis " + version.replaceFirst(".* v=(\\S+) .*", "$1"));
    }

    /** Starts Redis on this port. It never rewrites its file, because a rewrite during a measurement would cost CPU time. */
    static RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        List<String> command = List.of(
                Programs.find(PROGRAM).orElseThrow().toString(),
                "--bind",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--dir",
                folder.toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--auto-aof-rewrite-percentage",
                "0");
        return RunningPeer.start(folder, cores, command, Map.of(), Endpoint.ofRedis(port));
    }
}
