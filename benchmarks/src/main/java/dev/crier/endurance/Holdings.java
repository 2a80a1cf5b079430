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
 * What a Java process holds.
 *
 * @param heap what is alive in its heap, in bytes
 * @param threads all of them, the virtual machine's own as well
 * @param descriptors its open files and sockets
 * @param sockets those among them
 * @param subscribers how many it says there are
 */
record Holdings(long heap, int threads, int descriptors, int sockets, int subscribers) {

    /** The virtual machine's compilers and collectors take threads and give them back, and a pool fills up when it is needed. */
    private static final int MORE_THREADS = 8;

    /** Tables keep the size they had when they were fullest. */
    private static final long MORE_HEAP = 1 << 20;

    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)$", Pattern.MULTILINE);

    /** Of Crier, by what it tells at its second port. */
    static Holdings of(CrierProcess crier, List<String> channels) throws Exception {
        long pid = crier.pid();
        Scrape told = Scrape.of(crier.managementPort()); // before its sockets are counted, as each time
        double subscribers = channels.stream()
                .mapToDouble(channel -> told.value("crier_subscribers{channel=\"" + channel + "\"}"))
                .sum();
        long heap = heap(pid); // at first: being asked makes a thread and a socket, once
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
        return new Holdings(heap, threads, descriptors, sockets, (int) subscribers);
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // it has been closed meanwhile
        }
    }

    /** The histogram is made after a collection. */
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

    /** Whether it is no more than before, but for what comes and goes by itself. */
    boolean isBackTo(Holdings before) {
        return heap <= before.heap + MORE_HEAP
                && threads <= before.threads + MORE_THREADS
                && descriptors <= before.descriptors
                && sockets <= before.sockets
                && subscribers == 0;
    }

    @Override
    public String toString() {
        return "%.1f MiB of heap, %d threads, %d descriptors, %d of them sockets, %d subscribers"
                .formatted(heap / 1048576.0, threads, descriptors, sockets, subscribers);
    }
}
