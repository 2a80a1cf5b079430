package dev.crier.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of a few megabytes that a test can fill to the last byte. Needs root and Linux. */
public final class SmallDisk implements AutoCloseable {

    private static final String SIZE = "size=8m";

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts the file system, or skips the test if that is not possible. */
    public static SmallDisk mount() throws IOException {
        Path folder = Files.createTempDirectory("crier-disk");
        boolean mounted = Files.exists(Path.of("/proc/self/mounts"))
                && succeeds(List.of("mount", "-t", "tmpfs", "-o", SIZE, "none", folder.toString()));
        if (!mounted) {
            Files.delete(folder);
        }
        assumeTrue(mounted, "only root can mount a file system");
        return new SmallDisk(folder);
    }

    public Path folder() {
        return folder;
    }

    /** Fills the file system to the last byte. */
    public void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(folder.resolve("filler"))) {
            while (true) {
                filler.write(new byte[4096]);
            }
        } catch (IOException e) {
            if (folder.toFile().getUsableSpace() > 0) {
                throw e;
            }
        }
    }

    public void empty() throws IOException {
        Files.delete(folder.resolve("filler"));
    }

    public void setReadOnly(boolean readOnly) throws IOException {
        String mode = "remount," + SIZE + (readOnly ? ",ro" : ",rw");
        if (!succeeds(List.of("mount", "-o", mode, folder.toString()))) {
            throw new IOException("mount -o " + mode);
        }
    }

    private static boolean succeeds(List<String> command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no such command
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        succeeds(List.of("umount", "-l", folder.toString()));
        Files.delete(folder);
    }
}
