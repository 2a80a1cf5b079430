package dev.crier.log.sqlite;

import dev.crier.event.PublishException;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes a copy of the log beside it, one at a time, on a thread and a connection of its own. Neither publications nor
 * reads wait for it. Thread-safe.
 */
final class BackupWriter {

    private final WorkerExecutor thread;
    private final AtomicBoolean writing = new AtomicBoolean();

    /** @param thread an executor of one thread, which no event loop needs */
    BackupWriter(WorkerExecutor thread) {
        this.thread = thread;
    }

    /** Writes a copy, or fails with a {@link PublishException} if another is being written or there is too little room. */
    Future<Store.Backup> write(SqliteFile file) {
        if (!writing.compareAndSet(false, true)) {
            return Future.failedFuture(unavailable("a backup is being written"));
        }
        return thread.executeBlocking(() -> copy(file), false).onComplete(done -> writing.set(false));
    }

    static PublishException unavailable(String why) {
        return new PublishException(PublishException.Reason.UNAVAILABLE, why);
    }

    /** Gives the copy its name only when it is complete and flushed to the disk. */
    private static Store.Backup copy(SqliteFile file) throws IOException, SQLException {
        Path target = file.backupPath();
        Path part = file.partPath();
        Files.deleteIfExists(part);
        long needed = file.path().toFile().length() + SqliteFile.SPARE_BYTES;
        long room = file.path().toFile().getUsableSpace();
        if (room < needed) {
            throw unavailable("the file system has room for " + room + " bytes (expected: " + needed + " or more)");
        }
        try {
            file.createForOwner(part);
            try (Sql sql = file.connectForCopying()) {
                sql.update("VACUUM INTO ?", part.toString());
            }
            try (var copy = FileChannel.open(part, StandardOpenOption.WRITE)) {
                copy.force(true);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            file.flushFolder();
        } finally {
            Files.deleteIfExists(part);
        }
        return new Store.Backup(target, Files.size(target));
    }
}
