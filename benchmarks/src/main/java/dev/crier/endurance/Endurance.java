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
 * Crier under all that readers do, for as long as it is asked: they come and go, take nothing for a while and come back
 * where they were, under bursts of events. At the end each has each number once and in order, those of the latest never
 * went back, and when all are gone, Crier holds what it held before.
 */
public final class Endurance {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final int READERS = 200;
    private static final int SLOW = 40;
    private static final int LATEST = 60;

    /**
     * So many events are kept, and there from the beginning: else it would be they that grow. A reader that takes nothing
     * for a while, is cut off and comes back, is behind by less, on a fast machine as well.
     */
    private static final int KEPT = 10_000;

    private static final String NUMBERS = "/numbers";
    private static final String LATEST_NUMBER = "/latest";

    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration STALL = Duration.ofMillis(1_500);
    private static final Duration REPORT = Duration.ofSeconds(10);

    private final CrierProcess crier;
    private final Random random = new Random(1);

    /** One for all, so that its connection is there before and after. */
    private final HttpClient http = HttpClient.newHttpClient();

    private int published;

    /** What it has come to. */
    record Verdict(int numbers, int ends, Holdings before, Holdings after, List<String> failures) {

        boolean isGood() {
            return failures.isEmpty();
        }

        @Override
        public String toString() {
            return "%d numbers, each had by all; %d streams ended%nbefore: %s%nafter: %s%n%s"
                    .formatted(
                            numbers, ends, before, after, isGood() ? "It endures." : "It does not endure: " + failures);
        }
    }

    private record Load(int numbers, int ends, List<String> failures) {}

    private Endurance(CrierProcess crier) {
        this.crier = crier;
    }

    /** By the system property {@code endurance.duration}, an ISO 8601 duration. */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("endurance");
        try {
            Verdict verdict = run(folder, Duration.parse(System.getProperty("endurance.duration", "PT1M")));
            System.out.println(verdict);
            System.exit(verdict.isGood() ? 0 : 1);
        } finally {
            delete(folder);
        }
    }

    /** In the folder, against the jar. What is made only once, at first use, is made before it is measured. */
    static Verdict run(Path folder, Duration duration) throws Exception {
        try (var crier = CrierProcess.start(
                folder,
                "-conf",
                "{\"port\": 0, \"host\": \"127.0.0.1\", \"retry\": \"PT0.1S\", \"management\": {\"port\": 0}, \"log\": {\"store\": \"sqlite\"},"
                        + " \"publish\": {\"tokens\": [\"" + TOKEN + "\"]}, \"channels\": {"
                        + " \"/numbers\": {\"keep\": {\"events\": " + KEPT + "}, \"publish\": true},"
                        + " \"/latest\": {\"keep\": \"latest\", \"publish\": true}}}")) {
            crier.port();
            return new Endurance(crier).run(duration);
        }
    }

    private Verdict run(Duration duration) throws Exception {
        load(duration.dividedBy(4));
        var before = new Holdings[] {holdings()};
        Eventually.until("it has come to rest", () -> {
            Holdings last = before[0];
            before[0] = holdings();
            return before[0].sockets() >= last.sockets() && before[0].descriptors() >= last.descriptors();
        });
        Load load = load(duration);
        var failures = new ArrayList<>(load.failures());
        var after = new Holdings[1];
        try {
            Eventually.until("it holds what it held", () -> {
                after[0] = holdings();
                return after[0].isBackTo(before[0]);
            });
        } catch (AssertionError e) {
            failures.add("it holds more than it held");
        }
        crier.lines().stream().filter(line -> line.startsWith("ERROR")).forEach(failures::add);
        return new Verdict(load.numbers(), load.ends(), before[0], after[0], failures);
    }

    private Holdings holdings() throws Exception {
        return Holdings.of(crier, List.of(NUMBERS, LATEST_NUMBER));
    }

    /** All of it, from the next number on; nobody is left at the end. */
    private Load load(Duration duration) throws Exception {
        int port = crier.port();
        try (var readers = new Swarm();
                var slow = Swarm.slow();
                var skipping = Swarm.slow()) {
            readers.join(READERS, port, NUMBERS, published);
            slow.join(SLOW, port, NUMBERS, published);
            skipping.joinLatest(LATEST, port, LATEST_NUMBER);
            var all = List.of(readers, slow, skipping);
            Eventually.until(
                    "all read",
                    () -> all.stream().mapToInt(Swarm::open).sum() == READERS + SLOW + LATEST
                            && readers.allHavePlaces()
                            && slow.allHavePlaces());
            var publisher = new Burster(http, port, TOKEN, random, published, KEPT, NUMBERS, LATEST_NUMBER);
            disturb(all, publisher, duration);
            Eventually.until("as many events as are kept", () -> publisher.published() >= KEPT);
            int last = publisher.finish();
            int had = last - published;
            published = last;
            Eventually.until(
                    () -> "all have " + last + ", but for " + failures(all),
                    () -> !failures(all).isEmpty() || all.stream().allMatch(swarm -> swarm.allHave(last)));
            return new Load(had, ends(all), failures(all));
        }
    }

    private void disturb(List<Swarm> all, Burster publisher, Duration duration) {
        Swarm readers = all.get(0);
        Instant begin = Instant.now();
        Instant told = begin;
        while (Duration.between(begin, Instant.now()).compareTo(duration) < 0) {
            readers.cut(READERS / 20, random);
            for (Swarm swarm : all.subList(1, all.size())) {
                swarm.stall(SLOW / 10, random, STALL);
                swarm.cut(1, random);
            }
            if (Duration.between(told, Instant.now()).compareTo(REPORT) > 0) {
                told = Instant.now();
                System.out.printf(
                        "%s: %d numbers, %d streams ended, %d wrong%n",
                        Duration.between(begin, told).truncatedTo(ChronoUnit.SECONDS),
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
