package dev.crier.bench.load;

import dev.crier.bench.load.Publishers.Acknowledged;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The load client: the main class of a process that is given a {@link Task} and an {@link Endpoint}, and prints the values
 * that it has measured as one line of JSON. Any error ends the process, because values of an incomplete run mean nothing.
 */
public final class LoadClient {

    /** Part of the warm-up during which publishers publish at full speed to a few subscribers. */
    private static final double FULL_SPEED_PART = 0.4;

    private static final int FEW_SUBSCRIBERS = 20;

    /**
     * After a pause, the subscriber's kernel acknowledges each of the first sixteen segments at once, which costs the server
     * CPU time. After that it delays its acknowledgements, as in a continuous stream. So a measurement starts after sixteen
     * events.
     */
    private static final int FIRST_EVENTS = 16;

    private static final double SETTLING_SECONDS = 0.5;

    /** The command that adds an event to a stream. */
    private static final String ADD = "xadd";

    private static final double MEMORY_POLL_SECONDS = 1;

    private final Task task;
    private final Endpoint server;
    private final Map<Metric, Double> values = new EnumMap<>(Metric.class);

    private LoadClient(Task task, Endpoint server) {
        this.task = task;
        this.server = server;
    }

    public static void main(String[] args) throws Exception {
        var client = new LoadClient(Task.of(new JsonObject(args[0])), Endpoint.of(new JsonObject(args[1])));
        try (var loops = new EventLoops()) {
            client.run(loops);
            System.out.println(Metric.toJson(client.values).encode());
            System.out.flush();
            System.exit(0);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /** Ends the process with an error. Thread-safe. */
    static void fail(Throwable failure) {
        System.err.println("The load client failed: " + failure);
        Runtime.getRuntime().halt(1);
    }

    private void run(EventLoops loops) throws Exception {
        switch (task.kind()) {
            case PACED, FLOOD -> stream(loops);
            case IDLE -> idle(loops);
            case RETAINED -> retained(loops);
            case CATCH_UP -> catchUp(loops);
            case CHANNELS -> channels(loops);
            case STREAMS -> new LiveStreams(loops, task, server).measure(values);
            case REPLAY -> new Replay(task, server).measure(loops, values);
            case COMMANDS -> commands();
            case START -> throw new IllegalArgumentException("a START task needs no load client");
        }
    }

    /** Publishes events, and measures between two moments what they cost and how many arrive. */
    private void stream(EventLoops loops) throws Exception {
        var subscribers = new Subscribers(loops, server, task, false);
        var publishers = new Publishers(loops, server, task);
        publishers.createChannels();
        Acknowledged earlier = publishers.acknowledged();
        if (task.perSecond() > 0) {
            earlier = warmUpPublishing(loops, publishers, earlier);
            subscribers.connect(task.subscribers());
            warmUp(subscribers, publishers, earlier);
            publishers.pace(task.perSecond());
            Wait.forSeconds(SETTLING_SECONDS + (double) FIRST_EVENTS / task.perSecond());
        } else {
            subscribers.connect(task.subscribers());
            publishers.flood();
            Wait.forSeconds(task.warmUpSeconds());
        }
        Snapshot start = Snapshot.of(
                server, subscribers.delivered(), publishers.acknowledged().events());
        if (task.perSecond() > 0) {
            subscribers.recordDelays();
        }
        Wait.forSeconds(task.seconds());
        Snapshot end = Snapshot.of(
                server, subscribers.delivered(), publishers.acknowledged().events());
        if (task.perSecond() > 0) {
            Samples delays = subscribers.delays();
            values.put(Metric.DELAY_P50, delays.quantile(0.50) / 1e6);
            values.put(Metric.DELAY_P99, delays.quantile(0.99) / 1e6);
        }
        publishers.stop();
        Acknowledged all = publishers.acknowledged().since(earlier);
        if (all.events() > 0) {
            subscribers.awaitDelivery(all);
            values.put(Metric.MISSING, (double) subscribers.missing(all));
        }
        end.addSince(start, values);
    }

    /**
     * Publishes at full speed to a few subscribers and disconnects them. A steady rate has too few publications for a virtual
     * machine to compile the code that handles them.
     */
    private Acknowledged warmUpPublishing(EventLoops loops, Publishers publishers, Acknowledged earlier) {
        var subscribers = new Subscribers(loops, server, task, false);
        subscribers.connect(FEW_SUBSCRIBERS);
        publishers.flood();
        Wait.forSeconds(FULL_SPEED_PART * task.warmUpSeconds());
        publishers.stop();
        subscribers.awaitDelivery(publishers.acknowledged().since(earlier));
        subscribers.disconnect();
        server.awaitQuiet();
        return publishers.acknowledged();
    }

    /** Publishes as fast as all subscribers receive, so virtual machines compile the code of the delivery. */
    private void warmUp(Subscribers subscribers, Publishers publishers, Acknowledged earlier) {
        publishers.floodWith(subscribers, task.subscribers());
        Wait.forSeconds((1 - FULL_SPEED_PART) * task.warmUpSeconds());
        publishers.stop();
        subscribers.awaitDelivery(publishers.acknowledged().since(earlier));
        server.awaitQuiet();
    }

    /** Measures the resident memory once it changes by less than one percent. */
    private void idle(EventLoops loops) {
        new Subscribers(loops, server, task, false).connect(task.subscribers());
        long now = settled(() -> server.usage().residentBytes());
        values.put(Metric.RESIDENT, now / 1024.0 / task.subscribers());
    }

    private void retained(EventLoops loops) throws Exception {
        var publishers = new Publishers(loops, server, task);
        publishers.createChannels();
        publishers.close();
        long before = heapBytes();
        new Subscribers(loops, server, task, false).connect(task.subscribers());
        values.put(Metric.RETAINED, (heapBytes() - before) / 1024.0 / task.subscribers());
    }

    /** Returns the size of the live objects in the heap of a Java server. The histogram includes a collection. */
    private long heapBytes() throws IOException {
        var process = new ProcessBuilder("jcmd", String.valueOf(server.pids().get(0)), "GC.class_histogram").start();
        String histogram = new String(process.getInputStream().readAllBytes());
        Matcher total = Pattern.compile("Total\\s+\\d+\\s+(\\d+)").matcher(histogram);
        if (!total.find()) {
            throw new IllegalStateException("jcmd printed no histogram: " + histogram);
        }
        return Long.parseLong(total.group(1));
    }

    /** Disconnects all subscribers, publishes, reconnects them at once, and measures until they have every event. */
    private void catchUp(EventLoops loops) throws Exception {
        var subscribers = new Subscribers(loops, server, task, true);
        subscribers.connect(task.subscribers());
        var publishers = new Publishers(loops, server, task);
        publishers.publishNow(1);
        Wait.until("all subscribers have the first event", () -> subscribers.haveAll(1));
        subscribers.disconnect();
        publishers.publishNow(task.missed());
        long start = System.nanoTime();
        subscribers.reconnect();
        Wait.until("all subscribers have caught up", () -> subscribers.haveAll(1 + task.missed()));
        values.put(Metric.CATCH_UP, (System.nanoTime() - start) / 1e9);
        values.put(Metric.MISSING, (double) subscribers.missing(publishers.acknowledged()));
    }

    /** Publishes to each channel, and measures Redis' memory once it changes by less than one percent. */
    private void channels(EventLoops loops) throws Exception {
        long before = redis().usedMemory();
        new Publishers(loops, server, task).createChannels();
        long grown = settled(() -> redis().usedMemory()) - before;
        values.put(Metric.CHANNEL, (double) grown / task.channels() - task.batch() * Payload.LENGTH);
    }

    private void commands() {
        Wait.forSeconds(task.warmUpSeconds());
        Snapshot start = Snapshot.of(server, 0, redis().calls(ADD));
        Wait.forSeconds(task.seconds());
        Snapshot.of(server, 0, redis().calls(ADD)).addSince(start, values);
    }

    private Redis redis() {
        return new Redis(server.redisPort());
    }

    /** Waits until the number of bytes changes by less than one percent in a second, and returns it. */
    private static long settled(LongSupplier bytes) {
        long last;
        long now = bytes.getAsLong();
        do {
            last = now;
            Wait.forSeconds(MEMORY_POLL_SECONDS);
            now = bytes.getAsLong();
        } while (Math.abs(now - last) > last / 100);
        return now;
    }
}
