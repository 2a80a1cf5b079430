package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.EventId;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RedisServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on a cluster of two servers. The configuration names the server that does not have the log's keys. */
class RedisClusterTest extends EventLogFixture {

    @TempDir
    Path folder;

    private RedisServer without;
    private RedisServer with;

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(without.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        without = RedisServer.start(folder, "cluster-enabled yes");
        with = RedisServer.start(folder, "cluster-enabled yes");
        int slot = Math.toIntExact((Long) without.command("CLUSTER", "KEYSLOT", "{test}:log"));
        without.command("CLUSTER", "ADDSLOTSRANGE", "0", String.valueOf(slot - 1));
        with.command("CLUSTER", "ADDSLOTSRANGE", String.valueOf(slot), "16383");
        without.command("CLUSTER", "MEET", "127.0.0.1", String.valueOf(with.port()));
        Eventually.until("the cluster is up", () -> isUp(without) && isUp(with));
        super.openLog();
    }

    private static boolean isUp(RedisServer server) throws Exception {
        return server.command("CLUSTER", "INFO").toString().contains("cluster_state:ok");
    }

    @AfterEach
    @Override
    protected void closeLog() throws Exception {
        super.closeLog();
        without.close();
        with.close();
    }

    @Test
    void theLogIsOnTheServerThatHasItsKeys() throws Exception {
        EventId before = log.newest();
        publish(LAST_THREE, "a", "b", "c", "d");
        publish(TIME, "now");
        assertEquals(List.of("now"), read(TIME, EventId.FIRST));
        untilTrimmed(() -> with.command("LLEN", "{test}:c:" + LAST_THREE).equals(3L));
        assertEquals(List.of("gap", "b", "c", "d"), read(LAST_THREE, before));
        assertEquals(0L, without.command("DBSIZE"));
    }
}
