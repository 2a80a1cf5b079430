package dev.crier.failures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Runs failures of nodes, Redis and the network between them under traffic, each with a seed of its own. */
public final class Failures {

    private Failures() {}

    /**
     * Makes {@code failures.runs} runs of the failures in {@code failures.only}, in turn; if that is empty, of all failures. A
     * failure lasts for {@code failures.length} after it is noticed. The first run has the seed {@code failures.seed}, or a
     * random one, and each later run has the next number. The exit status is 0 if there is no fault.
     */
    public static void main(String[] args) throws Exception {
        List<Failure> failures = failures(System.getProperty("failures.only", ""));
        int runs = Integer.getInteger("failures.runs", 50);
        long seed = seed(System.getProperty("failures.seed", ""));
        var length = Duration.parse(System.getProperty("failures.length", "PT10S"));
        var failed = new ArrayList<String>();
        for (int i = 0; i < runs; i++) {
            var run = new FailureRun(failures.get(i % failures.size()), seed + i, length);
            Instant start = Instant.now();
            List<String> faults = run(run);
            System.out.printf(
                    "%d of %d: %s: %s, %d s%n",
                    i + 1,
                    runs,
                    run,
                    faults.isEmpty() ? "no fault" : "FAULTS",
                    Duration.between(start, Instant.now()).toSeconds());
            if (!faults.isEmpty()) {
                faults.forEach(System.out::println);
                failed.add(run.toString());
            }
        }
        System.out.println(failed.isEmpty() ? "Success." : "Failure: " + failed);
        System.exit(failed.isEmpty() ? 0 : 1);
    }

    private static List<Failure> failures(String only) {
        return only.isEmpty()
                ? List.of(Failure.values())
                : Stream.of(only.split(",")).map(Failure::valueOf).toList();
    }

    private static long seed(String seed) {
        return seed.isEmpty() ? new Random().nextInt(Integer.MAX_VALUE) : Long.parseLong(seed);
    }

    private static List<String> run(FailureRun run) throws Exception {
        Path folder = Files.createTempDirectory("failures");
        try {
            return run.faults(folder);
        } catch (Exception | AssertionError e) {
            return List.of("the run failed: " + e);
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
