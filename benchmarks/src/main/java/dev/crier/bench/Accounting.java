package dev.crier.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What the kernel has on account for processes, all of their threads included (Linux: proc(5)). */
record Accounting(List<Long> pids) {

    /** The unit of the kernel's processor times; 100 a second on every Linux of the last decades. */
    private static final long TICKS_PER_SECOND = 100;

    /** In /proc/PID/stat, behind the name of the command, which may have spaces itself. */
    private static final int USER_TIME = 11;

    private static final int SYSTEM_TIME = 12;

    /** The process and all that it has started. */
    static Accounting of(ProcessHandle process) {
        return new Accounting(Stream.concat(Stream.of(process), process.descendants())
                .map(ProcessHandle::pid)
                .toList());
    }

    /** How long they have kept a processor busy, in user and in system mode, in seconds. */
    double cpuSeconds() {
        return pids.stream().mapToLong(Accounting::ticks).sum() / (double) TICKS_PER_SECOND;
    }

    private static long ticks(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
    }

    /** How much memory they have for themselves, in bytes; what they share is counted in proportion. */
    long residentBytes() {
        return pids.stream().mapToLong(Accounting::residentBytes).sum();
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
            throw new IllegalStateException("the process " + pid + " is gone: " + e.getMessage(), e);
        }
    }
}
