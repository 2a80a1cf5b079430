package dev.crier.failures;

import dev.crier.testing.FaultyLink;
import dev.crier.testing.RedisSentinel;
import dev.crier.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Two nodes, and Redis with an append-only file that is flushed before each reply. */
final class Cluster implements AutoCloseable {

    static final String TOKEN = "a-token-of-the-tests";

    private static final String NAME = "crier";
    private static final int NODES = 2;

    private static final String[] DURABLE = {"appendonly yes", "appendfsync always"};

    /**
     * The parts of a cluster that a failure needs.
     *
     * @param replicas the number of replicas that Redis has
     * @param required the number of replicas that must have an event before it is acknowledged
     * @param sentinel whether the nodes ask a sentinel for the primary; otherwise each node has a faulty link to Redis
     * @param clock whether the clock of Redis can be set
     */
    record Layout(int replicas, int required, boolean sentinel, boolean clock) {

        static final Layout ONE_REDIS = new Layout(0, 0, false, false);
    }

    private final Path folder;
    private final Layout layout;
    private final List<RedisServer> servers = new ArrayList<>();
    private final List<FaultyLink> links = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private RedisSentinel sentinel;
    private int runs;

    /** Starts everything, and waits until the nodes are ready. */
    static Cluster start(Path folder, Layout layout) throws Exception {
        var cluster = new Cluster(folder, layout);
        try {
            cluster.start();
            return cluster;
        } catch (Throwable e) {
            cluster.close();
            throw e;
        }
    }

    private Cluster(Path folder, Layout layout) {
        this.folder = folder;
        this.layout = layout;
    }

    private void start() throws Exception {
        servers.add(layout.clock() ? RedisServer.withClock(folder, DURABLE) : RedisServer.start(folder, DURABLE));
        for (int i = 0; i < layout.replicas(); i++) {
            var replica = RedisServer.start(folder, DURABLE);
            servers.add(replica);
            replica.replicate(redis());
        }
        if (layout.sentinel()) {
            sentinel = RedisSentinel.start(folder, NAME, redis().port(), layout.replicas());
        }
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node(folder, configuration()));
        }
        for (Node node : nodes) {
            node.awaitReady();
        }
        awaitReadiness(200);
    }

    private String configuration() throws IOException {
        String where;
        if (layout.sentinel()) {
            where = "\"sentinels\": [\"127.0.0.1:%d\"], \"primary\": \"%s\"".formatted(sentinel.port(), NAME);
        } else {
            var link = new FaultyLink(redis().port());
            links.add(link);
            where = "\"url\": \"" + link.url() + "\"";
        }
        return configuration(
                "{\"store\": \"redis\", \"redis\": {%s, \"replicas\": %d}}".formatted(where, layout.required()));
    }

    /** Returns the configuration of a node with this log. */
    static String configuration(String log) {
        return """
                {
                  "host": "127.0.0.1",
                  "port": 0,
                  "retry": "PT0.1S",
                  "heartbeat": "PT0.5S",
                  "management": {"port": 0},
                  "log": %s,
                  "publish": {"tokens": ["%s"]},
                  "channels": {
                    "/a": {"keep": {"events": 100000}, "publish": true},
                    "/a/:run": {"keep": {"events": 100000}, "publish": true},
                    "/b/:run": {"keep": {"events": 100000}, "publish": true},
                    "/latest/:run": {"keep": "latest", "publish": true},
                    "/short": {"keep": {"age": "PT1S"}, "publish": true}
                  }
                }""".formatted(log, TOKEN);
    }

    /** Returns the Redis that was the primary at the start. */
    RedisServer redis() {
        return servers.get(0);
    }

    RedisServer replica() {
        return servers.get(1);
    }

    RedisSentinel sentinel() {
        return sentinel;
    }

    List<Node> nodes() {
        return List.copyOf(nodes);
    }

    /** Returns the number of the next run, which is in the names of its channels and events. */
    int nextRun() {
        return ++runs;
    }

    /** Returns the link of each node to Redis. */
    List<FaultyLink> links() {
        return List.copyOf(links);
    }

    static <T> T any(List<T> all, RandomGenerator random) {
        return all.get(random.nextInt(all.size()));
    }

    /** Waits until {@code /health/ready} has this status at every node. */
    void awaitReadiness(int status) throws Exception {
        for (Node node : nodes) {
            node.awaitReadiness(status);
        }
    }

    @Override
    public void close() throws IOException {
        for (Node node : nodes) {
            node.close();
        }
        for (FaultyLink link : links) {
            link.close();
        }
        if (sentinel != null) {
            sentinel.close();
        }
        servers.forEach(RedisServer::close);
    }
}
