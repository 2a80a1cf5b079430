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
 * One or two nodes of a server, and the Redis that they use.
 *
 * @param node creates a node for the Redis on this port
 */
public record NodesPeer(String name, IntFunction<Peer> node, Use use) implements Peer {

    /** The nodes, and what uses each. */
    public enum Use {
        /** One node for everything. */
        ONE,
        /** Two nodes. Half of the publishers and half of the subscribers use each. */
        BOTH,
        /** Two nodes. All publishers use the first node and all subscribers the second. */
        ACROSS
    }

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
            var ports = new ArrayList<>(List.of(port));
            if (use != Use.ONE) {
                int other = Ports.free();
                started.add(node.apply(redisPort).start(Files.createDirectory(folder.resolve("second")), other, cores));
                ports.add(other);
            }
            Endpoint endpoint = started.get(1)
                    .endpoint()
                    .at(
                            use == Use.ACROSS ? List.of(port) : ports,
                            use == Use.ACROSS ? ports.subList(1, 2) : ports,
                            redisPort);
            return RunningPeer.of(started, endpoint);
        } catch (IOException | RuntimeException e) {
            started.forEach(RunningPeer::close);
            throw e;
        }
    }
}
