package dev.crier.failures;

import dev.crier.failures.Judge.Loss;
import dev.crier.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Publishers at all nodes, and subscribers of two channels that keep events and of one that keeps the latest. Some subscribers
 * of each channel stay at a node, and others move between the nodes.
 *
 * <p>Subscribers that stay show whether a node keeps its streams during a failure. Those that move show whether all nodes have
 * the same log.
 */
final class Traffic implements AutoCloseable {

    static final int PUBLISHERS = 3;
    private static final int PUBLISHERS_WITH_KEYS = 2;
    private static final int MOVING = 2;

    /** The number of events that each publisher publishes before a failure and after it. */
    private static final int PROGRESS = 20;

    /** The number of times that moving subscribers move before a failure and after it. */
    private static final int MOVES = 6;

    private static final long MIN_STAY = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_STAY = TimeUnit.MILLISECONDS.toNanos(150);

    private final List<Node> nodes;
    private final List<String> channels;
    private final String latest;
    private final boolean keys;
    private final RandomGenerator random;
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Subscriber> staying = new ArrayList<>();
    private final List<Subscriber> moving = new ArrayList<>();
    private final List<Subscriber> readers = new ArrayList<>();
    private final Thread mover = new Thread(this::move, "mover");
    private volatile int moves;
    private volatile boolean closed;

    /**
     * Starts all subscribers and publishers, and waits until events are published.
     *
     * @param run a number that no other traffic at these nodes has had, so that all channels and idempotency keys are new
     * @param keys whether some publishers use idempotency keys; without, no publication may have an unknown outcome
     */
    static Traffic start(List<Node> nodes, int run, boolean keys, Random random) throws Exception {
        var traffic = new Traffic(nodes, run, keys, random);
        try {
            Eventually.until(
                    () -> "all are subscribed" + traffic,
                    () -> traffic.subscribers()
                            .allMatch(subscriber ->
                                    subscriber.target() instanceof Target.Latest || subscriber.hasStarted()));
            traffic.publishers.forEach(Publisher::start);
            traffic.mover.start();
            traffic.awaitProgress();
            return traffic;
        } catch (Throwable e) {
            traffic.close();
            throw e;
        }
    }

    private Traffic(List<Node> nodes, int run, boolean keys, Random random) {
        this.nodes = nodes;
        channels = List.of("/a/" + run, "/b/" + run);
        latest = "/latest/" + run;
        this.keys = keys;
        this.random = new Random(random.nextLong());
        var all = Stream.concat(channels.stream(), Stream.of(latest)).toList();
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (int i = 0; i < PUBLISHERS; i++) {
            // one publisher of the latest channel, because the order of the events of two publishers is unknown
            publishers.add(new Publisher(
                    run + "-p" + i,
                    http,
                    anyNode(random),
                    i == 0 ? all : channels,
                    keys && i < PUBLISHERS_WITH_KEYS,
                    new Random(random.nextLong())));
        }
        for (Target target : targets()) {
            Node home = nodes.get(random.nextInt(nodes.size()));
            staying.add(new Subscriber("stays at", target, false, home::port));
            for (int i = 0; i < MOVING; i++) {
                moving.add(new Subscriber("moves " + i + " at", target, false, anyNode(random)));
            }
        }
        mover.setDaemon(true);
    }

    private List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        channels.forEach(channel -> targets.add(new Target.One(channel)));
        targets.add(new Target.Latest(latest));
        targets.add(new Target.Several(channels, latest, false));
        targets.add(new Target.Several(channels, latest, true));
        return targets;
    }

    private IntSupplier anyNode(Random random) {
        var own = new Random(random.nextLong());
        return () -> nodes.get(own.nextInt(nodes.size())).port();
    }

    private Stream<Subscriber> subscribers() {
        return Stream.of(staying, moving, readers).flatMap(List::stream);
    }

    private void move() {
        try {
            while (!closed) {
                LockSupport.parkNanos(random.nextLong(MIN_STAY, MAX_STAY));
                moving.get(random.nextInt(moving.size())).cut();
                moves++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until every publisher has published more events, and subscribers have moved. */
    void awaitProgress() throws Exception {
        var goals = publishers.stream()
                .map(publisher -> publisher.acknowledged() + PROGRESS)
                .toList();
        int moved = moves + MOVES;
        Eventually.until(() -> "events are published" + this, () -> {
            for (int i = 0; i < goals.size(); i++) {
                if (publishers.get(i).acknowledged() < goals.get(i)) {
                    return false;
                }
            }
            return moves >= moved;
        });
    }

    /** Returns the number of attempts to publish with the response 503. */
    int unavailable() {
        return publishers.stream().mapToInt(Publisher::unavailable).sum();
    }

    /**
     * Stops publishing, starts new subscribers at each node, some of them from the earliest events, waits until every subscriber has the last event, and returns the
     * faults.
     *
     * @param healed the {@link System#nanoTime} from which on nothing may be lost
     * @param nodesEnd whether streams may end, because nodes are killed
     */
    List<String> finish(Loss loss, long healed, boolean nodesEnd) throws Exception {
        for (Publisher publisher : publishers) {
            publisher.finish();
        }
        for (Target target : targets()) {
            for (int i = 0; i < nodes.size(); i++) {
                readers.add(new Subscriber("reads node " + i + " at", target, true, nodes.get(i)::port));
                readers.add(new Subscriber("joins node " + i + " at", target, false, nodes.get(i)::port));
            }
        }
        var faults = new ArrayList<String>();
        try {
            Eventually.until(
                    "every subscriber has the last event", () -> subscribers().allMatch(this::hasAll));
        } catch (AssertionError e) {
            subscribers()
                    .filter(subscriber -> !hasAll(subscriber))
                    .forEach(subscriber -> faults.add(subscriber.name() + " does not receive the last event"));
        }
        close();
        publishers.forEach(publisher -> faults.addAll(publisher.faults()));
        subscribers().forEach(subscriber -> faults.addAll(subscriber.faults()));
        if (!keys) {
            publishers.stream()
                    .filter(publisher -> publisher.givenUp() > 0)
                    .forEach(publisher -> faults.add(publisher.givenUp() + " publications have an unknown outcome"));
        }
        if (!nodesEnd) {
            staying.stream()
                    .filter(subscriber -> subscriber.ends() > 0)
                    .forEach(subscriber -> faults.add("the stream of " + subscriber.name() + " ended"));
            publishers.stream()
                    .filter(publisher -> publisher.broken() > 0)
                    .forEach(publisher -> faults.add(publisher.broken() + " requests got no response"));
        }
        judge(loss, healed, faults);
        return faults;
    }

    private void judge(Loss loss, long healed, List<String> faults) {
        var subscriptions = new ArrayList<Subscription>();
        var sets = new ArrayList<SetSubscription>();
        for (Subscriber subscriber : subscribers().toList()) {
            boolean throughout = !readers.contains(subscriber);
            if (subscriber.target() instanceof Target.One one) {
                subscriptions.add(new Subscription(subscriber.name(), one.channel(), throughout, subscriber.blocks()));
            } else if (subscriber.target() instanceof Target.Several several) {
                sets.add(new SetSubscription(subscriber.name(), several, throughout, subscriber.blocks()));
            } else {
                faults.addAll(Judge.latestFaults(
                        loss, subscriber.name(), subscriber.values(), Published.data(latest, published())));
            }
        }
        faults.addAll(Judge.faults(loss, healed, published().toList(), subscriptions, sets));
    }

    private Stream<Published> published() {
        return publishers.stream().flatMap(publisher -> publisher.published().stream());
    }

    private boolean hasAll(Subscriber subscriber) {
        Target target = subscriber.target();
        Optional<Published> last =
                published().filter(event -> target.has(event.channel())).max(Comparator.comparing(Published::id));
        if (last.isEmpty()) {
            return true;
        }
        return target instanceof Target.Latest
                ? subscriber.hasLast(last.get().data())
                : subscriber.hasReached(last.get().id());
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Publisher publisher : publishers) {
            text.append("; acknowledged ").append(publisher.acknowledged());
        }
        nodes.forEach(node -> text.append('\n').append(node.output()));
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (Subscriber subscriber : subscribers().toList()) {
            subscriber.close();
        }
    }
}
