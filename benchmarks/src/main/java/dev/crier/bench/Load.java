package dev.crier.bench;

import dev.crier.bench.Publishers.Acknowledged;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The load client, a process of its own: is given a {@link Task} and a {@link Target}, and prints its figures as one line
 * of JSON. It ends at the first thing that goes wrong, since a figure of half the work is none.
 */
public final class Load {

    private static final int WARM_UP_FACTOR = 3;

    /** Of the warm-up. */
    private static final double FLOODED_PART = 0.4;

    private static final int FEW = 20;

    /**
     * Behind a pause, the kernel of a reader acknowledges the first sixteen segments at once, and each of these
     * acknowledgements is taken in on the server's account; only then it waits with them, as it does in a stream that
     * goes on.
     */
    private static final int FIRST_EVENTS = 16;

    private static final double SETTLING_SECONDS = 0.5;

    private static final double SILENCE_SECONDS = 5;
    private static final double LOOK_SECONDS = 0.25;

    /** Of a core: what a server that is at rest uses at most. */
    private static final double QUIET = 0.1;

    private static final int MOST_LOOKS = 40;

    /** Between looks at whether a server has come to rest. */
    private static final double REST_SECONDS = 1;

    private final Task task;
    private final Target target;
    private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);

    private Load(Task task, Target target) {
        this.task = task;
        this.target = target;
    }

    public static void main(String[] args) throws Exception {
        var load = new Load(Task.of(new JsonObject(args[0])), Target.of(new JsonObject(args[1])));
        try (var sockets = new Sockets()) {
            load.run(sockets);
            System.out.println(Figure.toJson(load.figures).encode());
            System.out.flush();
            System.exit(0);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /** From any thread. */
    static void fail(Throwable failure) {
        System.err.println("The load client ends: " + failure);
        Runtime.getRuntime().halt(1);
    }

    private void run(Sockets sockets) throws Exception {
        switch (task.kind()) {
            case PACED, FLOOD -> stream(sockets);
            case IDLE -> idle(sockets);
            case RETAINED -> retained(sockets);
            case CATCH_UP -> catchUp(sockets);
            case START -> throw new IllegalArgumentException("a start needs no load");
        }
    }

    /** Events go out, and between two moments it is counted what that costs and brings. */
    private void stream(Sockets sockets) throws Exception {
        var readers = new Readers(sockets, target, false);
        var publishers = new Publishers(sockets, target, task.publishers(), task.batch());
        Acknowledged earlier = publishers.acknowledged();
        if (task.perSecond() > 0) {
            earlier = warmUpPublishing(sockets, publishers);
            readers.connect(task.readers());
            warmUp(readers, publishers, earlier);
            publishers.pace(task.perSecond());
            Wait.forSeconds(SETTLING_SECONDS + (double) FIRST_EVENTS / task.perSecond());
        } else {
            readers.connect(task.readers());
            publishers.flood();
            Wait.forSeconds(task.warmUpSeconds());
        }
        var before = new Moment(readers, publishers);
        if (task.perSecond() > 0) {
            readers.takeDelays();
        }
        Wait.forSeconds(task.seconds());
        var after = new Moment(readers, publishers);
        if (task.perSecond() > 0) {
            Samples delays = readers.delays();
            figures.put(Figure.DELAY_P50, delays.quantile(0.50) / 1e6);
            figures.put(Figure.DELAY_P99, delays.quantile(0.99) / 1e6);
        }
        publishers.stop();
        Acknowledged all = publishers.acknowledged().since(earlier);
        if (all.events() > 0) {
            rest(readers, all.events());
            figures.put(Figure.MISSING, (double) readers.missing(all));
        }
        after.since(before, figures);
    }

    /**
     * As fast as it goes, to a few readers who leave again: in a few hundred publications virtual machines compile little
     * of what they run.
     */
    private Acknowledged warmUpPublishing(Sockets sockets, Publishers publishers) {
        var readers = new Readers(sockets, target, false);
        readers.connect(FEW);
        publishers.flood();
        Wait.forSeconds(FLOODED_PART * task.warmUpSeconds());
        publishers.stop();
        rest(readers, publishers.acknowledged().events());
        readers.cutOff();
        quiet();
        return publishers.acknowledged();
    }

    /** At a higher rate than is measured: so virtual machines have compiled what they run before it matters. */
    private void warmUp(Readers readers, Publishers publishers, Acknowledged earlier) {
        publishers.pace(WARM_UP_FACTOR * task.perSecond());
        Wait.forSeconds((1 - FLOODED_PART) * task.warmUpSeconds());
        publishers.stop();
        rest(readers, publishers.acknowledged().since(earlier).events());
        quiet();
    }

    /** Waits until all have arrived, or no more do: what is missing then is the server's loss. */
    private static void rest(Readers readers, long published) {
        long last = -1;
        double silence = 0;
        while (!readers.haveAll(published) && silence < SILENCE_SECONDS) {
            long now = readers.delivered();
            silence = now == last ? silence + LOOK_SECONDS : 0;
            last = now;
            Wait.forSeconds(LOOK_SECONDS);
        }
    }

    /** Waits until the server does next to nothing, as when its virtual machine has compiled what was due. */
    private void quiet() {
        double last = -1;
        double now = target.accounting().cpuSeconds();
        for (int looks = 0; looks < MOST_LOOKS && now - last > QUIET * LOOK_SECONDS; looks++) {
            Wait.forSeconds(LOOK_SECONDS);
            last = now;
            now = target.accounting().cpuSeconds();
        }
    }

    private final class Moment {

        private final double server = target.accounting().cpuSeconds();
        private final double client = Accounting.of(ProcessHandle.current()).cpuSeconds();
        private final long nanos = System.nanoTime();
        private final long delivered;
        private final long published;

        Moment(Readers readers, Publishers publishers) {
            delivered = readers.delivered();
            published = publishers.acknowledged().events();
        }

        void since(Moment before, Map<Figure, Double> figures) {
            double seconds = (nanos - before.nanos) / 1e9;
            figures.put(Figure.PUBLISHED, (published - before.published) / seconds);
            figures.put(Figure.DELIVERED, (delivered - before.delivered) / seconds);
            if (delivered > before.delivered) {
                double perEvent = 1e6 / (delivered - before.delivered);
                figures.put(Figure.SERVER_CPU, (server - before.server) * perEvent);
                figures.put(Figure.CLIENT_CPU, (client - before.client) * perEvent);
            }
        }
    }

    private void idle(Sockets sockets) {
        new Readers(sockets, target, false).connect(task.readers());
        long last = 0;
        for (long now = target.accounting().residentBytes();
                now != last;
                now = target.accounting().residentBytes()) {
            last = now;
            Wait.forSeconds(REST_SECONDS);
            if (Math.abs(target.accounting().residentBytes() - last) < last / 100) {
                break;
            }
        }
        figures.put(Figure.RESIDENT, target.accounting().residentBytes() / 1024.0 / task.readers());
    }

    private void retained(Sockets sockets) throws Exception {
        long before = heapBytes();
        new Readers(sockets, target, false).connect(task.readers());
        figures.put(Figure.RETAINED, (heapBytes() - before) / 1024.0 / task.readers());
    }

    /** What is alive in the heap of a Java server: its virtual machine collects and counts. */
    private long heapBytes() throws IOException {
        var process = new ProcessBuilder("jcmd", String.valueOf(target.pid()), "GC.class_histogram").start();
        String histogram = new String(process.getInputStream().readAllBytes());
        Matcher total = Pattern.compile("Total\\s+\\d+\\s+(\\d+)").matcher(histogram);
        if (!total.find()) {
            throw new IllegalStateException("jcmd gave no histogram: " + histogram);
        }
        return Long.parseLong(total.group(1));
    }

    /** All are cut off, miss some events and come back at once. */
    private void catchUp(Sockets sockets) throws Exception {
        var readers = new Readers(sockets, target, true);
        readers.connect(task.readers());
        var publishers = new Publishers(sockets, target, task.publishers(), task.batch());
        publishers.publishNow(1);
        Wait.until("all readers have the first event", () -> readers.haveAll(1));
        readers.cutOff();
        publishers.publishNow(task.behind());
        long start = System.nanoTime();
        readers.comeBack();
        Wait.until("all readers have caught up", () -> readers.haveAll(1 + task.behind()));
        figures.put(Figure.CATCH_UP, (System.nanoTime() - start) / 1e9);
        figures.put(Figure.MISSING, (double) readers.missing(publishers.acknowledged()));
    }
}
