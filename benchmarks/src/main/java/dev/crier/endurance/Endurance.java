package dev.crier.endurance;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.Swarm;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Tests Crier for a given time with subscribers that connect, disconnect, stall and resume under bursts of events. At the end
 * each subscriber must have received every number once and in order. Subscribers of a latest channel may skip numbers, but
 * the numbers must rise. After all have left, Crier must not use more resources than before.
 */
public final class Endurance {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final int SUBSCRIBERS = 200;
    private static final int SLOW = 40;
    private static final int LATEST = 60;

    /**
     * Number of events that the channel keeps. The first load fills it, so that the heap does not grow afterwards. A
     * subscriber that stalls and is disconnected misses fewer events than this, even on a fast machine.
     */
    private static final int RETENTION = 10_000;

    private static final String NUMBERS = "/numbers";
    private static final String LATEST_NUMBER = "/latest";

    private static final String CONFIGURATION = """
            {
              "host": "127.0.0.1",
              "port": 0,
              "retry": "PT0.1S",
              "management": {"port": 0},
              "log": {"store": "sqlite"},
              "publish": {"tokens": ["%s"]},
              "channels": {
                "/numbers": {"keep": {"events": %d}, "publish": true},
                "/latest": {"keep": "latest", "publish": true}
              }
            }
            """.formatted(TOKEN, RETENTION);

    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration STALL = Duration.ofMillis(1_500);
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

    private final CrierProcess crier;
    private final Random random = new Random(1);

    /** Used throughout the test, so its connection exists at both measurements. */
    private final HttpClient http = HttpClient.newHttpClient();

    private int published;

    /** The result of a test. */
    record Result(int numbers, int ends, Resources before, Resources after, List<String> failures) {

        boolean isSuccess() {
            return failures.isEmpty();
        }

        @Override
        public String toString() {
            return "%d numbers published; %d streams ended%nbefore: %s%nafter:  %s%n%s"
                    .formatted(numbers, ends, before, after, isSuccess() ? "Success." : "Failure: " + failures);
        }
    }

    private record Load(int numbers, int ends, List<String> failures) {}

    private Endurance(CrierProcess crier) {
        this.crier = crier;
    }

    /**
     * Runs the test for the duration in the system property {@code endurance.duration} (ISO 8601). The exit status is 0 for
     * success.
     */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("endurance");
        Result result;
        try {
            result = run(folder, Duration.parse(System.getProperty("endurance.duration", "PT1M")));
        } finally {
            delete(folder);
        }
        System.out.println(result);
        System.exit(result.isSuccess() ? 0 : 1);
    }

    /**
     * Tests {@code target/crier.jar}. A first load fills the channel and creates what Crier creates on first use; resources
     * are measured after it and after the second load.
     *
     * @param folder the working folder of Crier
     */
    static Result run(Path folder, Duration duration) throws Exception {
        var optimized = CrierProcess.jarWith("-XX:TieredStopAtLevel=4");
        try (var crier = CrierProcess.start(folder, optimized, "-conf", CONFIGURATION)) {
            crier.port();
            return new Endurance(crier).run(duration);
        }
    }

    private Result run(Duration duration) throws Exception {
        Load first = load(duration.dividedBy(4));
        var before = new Resources[] {resources()};
        Eventually.until("sockets and descriptors are closed", () -> {
            Resources last = before[0];
            before[0] = resources();
            return before[0].sockets() >= last.sockets() && before[0].descriptors() >= last.descriptors();
        });
        Load second = load(duration);
        var failures = new ArrayList<>(first.failures());
        failures.addAll(second.failures());
        var after = new Resources[1];
        try {
            Eventually.until("Crier uses no more than before", () -> {
                after[0] = resources();
                return after[0].isNotMoreThan(before[0]);
            });
        } catch (AssertionError e) {
            failures.add("Crier uses more resources than before");
        }
        crier.lines().stream().filter(line -> line.startsWith("ERROR")).forEach(failures::add);
        return new Result(second.numbers(), second.ends(), before[0], after[0], failures);
    }

    private Resources resources() throws Exception {
        return Resources.of(crier, List.of(NUMBERS, LATEST_NUMBER));
    }

    /** Connects all subscribers, publishes, disturbs them, waits until they have every number, and disconnects them. */
    private Load load(Duration duration) throws Exception {
        int port = crier.port();
        try (var steady = new Swarm();
                var slow = Swarm.slow();
                var skipping = Swarm.slow()) {
            steady.join(SUBSCRIBERS, port, NUMBERS, published);
            slow.join(SLOW, port, NUMBERS, published);
            skipping.joinLatest(LATEST, port, LATEST_NUMBER);
            var all = List.of(steady, slow, skipping);
            Eventually.until(
                    "all streams are open",
                    () -> all.stream().mapToInt(Swarm::open).sum() == SUBSCRIBERS + SLOW + LATEST
                            && steady.allHaveEventIds()
                            && slow.allHaveEventIds());
            var publisher = new BurstPublisher(http, port, TOKEN, random, published, RETENTION, NUMBERS, LATEST_NUMBER);
            disturb(all, publisher, duration);
            fillChannel(publisher);
            int last = publisher.stop();
            int numbers = last - published;
            published = last;
            Eventually.until(
                    () -> "all subscribers have received " + last + "; failures: " + failures(all),
                    () -> !failures(all).isEmpty() || all.stream().allMatch(swarm -> swarm.allHave(last)));
            return new Load(numbers, ends(all), failures(all));
        }
    }

    /** Waits until as many events have been published as the channel keeps, however long a busy machine takes. */
    private static void fillChannel(BurstPublisher publisher) throws Exception {
        while (publisher.published() < RETENTION) {
            int last = publisher.published();
            Eventually.until("a number after " + last + " is published", () -> publisher.published() > last);
        }
    }

    private void disturb(List<Swarm> all, BurstPublisher publisher, Duration duration) throws IOException {
        Swarm steady = all.get(0);
        Instant start = Instant.now();
        Instant reported = start;
        while (Duration.between(start, Instant.now()).compareTo(duration) < 0) {
            steady.cut(SUBSCRIBERS / 20, random);
            for (Swarm swarm : all.subList(1, all.size())) {
                swarm.stall(SLOW / 10, random, STALL);
                swarm.cut(1, random);
            }
            if (Duration.between(reported, Instant.now()).compareTo(REPORT_INTERVAL) > 0) {
                reported = Instant.now();
                System.out.printf(
                        "%s: %d numbers, %d streams ended, %d failures%n",
                        Duration.between(start, reported).truncatedTo(ChronoUnit.SECONDS),
                        publisher.published(),
                        ends(all),
                        failures(all).size());
            }
            LockSupport.parkNanos(STEP.toNanos());
        }
    }

    private static int ends(List<Swarm> all) {
        return all.stream().mapToInt(swarm -> swarm.ends().size()).sum();
    }

    private static List<String> failures(List<Swarm> all) {
        return all.stream().flatMap(swarm -> swarm.failures().stream()).toList();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
