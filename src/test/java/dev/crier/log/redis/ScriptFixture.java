package dev.crier.log.redis;

import dev.crier.event.EventId;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A real Redis, in which a test calls the scripts as nodes do. */
abstract class ScriptFixture {

    static final Keys KEYS = new Keys("test");

    /** The log's own time that the nodes send, unless a test sends another one. */
    static final long NOW = 1_000_000;

    /** A position that no clock reaches. */
    static final EventId FUTURE = new EventId(900_000_000_000_000L, 7);

    @TempDir
    static Path folder;

    static RedisServer redis;
    private static Vertx vertx;
    private static RedisConnection connection;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
        vertx = Vertx.vertx();
        connection = RunningCrier.await(
                Redis.createClient(vertx, "redis://127.0.0.1:" + redis.port()).connect());
        for (Script script : Script.values()) {
            RunningCrier.await(connection.send(script.load()));
        }
    }

    @AfterAll
    static void stopRedis() throws Exception {
        RunningCrier.await(vertx.close());
        redis.close();
    }

    @BeforeEach
    void emptyRedis() throws Exception {
        redis.command("FLUSHALL");
    }

    static Response call(Script script, Object... arguments) throws Exception {
        return RunningCrier.await(connection.send(script.call(KEYS, arguments)));
    }

    /** Joins as a node that knows nothing, to the run "run". Returns the epoch. */
    static String join(String node) throws Exception {
        return join(node, "", "run", EventId.FIRST).epoch();
    }

    /** Joins without waiting for other nodes, to a Redis without an append-only file. */
    static LogState join(String node, String epoch, String run, EventId shown) throws Exception {
        return LogState.parse(call(Script.JOIN, node, passed(epoch), run, shown, NOW, 0, 0));
    }

    /** Returns the breaks that a node has passed which knows only this epoch; "" if it knows none. */
    static String passed(String epoch) {
        return epoch.isEmpty() ? "" : "0-0 " + epoch;
    }

    static void beat(String node, String epoch, EventId shown, long now) throws Exception {
        call(Script.BEAT, node, epoch, "run", shown, now);
    }

    /** Appends one publication for each text, to a channel that keeps events, and returns the answer of the script. */
    static String append(String node, long number, String epoch, String channel, String... data) throws Exception {
        var arguments = new ArrayList<Object>(List.of(node, number, epoch, "run", NOW));
        for (String text : data) {
            arguments.addAll(List.of(channel, "events", "", "", 1, "\n" + text));
        }
        return call(Script.APPEND, arguments.toArray()).toString();
    }

    static EventId newest() throws Exception {
        return Break.id(log("newest"));
    }

    static String log(String field) throws Exception {
        return (String) redis.command("HGET", KEYS.log(), field);
    }

    @SuppressWarnings("unchecked")
    static List<String> list(String key) throws Exception {
        return (List<String>) redis.command("LRANGE", key, "0", "-1");
    }

    /** Sets fields in the hash of the log, as if they had been written earlier. */
    static void craft(Map<String, Object> fields) throws Exception {
        for (var field : fields.entrySet()) {
            redis.command("HSET", KEYS.log(), field.getKey(), field.getValue().toString());
        }
    }
}
