package dev.crier.bench;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures Crier beside its peers: each work again and again, and in each repetition all entrants in turn, each started
 * anew in a process of its own. Writes the figures to {@code target/benchmark.json}, and what they say to
 * {@code docs/benchmarks.md} if all works were done.
 */
public final class Benchmark {

    private static final int LONGEST_SECONDS = 300;

    private static final List<Work> ALL = Work.all(Double.parseDouble(System.getProperty("bench.scale", "1")));

    private final Set<String> letters;
    private final int repetitions;
    private final Results results = new Results();

    private Benchmark(Set<String> letters, int repetitions) {
        this.letters = letters;
        this.repetitions = repetitions;
    }

    /**
     * By system properties: {@code bench.works}, the letters, if not all; {@code bench.repetitions}; {@code bench.scale},
     * by how much the time of each measurement is longer than usual, or shorter.
     */
    public static void main(String[] args) throws Exception {
        Set<String> letters =
                Set.of(System.getProperty("bench.works", "A,B,C,D,E,F,G,H").split(","));
        int repetitions = Integer.getInteger("bench.repetitions", 5);
        new Benchmark(letters, repetitions).run();
    }

    private void run() throws Exception {
        List<Work> works =
                ALL.stream().filter(work -> letters.contains(work.letter())).toList();
        for (Work work : works) {
            for (int i = 1; i <= repetitions; i++) {
                for (Entrant entrant : work.entrants()) {
                    if (entrant.peer().version().isPresent()) {
                        run(work, entrant, i);
                    }
                }
            }
        }
        Files.createDirectories(Path.of("benchmarks", "target"));
        Files.writeString(
                Path.of("benchmarks", "target", "benchmark.json"),
                results.toJson().encodePrettily());
        var report = new Report(works, results, repetitions);
        works.forEach(
                work -> System.out.println(work.letter() + "\n\n" + report.figures(work) + "\n" + report.goals(work)));
        if (works.size() == ALL.size()) {
            Files.writeString(Path.of("docs", "benchmarks.md"), report.whole());
            Files.writeString(Path.of("docs", "benchmarks.svg"), new Plot(works, results).svg());
        }
    }

    private void run(Work work, Entrant entrant, int repetition) throws Exception {
        System.out.printf("%s %d/%d %s: ", work.letter(), repetition, repetitions, entrant.name());
        Path folder = Files.createTempDirectory("bench");
        try {
            Map<Figure, Double> figures = entrant.task().kind() == Task.Kind.START
                    ? Map.of(Figure.STARTUP, startup(entrant, folder))
                    : load(entrant, folder);
            results.add(work, entrant, repetition, figures);
            System.out.println(figures.entrySet().stream()
                    .map(figure -> Spread.number(figure.getValue()) + " "
                            + figure.getKey().unit())
                    .collect(Collectors.joining(", ")));
        } catch (IllegalStateException | IOException | DecodeException e) {
            results.fail(work, entrant, "did not come through");
            System.out.println(e.getMessage());
        } finally {
            delete(folder);
        }
    }

    static Map<Figure, Double> load(Entrant entrant, Path folder) throws Exception {
        try (Running running = entrant.peer().start(folder, freePort(), Cores.ofServer(entrant))) {
            List<String> command = Programs.java(
                    Load.class,
                    entrant.task().toJson().encode(),
                    running.target().toJson().encode());
            var client = new ProcessBuilder(Cores.ofClient(entrant).run(command))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                if (!client.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || client.exitValue() != 0) {
                    throw new IllegalStateException(entrant.name() + ": the load client failed");
                }
                // one line: it fits the pipe, and waits there
                String figures = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return Figure.of(new JsonObject(figures));
            } finally {
                client.destroyForcibly();
            }
        }
    }

    /** From the command to the first line of data that a reader has, in seconds. */
    private static double startup(Entrant entrant, Path folder) throws IOException {
        int port = freePort();
        long start = System.nanoTime();
        try (Running running = entrant.peer().start(folder, port, Cores.ALL);
                var socket = new Socket(
                        InetAddress.getLoopbackAddress(), running.target().port())) {
            socket.getOutputStream()
                    .write("GET /currentTime HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (line != null && !line.startsWith("data: ")) {
                line = lines.readLine();
            }
            if (line == null) {
                throw new IOException("the stream ended before an event");
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
