package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.failures.Cluster.Layout;
import dev.crier.testing.Eventually;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Crier is killed while a producer streams a text and a subscriber receives it. Each line of the text is received once. */
class StreamRetryIT {

    private static final long SEED = 1;
    private static final int LINES = 3_000;
    private static final int KILLS = 3;
    private static final String CHANNEL = "/a/text";

    /** Kills the node that serves the producer and the subscriber, and returns when they can go on. */
    private interface Kill {
        void run() throws Exception;
    }

    private final Random random = new Random(SEED);

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void withSqliteATextIsStoredOnceOverCrashes() throws Exception {
        try (var node = new Node(folder, Cluster.configuration("{\"store\": \"sqlite\"}"))) {
            node.awaitReady();
            assertIdenticalText(List.of(node), node::port, () -> {
                node.kill();
                node.restart();
            });
        }
    }

    @Test
    @Timeout(120)
    void withRedisATextIsStoredOnceOverCrashesOfNodes() throws Exception {
        try (var cluster = Cluster.start(folder, Layout.ONE_REDIS)) {
            List<Node> nodes = cluster.nodes();
            var current = new AtomicInteger();
            var restarted = new AtomicReference<>(CompletableFuture.completedFuture(null));
            assertIdenticalText(nodes, () -> nodes.get(current.get()).port(), () -> {
                restarted.get().join();
                Node killed = nodes.get(current.get());
                current.set(1 - current.get());
                killed.kill();
                restarted.set(CompletableFuture.supplyAsync(() -> restart(killed)));
            });
            restarted.get().join();
        }
    }

    private static Object restart(Node killed) {
        try {
            killed.restart();
            return killed;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param ports returns the port of the node that serves the producer and the subscriber */
    private void assertIdenticalText(List<Node> nodes, IntSupplier ports, Kill kill) throws Exception {
        List<String> lines = IntStream.range(0, LINES)
                .mapToObj(i -> i + " " + "x".repeat(random.nextInt(40)))
                .toList();
        String text = lines.stream().collect(Collectors.joining("\n", "", "\n"));
        var subscribers = new ArrayList<Subscriber>();
        subscribers.add(new Subscriber("follows", new Target.One(CHANNEL), true, ports));
        try (var producer = new StreamProducer(CHANNEL, text, ports, random)) {
            int stage = text.length() / (KILLS + 1);
            for (int i = 0; i < KILLS; i++) {
                producer.permit((i + 1) * stage);
                int before = i * stage + random.nextInt(stage);
                Eventually.until("the text grows to " + before, () -> producer.sent() >= before);
                if (random.nextBoolean()) {
                    producer.abandon();
                    subscribers.get(0).cut();
                }
                kill.run();
            }
            producer.permit(text.length());
            Eventually.until(
                    () -> "the text is stored: " + producer.faults() + output(nodes), () -> producer.answer() != null);
            assertEquals(List.of(), producer.faults());
            assertTrue(producer.attempts() > KILLS, producer.attempts() + " attempts");
            assertEquals(LINES, producer.answer().getInteger("count"));
            EventId last = EventId.parse(producer.answer().getString("id")).orElseThrow();
            for (Node node : nodes) {
                subscribers.add(new Subscriber("reads", new Target.One(CHANNEL), true, node::port));
            }
            for (Subscriber subscriber : subscribers) {
                Eventually.until(
                        () -> subscriber.name() + " has all" + output(nodes), () -> subscriber.hasReached(last));
                assertEquals(List.of(), subscriber.faults());
                assertEquals(lines, received(subscriber), subscriber.name());
            }
        } finally {
            for (Subscriber subscriber : subscribers) {
                subscriber.close();
            }
        }
    }

    /** Returns the data of the events. Only the blocks at the start of a stream are left out, so a gap would be seen. */
    private static List<String> received(Subscriber subscriber) {
        return subscriber.blocks().stream()
                .filter(block -> !(block instanceof Received.Start))
                .map(block -> block instanceof Received.Event event ? event.data() : block.toString())
                .toList();
    }

    private static String output(List<Node> nodes) {
        return nodes.stream().map(Node::output).collect(Collectors.joining("\n", "\n", ""));
    }
}
