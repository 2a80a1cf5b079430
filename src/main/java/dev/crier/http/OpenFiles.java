package dev.crier.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** How many files, connections among them, the process may have open. */
final class OpenFiles {

    /** Where Linux tells; the virtual machine's own way takes longer than the rest of the start can spare. */
    private static final Path LINUX = Path.of("/proc/self/limits");

    private static final Pattern SOFT = Pattern.compile("^Max open files +(\\d+)", Pattern.MULTILINE);

    private OpenFiles() {}

    /** {@link Long#MAX_VALUE} where nothing is known of a limit. */
    static long max() {
        try {
            return SOFT.matcher(Files.readString(LINUX))
                    .results()
                    .findFirst()
                    .map(MatchResult::group)
                    .map(line -> Long.valueOf(line.replaceAll("\\D", "")))
                    .orElse(Long.MAX_VALUE);
        } catch (IOException notLinux) {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    ? unix.getMaxFileDescriptorCount()
                    : Long.MAX_VALUE;
        }
    }
}
