package dev.crier.endurance;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Scrape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The resources that a Crier process uses.
 *
 * @param heap the live objects in its heap, in bytes
 * @param threads the number of its threads, the virtual machine's own included
 * @param descriptors the number of its open file descriptors, sockets included
 * @param sockets the number of its sockets
 * @param subscribers the number of subscribers by its metrics
 */
record Resources(long heap, int threads, int descriptors, int sockets, int subscribers) {

    /** The virtual machine starts and stops threads of its own, and thread pools grow on demand. */
    private static final int THREADS_TOLERANCE = 8;

    /** Hash tables do not shrink. */
    private static final long HEAP_TOLERANCE = 1 << 20;

    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)$", Pattern.MULTILINE);

    /** Measures a Crier. The order matters: the scrape and the first use of jcmd open sockets and start threads. */
    static Resources of(CrierProcess crier, List<String> channels) throws Exception {
        long pid = crier.pid();
        Scrape metrics = Scrape.of(crier.managementPort());
        double subscribers = channels.stream()
                .mapToDouble(channel -> metrics.value("crier_subscribers{channel=\"" + channel + "\"}"))
                .sum();
        long heap = heap(pid);
        int threads;
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            threads = (int) tasks.count();
        }
        int descriptors = 0;
        int sockets = 0;
        try (var open = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : open) {
                descriptors++;
                sockets += isSocket(descriptor) ? 1 : 0;
            }
        }
        return new Resources(heap, threads, descriptors, sockets, (int) subscribers);
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed since the listing
        }
    }

    /** Returns the size of the live objects. The histogram includes a collection. */
    private static long heap(long pid) throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        var process = new ProcessBuilder(jcmd, String.valueOf(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String histogram = new String(process.getInputStream().readAllBytes());
        Matcher total = TOTAL.matcher(histogram);
        if (process.waitFor() != 0 || !total.find()) {
            throw new IOException("jcmd: " + histogram.lines().findFirst().orElse(""));
        }
        return Long.parseLong(total.group(1));
    }

    /** Returns whether nothing is left over since {@code before}. */
    boolean isNotMoreThan(Resources before) {
        return heap <= before.heap + HEAP_TOLERANCE
                && threads <= before.threads + THREADS_TOLERANCE
                && descriptors <= before.descriptors
                && sockets <= before.sockets
                && subscribers == 0;
    }

    @Override
    public String toString() {
        return "%.1f MiB of heap, %d threads, %d file descriptors (%d sockets), %d subscribers"
                .formatted(heap / 1048576.0, threads, descriptors, sockets, subscribers);
    }
}
