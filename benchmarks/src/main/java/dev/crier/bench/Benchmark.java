package dev.crier.bench;

import dev.crier.bench.load.LoadClient;
import dev.crier.bench.load.Metric;
import dev.crier.bench.load.Task;
import dev.crier.bench.peer.Cores;
import dev.crier.bench.peer.Programs;
import dev.crier.bench.peer.RunningPeer;
import dev.crier.testing.Ports;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
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
 * Compares Crier with its peers. Runs each workload several times; each repetition measures every participant once, in a new
 * server process. Writes the values to {@code benchmarks/target/benchmark.json}. If all workloads were run, also writes the
 * report to {@code docs/benchmarks.md} and its chart to {@code docs/benchmarks.svg}.
 *
 * <p>Runs in the top-level folder of the repository.
 */
public final class Benchmark {

    private static final int TIMEOUT_SECONDS = 300;

    private static final double SCALE = Double.parseDouble(System.getProperty("bench.scale", "1"));

    private static final boolean CONSOLE = Boolean.getBoolean("bench.console");

    private static final List<Workload> ALL = CONSOLE ? List.of(Workload.console(SCALE)) : Workload.all(SCALE);

    private final Set<String> letters;
    private final int repetitions;
    private final Results results = new Results();

    private Benchmark(Set<String> letters, int repetitions) {
        this.letters = letters;
        this.repetitions = repetitions;
    }

    /**
     * Runs the benchmark as these system properties say: {@code bench.workloads}, the letters of the workloads, separated by
     * commas; {@code bench.repetitions}; {@code bench.scale}, a factor on the duration of each measurement;
     * {@code bench.console}, {@code true} to measure only the cost of the console.
     */
    public static void main(String[] args) throws Exception {
        Set<String> letters = Set.of(System.getProperty("bench.workloads", "A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S")
                .split(","));
        int repetitions = Integer.getInteger("bench.repetitions", 5);
        new Benchmark(letters, repetitions).run();
    }

    private void run() throws Exception {
        List<Workload> workloads = ALL.stream()
                .filter(workload -> letters.contains(workload.letter()))
                .toList();
        for (Workload workload : workloads) {
            for (int i = 1; i <= repetitions; i++) {
                for (Participant participant : workload.participants()) {
                    if (participant.peer().version().isPresent()) {
                        run(workload, participant, i);
                    }
                }
            }
        }
        Files.createDirectories(Path.of("benchmarks", "target"));
        Files.writeString(
                Path.of("benchmarks", "target", "benchmark.json"),
                results.toJson().encodePrettily());
        var report = new Report(workloads, results, repetitions);
        workloads.forEach(workload -> System.out.println(
                workload.letter() + "\n\n" + report.measurements(workload) + "\n" + report.goals(workload)));
        if (!CONSOLE && workloads.size() == ALL.size()) {
            Files.writeString(Path.of("docs", "benchmarks.md"), report.text());
            Files.writeString(Path.of("docs", "benchmarks.svg"), new BarChart(workloads, results).svg());
        }
    }

    private void run(Workload workload, Participant participant, int repetition) throws Exception {
        System.out.printf("%s %d/%d %s: ", workload.letter(), repetition, repetitions, participant.name());
        Path folder = Files.createTempDirectory("bench");
        try {
            Map<Metric, Double> values = participant.task().kind() == Task.Kind.START
                    ? Map.of(Metric.STARTUP, startup(participant, folder))
                    : load(participant, folder);
            results.add(workload, participant, repetition, values);
            System.out.println(values.entrySet().stream()
                    .map(value -> Spread.number(value.getValue()) + " "
                            + value.getKey().unit())
                    .collect(Collectors.joining(", ")));
        } catch (IllegalStateException | IOException | DecodeException e) {
            results.fail(workload, participant, "failed");
            System.out.println(e.getMessage());
        } finally {
            delete(folder);
        }
    }

    /** Starts the participant's server and the load client, and returns what the load client measured. */
    static Map<Metric, Double> load(Participant participant, Path folder) throws Exception {
        try (RunningPeer server = participant.peer().start(folder, Ports.free(), participant.serverCores())) {
            List<String> command = Programs.java(
                    LoadClient.class,
                    participant.task().toJson().encode(),
                    server.endpoint().toJson().encode());
            var client = new ProcessBuilder(participant.clientCores().command(command))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                if (!client.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || client.exitValue() != 0) {
                    throw new IllegalStateException(participant.name() + ": the load client failed");
                }
                // Reading after the exit is safe: the one line of output fits into the pipe's buffer.
                String values = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return Metric.of(new JsonObject(values));
            } finally {
                client.destroyForcibly();
            }
        }
    }

    /** Returns the seconds from the start of the process to the first data line that a subscriber receives. */
    private static double startup(Participant participant, Path folder) throws IOException {
        int port = Ports.free();
        long start = System.nanoTime();
        try (RunningPeer server = participant.peer().start(folder, port, Cores.ALL);
                var socket = new Socket(
                        InetAddress.getLoopbackAddress(),
                        server.endpoint().subscribePorts().get(0))) {
            socket.getOutputStream()
                    .write("GET /currentTime HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (line != null && !line.startsWith("data: ")) {
                line = lines.readLine();
            }
            if (line == null) {
                throw new IOException("the stream ended before the first event");
            }
            return (System.nanoTime() - start) / 1e9;
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
