package dev.crier.bench.peer;

import dev.crier.bench.load.Payload;
import dev.crier.testing.Ports;
import dev.crier.testing.RawClient;
import dev.crier.testing.RespClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records the command with which a Crier node appends one event to its log in Redis, and makes it repeatable. */
final class AppendCommand {

    /** The index of the batch number, after EVALSHA, the script's digest, the number of keys, the key and the node. */
    private static final int BATCH_NUMBER = 5;

    private static final int NODE = 4;

    /**
     * A batch number of 31 digits, of which redis-benchmark chooses the last twelve at random. The script compares batch
     * numbers in two ways. As texts they differ, so no batch is taken for a repetition. As Lua's numbers they are equal,
     * because those have about 16 digits, so no batch is refused for being older than the one before.
     */
    private static final String ANY_BATCH = "1" + "0".repeat(18) + "__rand_int__";

    private static final String DATA = "x".repeat(Payload.LENGTH);

    private AppendCommand() {}

    /** Publishes an event through a Crier node, and returns the command that the node has sent to Redis. */
    static List<String> capture(Path folder, int redisPort, Cores cores) throws IOException {
        List<String> command = captureFromNode(folder, redisPort, cores);
        try (var redis = new RespClient(redisPort)) {
            redis.command(
                    "HSET", "{crier}:nodes", command.get(NODE), "0 0-0"); // the script refuses a node that has left
        }
        return command;
    }

    private static List<String> captureFromNode(Path folder, int redisPort, Cores cores) throws IOException {
        try (var redis = new RespClient(redisPort);
                RunningPeer node = CrierPeer.onRedis("Crier", redisPort).start(folder, Ports.free(), cores)) {
            int port = node.endpoint().publishPorts().get(0);
            redis.command("CONFIG", "SET", "slowlog-log-slower-than", "0");
            try (var publisher = RawClient.publish(port, CrierPeer.CHANNEL, CrierPeer.TOKEN, DATA)) {
                String status = publisher.head().get(0);
                if (!status.startsWith("HTTP/1.1 2")) {
                    throw new IOException("the node refused a publication: " + status);
                }
            }
            var slow = (List<?>) redis.command("SLOWLOG", "GET", "128");
            redis.command("CONFIG", "SET", "slowlog-log-slower-than", "-1");
            return command(slow);
        }
    }

    /** Finds the command in the answer of {@code SLOWLOG}. The fourth field of each of its entries is a command. */
    private static List<String> command(List<?> slow) {
        var command = new ArrayList<String>();
        slow.stream()
                .map(entry -> (List<?>) ((List<?>) entry).get(3))
                .filter(words -> words.stream().anyMatch(word -> word.toString().contains(DATA)))
                .filter(words -> words.get(0).toString().equalsIgnoreCase("EVALSHA"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no EVALSHA with the event in " + slow))
                .forEach(word -> command.add(word.toString()));
        command.set(BATCH_NUMBER, ANY_BATCH);
        return command;
    }
}
