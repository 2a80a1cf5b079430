package dev.crier.bench.load;

import dev.crier.bench.load.Publishers.Acknowledged;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The load client: the main class of a process that is given a {@link Task} and an {@link Endpoint}, and prints the values
 * that it has measured as one line of JSON. Any error ends the process, because values of an incomplete run mean nothing.
 */
public final class LoadClient {

    /** Ratio of the rate during the warm-up to the measured rate. */
    private static final int WARM_UP_FACTOR = 3;

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

    /** Missing events are lost if none has arrived for this time. */
    private static final double SILENCE_SECONDS = 5;

    private static final double POLL_SECONDS = 0.25;

    /** A server is quiet if it uses less than this fraction of a core. */
    private static final double QUIET = 0.1;

    private static final int MAX_POLLS = 40;

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
        var start =
                new Snapshot(subscribers.delivered(), publishers.acknowledged().events());
        if (task.perSecond() > 0) {
            subscribers.recordDelays();
        }
        Wait.forSeconds(task.seconds());
        var end =
                new Snapshot(subscribers.delivered(), publishers.acknowledged().events());
        if (task.perSecond() > 0) {
            Samples delays = subscribers.delays();
            values.put(Metric.DELAY_P50, delays.quantile(0.50) / 1e6);
            values.put(Metric.DELAY_P99, delays.quantile(0.99) / 1e6);
        }
        publishers.stop();
        Acknowledged all = publishers.acknowledged().since(earlier);
        if (all.events() > 0) {
            awaitDelivery(subscribers, all.events());
            values.put(Metric.MISSING, (double) subscribers.missing(all));
        }
        end.addValuesSince(start);
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
        awaitDelivery(subscribers, publishers.acknowledged().since(earlier).events());
        subscribers.disconnect();
        awaitQuietServer();
        return publishers.acknowledged();
    }

    /** Publishes to all subscribers at more than the measured rate, so virtual machines compile the code of the delivery. */
    private void warmUp(Subscribers subscribers, Publishers publishers, Acknowledged earlier) {
        publishers.pace(WARM_UP_FACTOR * task.perSecond());
        Wait.forSeconds((1 - FULL_SPEED_PART) * task.warmUpSeconds());
        publishers.stop();
        awaitDelivery(subscribers, publishers.acknowledged().since(earlier).events());
        awaitQuietServer();
    }

    /** Waits until all events have arrived, or until none arrives any more. */
    private static void awaitDelivery(Subscribers subscribers, long published) {
        long last = -1;
        double silence = 0;
        while (!subscribers.haveAll(published) && silence < SILENCE_SECONDS) {
            long now = subscribers.delivered();
            silence = now == last ? silence + POLL_SECONDS : 0;
            last = now;
            Wait.forSeconds(POLL_SECONDS);
        }
    }

    /** Waits until the server uses almost no CPU time, which also means that its virtual machine has finished compiling. */
    private void awaitQuietServer() {
        double last = -1;
        double now = server.usage().cpuSeconds();
        for (int polls = 0; polls < MAX_POLLS && now - last > QUIET * POLL_SECONDS; polls++) {
            Wait.forSeconds(POLL_SECONDS);
            last = now;
            now = server.usage().cpuSeconds();
        }
    }

    /** The counters at one moment. */
    private final class Snapshot {

        private final double serverCpu = server.usage().cpuSeconds();
        private final double redisCpu = server.redisPort() == 0 ? 0 : cpuSeconds(redis().process());
        private final double clientCpu = cpuSeconds(ProcessHandle.current());
        private final long nanos = System.nanoTime();
        private final long delivered;
        private final long published;

        Snapshot(long delivered, long published) {
            this.delivered = delivered;
            this.published = published;
        }

        private static double cpuSeconds(ProcessHandle process) {
            return ProcessUsage.of(Stream.of(process)).cpuSeconds();
        }

        void addValuesSince(Snapshot start) {
            double seconds = (nanos - start.nanos) / 1e9;
            values.put(Metric.PUBLISHED, (published - start.published) / seconds);
            values.put(Metric.DELIVERED, (delivered - start.delivered) / seconds);
            if (server.redisPort() > 0) {
                values.put(Metric.REDIS_CPU, (redisCpu - start.redisCpu) * 1e6 / (published - start.published));
            }
            if (delivered > start.delivered) {
                double microsPerEvent = 1e6 / (delivered - start.delivered);
                values.put(Metric.SERVER_CPU, (serverCpu - start.serverCpu) * microsPerEvent);
                values.put(Metric.CLIENT_CPU, (clientCpu - start.clientCpu) * microsPerEvent);
            }
        }
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
        var start = new Snapshot(0, redis().calls(ADD));
        Wait.forSeconds(task.seconds());
        new Snapshot(0, redis().calls(ADD)).addValuesSince(start);
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
