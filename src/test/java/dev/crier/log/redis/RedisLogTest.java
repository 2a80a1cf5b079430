package dev.crier.log.redis;

import dev.crier.log.EventLogContract;
import dev.crier.log.store.Store;
import dev.crier.testing.RedisServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract of the log with one node on Redis. */
class RedisLogTest extends EventLogContract {

    @TempDir
    static Path folder;

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.close();
    }

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(redis.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        redis.command("FLUSHALL");
        super.openLog();
    }
}
