package dev.crier.bench;

import dev.crier.bench.load.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Estimates what a million subscribers need, from the measured costs of a subscriber and of an event. */
final class CapacityPlan {

    private static final double SUBSCRIBERS = 1_000_000;

    /** Maximum load of a core, which leaves room for bursts. */
    private static final double MAX_LOAD = 0.6;

    /** Approximate memory of an idle connection in the kernel, by the kernel's own accounting of sockets. */
    private static final double KERNEL_KIB = 5;

    /** Size of an event on the network: 100 bytes of data, its id, the chunk, and the headers of TCP, IP and Ethernet. */
    private static final double WIRE_BYTES = 230;

    private final List<Workload> workloads;
    private final Results results;

    CapacityPlan(List<Workload> workloads, Results results) {
        this.workloads = workloads;
        this.results = results;
    }

    /** Returns the estimate as a table. */
    String table() {
        Optional<Spread> cpu = measured("A", Metric.SERVER_CPU);
        Optional<Spread> memory = measured("D", Metric.RESIDENT);
        if (cpu.isEmpty() || memory.isEmpty()) {
            return "No estimate, because A or D was not measured.";
        }
        double micros = cpu.get().median();
        double kib = memory.get().median();
        return """
                | events per second and subscriber | cores | memory | network |
                | --- | --- | --- | --- |
                """ + row(0.1, micros, kib) + row(1, micros, kib) + row(5, micros, kib);
    }

    private static String row(double perSecond, double micros, double kib) {
        double cores = SUBSCRIBERS * perSecond * micros / 1e6 / MAX_LOAD;
        double gib = SUBSCRIBERS * (kib + KERNEL_KIB) / 1024 / 1024;
        double gigabits = SUBSCRIBERS * perSecond * WIRE_BYTES * 8 / 1e9;
        return String.format(
                Locale.ROOT, "| %s | %.0f | %.0f GiB | %.1f Gbit/s |%n", perSecond, Math.ceil(cores), gib, gigabits);
    }

    private Optional<Spread> measured(String letter, Metric metric) {
        return workloads.stream()
                .filter(workload -> workload.letter().equals(letter))
                .findFirst()
                .flatMap(workload ->
                        Spread.of(results.of(workload, "Crier", metric).values()));
    }
}
