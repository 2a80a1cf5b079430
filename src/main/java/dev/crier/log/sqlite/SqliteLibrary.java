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
 * Loads SQLite's native library. By itself, the driver would unpack it to the temporary folder under a new name at each
 * start. A process that is killed would leave the file there, and nothing would load if the folder cannot be written or
 * forbids programs.
 *
 * <p>This class unpacks the library to a folder of its own, which only its owner can open, and deletes the folder as soon as
 * the library is loaded. It tries the temporary folder first, then the folder of the log. Thread-safe.
 */
final class SqliteLibrary {

    private static final String FOLDER = "org.sqlite.tmpdir";
    private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);

    private static boolean loaded;

    private SqliteLibrary() {}

    /**
     * Loads the library unless it is loaded already, or the driver's own properties say where it is.
     *
     * @param logFolder the folder of the log
     * @throws IOException if the library loads from neither folder
     */
    static synchronized void load(Path logFolder) throws IOException {
        if (loaded || System.getProperty(FOLDER) != null || System.getProperty("org.sqlite.lib.path") != null) {
            return;
        }
        var failure = new IOException("SQLite's library cannot be unpacked and loaded (expected: a temporary folder,"
                + " or a folder of log.file, that can be written and allows programs)");
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

    /** Windows does not delete a library that is in use. The driver deletes it there when the process ends. */
    private static void delete(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            LOG.debug("{} could not be deleted", folder, e);
        }
    }
}
