package dev.crier.bench.peer;

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
 * CPU cores of this machine. A workload that measures delays runs the load client on the last core and the server on the
 * others. Otherwise the kernel may run both on one core, where they wait for each other, while another core is idle.
 *
 * @param numbers the kernel's numbers of the cores
 */
public record Cores(List<Integer> numbers) {

    /** The cores that this process may use. In a container they can be a part of all cores, with any numbers. */
    public static final Cores ALL = allowed();

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

    /** Parses the kernel's list format, such as {@code 0-1,4} (proc(5)). */
    static Cores parse(String list) {
        return new Cores(Stream.of(list.split(","))
                .map(range -> range.split("-"))
                .flatMap(ends -> IntStream.rangeClosed(
                                Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                        .boxed())
                .toList());
    }

    /** Returns all of these cores but the last, or the only one. */
    public Cores withoutLast() {
        return numbers.size() == 1 ? this : new Cores(numbers.subList(0, numbers.size() - 1));
    }

    public Cores last() {
        return new Cores(List.of(numbers.get(numbers.size() - 1)));
    }

    /** Returns a command that runs the given command on these cores, with taskset(1) if they are not all. */
    public List<String> command(List<String> command) {
        if (equals(ALL)) {
            return command;
        }
        String list = numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
        var pinned = new ArrayList<>(List.of("taskset", "-c", list));
        pinned.addAll(command);
        return pinned;
    }
}
