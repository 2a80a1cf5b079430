package dev.crier.limit;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Divides the files that the process may have open, including connections. Connections cannot use a reserve, so accepting,
 * downloads, the management listener and the store never run out of files.
 */
public final class OpenFiles {

    /** The limits of the process, read directly because the virtual machine's own API would slow down the start. */
    private static final Path LIMITS = Path.of("/proc/self/limits");

    private static final File OPEN = new File("/proc/self/fd");

    private static final Pattern SOFT = Pattern.compile("^Max open files +(\\d+)", Pattern.MULTILINE);

    private static final int MIN_RESERVE = 32;
    private static final int MAX_RESERVE = 256;

    /** The reserve is a quarter of the files, but within the limits above. */
    private static final int RESERVE_DIVISOR = 4;

    private OpenFiles() {}

    /** Returns how many files the process may have open; {@link Integer#MAX_VALUE} if no limit is known. */
    public static int max() {
        try {
            return softLimit(Files.readString(LIMITS));
        } catch (IOException notLinux) {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? clamp(unix.getMaxFileDescriptorCount(), 0, Integer.MAX_VALUE)
                    : Integer.MAX_VALUE;
        }
    }

    /** Returns the soft limit of open files in the text of {@code /proc/self/limits}. */
    static int softLimit(String limits) {
        return SOFT.matcher(limits)
                .results()
                .findFirst()
                .map(line -> clamp(Long.parseLong(line.group(1)), 0, Integer.MAX_VALUE))
                .orElse(Integer.MAX_VALUE);
    }

    /**
     * Returns how many files the process has open; 0 if that is not known. Linux has the number as the size of a folder since
     * version 6.2. Before that, the folder must be listed, which takes milliseconds if it is large.
     */
    public static int open() {
        try {
            long size = Files.size(OPEN.toPath());
            if (size > 0) {
                return clamp(size, 0, Integer.MAX_VALUE);
            }
        } catch (IOException notLinux) {
            // there is no such folder
        }
        String[] open = OPEN.list();
        return open == null ? 0 : open.length;
    }

    /** Returns how many connections there may be: all files less those open now and the reserve. */
    static int forConnections() {
        return Math.max(1, max() - open() - reserve());
    }

    /** Returns how many files downloads may have open at a time. */
    public static int forDownloads() {
        return reserve() / 4;
    }

    /** Returns how many connections the management listener may have. */
    public static int forManagement() {
        return reserve() / 4;
    }

    /** Returns how many connections a listener may accept beyond its limit, to reject or close them. */
    public static int forRejection() {
        return reserve() / 8;
    }

    private static int reserve() {
        return reserve(max());
    }

    /** Returns how many of the given number of files are reserved. */
    static int reserve(int files) {
        return clamp(files / RESERVE_DIVISOR, MIN_RESERVE, MAX_RESERVE);
    }

    private static int clamp(long value, int min, int max) {
        return (int) Math.max(min, Math.min(value, max));
    }
}
