package dev.crier.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** From what a reader and an event were measured to cost, what a million readers need. */
final class Million {

    private static final double READERS = 1_000_000;

    /** How much of a core is to be busy at most, so that a burst finds room. */
    private static final double BUSY = 0.6;

    /** What the kernel has for an idle connection; its own accounting of a socket of each side, roughly. */
    private static final double KERNEL_KIB = 5;

    /** 100 bytes of data with id, chunk, and the heads of TCP, IP and Ethernet. */
    private static final double WIRE_BYTES = 230;

    private final List<Work> works;
    private final Results results;

    Million(List<Work> works, Results results) {
        this.works = works;
        this.results = results;
    }

    String plan() {
        Optional<Spread> cpu = figure("A", Figure.SERVER_CPU);
        Optional<Spread> memory = figure("D", Figure.RESIDENT);
        if (cpu.isEmpty() || memory.isEmpty()) {
            return "Not planned, since A or D was not measured.";
        }
        double micros = cpu.get().median();
        double kib = memory.get().median();
        return """
                | events a second, to each reader | cores | memory | network |
                | --- | --- | --- | --- |
                """ + row(0.1, micros, kib) + row(1, micros, kib) + row(5, micros, kib);
    }

    private static String row(double perSecond, double micros, double kib) {
        double cores = READERS * perSecond * micros / 1e6 / BUSY;
        double gib = READERS * (kib + KERNEL_KIB) / 1024 / 1024;
        double gigabits = READERS * perSecond * WIRE_BYTES * 8 / 1e9;
        return String.format(
                Locale.ROOT, "| %s | %.0f | %.0f GiB | %.1f Gbit/s |%n", perSecond, Math.ceil(cores), gib, gigabits);
    }

    private Optional<Spread> figure(String letter, Figure figure) {
        return works.stream()
                .filter(work -> work.letter().equals(letter))
                .findFirst()
                .flatMap(work -> Spread.of(results.of(work, "Crier", figure).values()));
    }
}
