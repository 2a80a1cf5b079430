package dev.crier.log.sqlite;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads SQLite's native library. The driver unpacks it to the temporary folder, under a name that is never used again, and
 * a process that is killed leaves it there; where that folder cannot be written or forbids programs, nothing loads.
 *
 * <p>Here it is unpacked to a folder of its own, which only its owner can open and which is deleted as soon as the library
 * is loaded; in the temporary folder, or else in that of the log.
 */
final class SqliteLibrary {

    private static final String FOLDER = "org.sqlite.tmpdir";
    private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);

    private static boolean loaded;

    private SqliteLibrary() {}

    /**
     * Loads the library, once a process.
     *
     * @param logFolder a folder that can be written
     * @throws IOException if neither folder takes it
     */
    static synchronized void load(Path logFolder) throws IOException {
        if (loaded || System.getProperty(FOLDER) != null || System.getProperty("org.sqlite.lib.path") != null) {
            return;
        }
        var failure = new IOException("SQLite's library cannot be unpacked and loaded (expected: a temporary folder,"
                + " or a folder of log.file, that can be written and may have programs)");
        for (Path parent : List.of(Path.of(System.getProperty("java.io.tmpdir")), logFolder)) {
            try {
                loadFrom(Files.createTempDirectory(parent, "crier-sqlite"));
                loaded = true;
                return;
            } catch (Exception | LinkageError e) {
                LOG.debug("SQLite's library does not load from {}", parent, e);
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    private static void loadFrom(Path folder) throws Exception {
        try {
            System.setProperty(FOLDER, folder.toString());
            SQLiteJDBCLoader.initialize();
        } finally {
            System.clearProperty(FOLDER);
            delete(folder);
        }
    }

    /** Windows deletes no library that is in use; there the driver deletes it at the end of the process. */
    private static void delete(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            LOG.debug("{} is not deleted", folder, e);
        }
    }
}
