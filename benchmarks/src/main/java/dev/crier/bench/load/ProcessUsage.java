package dev.crier.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** CPU time and memory of processes, all threads included, as the kernel accounts for them in /proc (proc(5)). */
record ProcessUsage(List<Long> pids) {

    /** Resolution of the CPU times in /proc: 100 per second on every current Linux. */
    private static final long TICKS_PER_SECOND = 100;

    /** Index of the field in /proc/PID/stat, counted after the name of the command, which may itself contain spaces. */
    private static final int USER_TIME = 11;

    private static final int SYSTEM_TIME = 12;

    /** Returns the usage of these processes and their descendants. */
    static ProcessUsage of(Stream<ProcessHandle> processes) {
        return new ProcessUsage(processes
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .map(ProcessHandle::pid)
                .toList());
    }

    /** Returns the CPU time in user and system mode, in seconds. */
    double cpuSeconds() {
        return pids.stream().mapToLong(ProcessUsage::ticks).sum() / (double) TICKS_PER_SECOND;
    }

    private static long ticks(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
    }

    /** Returns the proportional set size in bytes: a page that several processes share counts in part for each. */
    long residentBytes() {
        return pids.stream().mapToLong(ProcessUsage::residentBytes).sum();
    }

    private static long residentBytes(long pid) {
        return Arrays.stream(read(pid, "smaps_rollup").split("\n"))
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(pid), file));
        } catch (IOException e) {
            throw new IllegalStateException("process " + pid + " has ended: " + e.getMessage(), e);
        }
    }
}
