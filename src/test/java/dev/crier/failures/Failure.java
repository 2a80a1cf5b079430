package dev.crier.failures;

import dev.crier.failures.Cluster.Layout;
import dev.crier.failures.Judge.Loss;
import dev.crier.testing.Eventually;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.FaultyLink.Flow;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * The ways in which a node, Redis or the network fails. Each constant has all of one failure: the cluster that it needs, the
 * loss that Redis permits, and the steps. A run needs nothing else.
 */
enum Failure {
    NODE_KILLED(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            Node node = Cluster.any(cluster.nodes(), random);
            node.kill();
            traffic.awaitProgress();
            node.restart();
        }

        @Override
        boolean endsNodes() {
            return true;
        }
    },
    REDIS_KILLED(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.redis().kill();
            cluster.awaitReadiness(503);
            pause(length);
            cluster.redis().restart();
        }
    },
    /** Redis is restarted before the node, so no other node can know the newest event that the killed node has shown. */
    REDIS_AND_NODE_KILLED(Layout.ONE_REDIS, Loss.ALLOWED) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            Node node = Cluster.any(cluster.nodes(), random);
            cluster.redis().kill();
            node.kill();
            pause(length);
            cluster.redis().restart();
            traffic.awaitProgress();
            node.restart();
        }

        @Override
        boolean endsNodes() {
            return true;
        }
    },
    FAILOVER_WITH_REPLICAS(new Layout(2, 1, true, false), Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.redis().kill();
            awaitFailover(cluster);
            traffic.awaitProgress();
            cluster.redis().restart();
            pause(length);
        }
    },
    /** The replica does not have the last events. */
    FAILOVER_WITHOUT_REPLICAS(new Layout(1, 0, true, false), Loss.CERTAIN) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.replica().command("REPLICAOF", "127.0.0.1", String.valueOf(UNUSED_PORT));
            traffic.awaitProgress();
            cluster.redis().kill();
            awaitFailover(cluster);
        }
    },
    /** The replica has all events when it is promoted. Connections to the former primary stay open. */
    PLANNED_FAILOVER(new Layout(1, 0, false, false), Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            int port = cluster.replica().port();
            cluster.redis().command("FAILOVER", "TO", "127.0.0.1", String.valueOf(port));
            Eventually.until(
                    "the replica is promoted",
                    () -> cluster.replica().info("role").equals("master"));
            pause(length);
            cluster.links().forEach(link -> link.leadTo(port));
        }
    },
    /**
     * A sentinel promotes a replica although the primary is alive, and both accept events for a moment. The events of the
     * former primary are lost, even if other replicas have confirmed them.
     */
    FORCED_FAILOVER(new Layout(2, 1, true, false), Loss.ALLOWED) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.sentinel().failover();
            awaitFailover(cluster);
            pause(length);
        }
    },
    /** One node stays with the former primary, which accepts events until it becomes a replica. */
    SPLIT(new Layout(1, 0, false, false), Loss.ALLOWED) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            int separate = random.nextInt(cluster.links().size());
            cluster.replica().command("REPLICAOF", "NO", "ONE");
            int port = cluster.replica().port();
            for (int i = 0; i < cluster.links().size(); i++) {
                if (i != separate) {
                    cluster.links().get(i).leadTo(port);
                    cluster.links().get(i).cutAll();
                }
            }
            pause(length);
            cluster.links().get(separate).leadTo(port);
            cluster.redis().command("REPLICAOF", "127.0.0.1", String.valueOf(port));
            Node left = cluster.nodes().get(separate);
            Eventually.until(
                    "the node has left the former primary",
                    () -> left.output().contains("Redis may have lost entries"));
        }
    },
    REQUESTS_DROPPED(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            drop(cluster, random, length, link -> link.requests(Flow.DROP));
        }
    },
    REPLIES_DROPPED(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            drop(cluster, random, length, link -> link.replies(Flow.DROP));
        }
    },
    BOTH_DROPPED(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            drop(cluster, random, length, link -> link.both(Flow.DROP));
        }
    },
    /** All bytes arrive late. */
    NETWORK_HELD(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            drop(cluster, random, length, link -> link.both(Flow.HOLD));
        }
    },
    CONNECTIONS_CUT(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            for (int i = 0; i < REPETITIONS; i++) {
                Cluster.any(cluster.links(), random).cutAll();
                traffic.awaitProgress();
            }
            FaultyLink link = Cluster.any(cluster.links(), random);
            link.refuse();
            link.cutAll();
            pause(length);
            link.accept();
        }
    },
    REDIS_PAUSED(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.redis().command("CLIENT", "PAUSE", String.valueOf(length.toMillis()), "ALL");
            pause(length);
        }
    },
    /** The append script has run, but the node does not get its answer. Publications have no idempotency keys. */
    REPLY_LOST(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            for (int i = 0; i < REPETITIONS; i++) {
                FaultyLink link = Cluster.any(cluster.links(), random);
                int before = link.lostReplies();
                link.loseReplyTo("p" + random.nextInt(Traffic.PUBLISHERS) + "-");
                Eventually.until(() -> "a reply is lost" + traffic, () -> link.lostReplies() > before);
                traffic.awaitProgress();
            }
        }

        @Override
        boolean usesKeys() {
            return false;
        }
    },
    REDIS_EMPTIED(Layout.ONE_REDIS, Loss.CERTAIN) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.redis().command("FLUSHALL");
        }
    },
    OUT_OF_MEMORY(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            cluster.redis().command("CONFIG", "SET", "maxmemory", "1mb");
            cluster.awaitReadiness(503);
            int refused = traffic.unavailable();
            Eventually.until("publishers get 503", () -> traffic.unavailable() > refused);
            pause(length);
            cluster.redis().command("CONFIG", "SET", "maxmemory", "0");
        }
    },
    /**
     * Several failures in turn. Either nodes or Redis are killed: a Redis that starts within seconds after a node was killed cannot
     * know what that node had shown, and then permits a loss.
     */
    SEVERAL(Layout.ONE_REDIS, Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            strikeAnyOf(
                    List.of(
                            random.nextBoolean() ? NODE_KILLED : REDIS_KILLED,
                            REQUESTS_DROPPED,
                            REPLIES_DROPPED,
                            NETWORK_HELD,
                            CONNECTIONS_CUT,
                            REDIS_PAUSED,
                            OUT_OF_MEMORY),
                    cluster,
                    traffic,
                    random,
                    length);
        }

        @Override
        boolean endsNodes() {
            return true;
        }
    },
    SEVERAL_WITH_LOSS(Layout.ONE_REDIS, Loss.ALLOWED) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            strikeAnyOf(
                    List.of(NODE_KILLED, REDIS_KILLED, REDIS_AND_NODE_KILLED, REDIS_EMPTIED, BOTH_DROPPED),
                    cluster,
                    traffic,
                    random,
                    length);
        }

        @Override
        boolean endsNodes() {
            return true;
        }
    },
    CLOCK_SET(new Layout(0, 0, false, true), Loss.NONE) {
        @Override
        void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception {
            for (Duration offset : List.of(Duration.ofHours(-1), Duration.ofHours(1), Duration.ZERO)) {
                cluster.redis().setClock(offset);
                traffic.awaitProgress();
            }
        }
    };

    private static final int REPETITIONS = 3;

    /** A port on which nothing listens. */
    private static final int UNUSED_PORT = 1;

    private final Layout layout;
    private final Loss loss;

    Failure(Layout layout, Loss loss) {
        this.layout = layout;
        this.loss = loss;
    }

    Layout layout() {
        return layout;
    }

    Loss loss() {
        return loss;
    }

    /** Returns whether nodes are killed. Streams and requests may then end. */
    boolean endsNodes() {
        return false;
    }

    /** Returns whether some publishers use idempotency keys. Without, every publication must have a known outcome. */
    boolean usesKeys() {
        return true;
    }

    /** Makes the cluster fail while there is traffic, and then repairs it. */
    abstract void strike(Cluster cluster, Traffic traffic, RandomGenerator random, Duration length) throws Exception;

    /** Makes some of these failures strike, chosen at random, each for an equal part of the time. */
    private static void strikeAnyOf(
            List<Failure> failures, Cluster cluster, Traffic traffic, RandomGenerator random, Duration length)
            throws Exception {
        for (int i = 0; i < REPETITIONS; i++) {
            Cluster.any(failures, random).strike(cluster, traffic, random, length.dividedBy(REPETITIONS));
            cluster.awaitReadiness(200);
            traffic.awaitProgress();
        }
    }

    private static void awaitFailover(Cluster cluster) throws Exception {
        int former = cluster.redis().port();
        Eventually.until(
                () -> "failover: " + cluster.sentinel().output(),
                () -> cluster.sentinel().primaryPort() != former);
    }

    @FunctionalInterface
    private interface Fault {
        void at(FaultyLink link) throws IOException;
    }

    /** Makes one link fail, or all, waits until their nodes have noticed and for the given time, and repairs them. */
    private static void drop(Cluster cluster, RandomGenerator random, Duration length, Fault fault) throws Exception {
        int only = random.nextInt(cluster.links().size() + 1);
        for (int i = 0; i < cluster.links().size(); i++) {
            if (i == only || only == cluster.links().size()) {
                fault.at(cluster.links().get(i));
            }
        }
        for (int i = 0; i < cluster.links().size(); i++) {
            if (i == only || only == cluster.links().size()) {
                cluster.nodes().get(i).awaitReadiness(503);
            }
        }
        pause(length);
        cluster.links().forEach(link -> link.both(Flow.PASS));
    }

    private static void pause(Duration length) {
        LockSupport.parkNanos(length.toNanos());
    }
}
