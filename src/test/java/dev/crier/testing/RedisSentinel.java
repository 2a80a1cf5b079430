package dev.crier.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A sentinel of Redis in a process of its own. It decides alone, and one second after the primary stops answering. */
public final class RedisSentinel implements AutoCloseable {

    private final RedisServer process;
    private final String name;

    /**
     * Starts a sentinel, and waits until it knows the replicas.
     *
     * @param name the name by which clients ask for the primary
     * @param primaryPort the port of the primary, which the sentinel connects to and names to clients
     */
    public static RedisSentinel start(Path parent, String name, int primaryPort, int replicas) throws Exception {
        var sentinel = new RedisSentinel(
                RedisServer.sentinel(
                        parent,
                        List.of(
                                "sentinel monitor " + name + " 127.0.0.1 " + primaryPort + " 1",
                                "sentinel down-after-milliseconds " + name + " 1000",
                                "sentinel failover-timeout " + name + " 5000")),
                name);
        try {
            Eventually.until(
                    () -> "the sentinel knows the replicas: " + sentinel.output(),
                    () -> sentinel.replicas() == replicas);
            return sentinel;
        } catch (Throwable e) {
            sentinel.close();
            throw e;
        }
    }

    private RedisSentinel(RedisServer process, String name) {
        this.process = process;
        this.name = name;
    }

    /** Returns the number of replicas that the sentinel could promote. */
    private long replicas() throws IOException {
        return ((List<?>) process.command("SENTINEL", "REPLICAS", name))
                .stream()
                        .filter(replica -> ((List<?>) replica).contains("slave"))
                        .count();
    }

    public int port() {
        return process.port();
    }

    /** Returns the port of the primary that the sentinel names to clients. */
    public int primaryPort() throws IOException {
        var address = (List<?>) process.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
        return Integer.parseInt(address.get(1).toString());
    }

    /** Makes the sentinel promote a replica, even if the primary answers. */
    public void failover() throws IOException {
        process.command("SENTINEL", "FAILOVER", name);
    }

    public String output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }
}
