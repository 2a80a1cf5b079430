package dev.crier.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The cores of this machine that a process may run on. Where it matters how long things take, the load client has the last
 * one and the server the others: else it is luck whether the kernel has the two wait for each other on the same core while
 * another is idle.
 *
 * @param numbers as the kernel counts them
 */
record Cores(List<Integer> numbers) {

    /** Those that this process may run on, which need not be all there are, nor begin with the first (proc(5)). */
    static final Cores ALL = allowed();

    private static Cores allowed() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Cpus_allowed_list:"))
                    .map(line -> parse(line.split("\\s+")[1]))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the kernel's way to write them: 0-1,4. */
    static Cores parse(String list) {
        return new Cores(Stream.of(list.split(","))
                .map(range -> range.split("-"))
                .flatMap(ends -> IntStream.rangeClosed(
                                Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                        .boxed())
                .toList());
    }

    /** Where there is one core only, the two share it. */
    static Cores ofServer(Entrant entrant) {
        return entrant.apart() ? ALL.butLast() : ALL;
    }

    static Cores ofClient(Entrant entrant) {
        return entrant.apart() ? ALL.last() : ALL;
    }

    Cores butLast() {
        return numbers.size() == 1 ? this : new Cores(numbers.subList(0, numbers.size() - 1));
    }

    Cores last() {
        return new Cores(List.of(numbers.get(numbers.size() - 1)));
    }

    /** The command that runs the command there, by taskset(1). */
    List<String> run(List<String> command) {
        if (equals(ALL)) {
            return command;
        }
        String list = numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
        var there = new ArrayList<>(List.of("taskset", "-c", list));
        there.addAll(command);
        return there;
    }
}
