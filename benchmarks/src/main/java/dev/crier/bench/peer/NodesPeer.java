package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import dev.crier.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Two nodes of a server, and the Redis that they share.
 *
 * @param node creates a node for the Redis on this port
 * @param across whether all publishers use the first node and all subscribers the second; otherwise both use both
 */
public record NodesPeer(String name, IntFunction<Peer> node, boolean across) implements Peer {

    @Override
    public Optional<String> version() {
        return node.apply(0).version().flatMap(version -> RedisServer.version().map(redis -> version + ", " + redis));
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        int redisPort = Ports.free();
        var started = new ArrayList<RunningPeer>();
        try {
            started.add(RedisServer.start(Files.createDirectory(folder.resolve("redis")), redisPort, cores));
            started.add(node.apply(redisPort).start(Files.createDirectory(folder.resolve("first")), port, cores));
            int other = Ports.free();
            started.add(node.apply(redisPort).start(Files.createDirectory(folder.resolve("second")), other, cores));
            List<Integer> both = List.of(port, other);
            Endpoint endpoint = started.get(1)
                    .endpoint()
                    .at(across ? List.of(port) : both, across ? List.of(other) : both, redisPort);
            return RunningPeer.of(started, endpoint);
        } catch (IOException | RuntimeException e) {
            started.forEach(RunningPeer::close);
            throw e;
        }
    }
}
