package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.config.file.ConfException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerInfoTest {

    @Test
    void theFieldsOfRedisAreRead() {
        assertEquals(new ServerInfo("7.0.15", "a1b2", "noeviction", true), ServerInfo.parse("""
                        # Server\r
                        redis_version:7.0.15\r
                        executable:/usr/bin/redis-server\r
                        config_file:C:\\redis.conf\r
                        run_id:a1b2\r
                        \r
                        # Memory\r
                        maxmemory_policy:noeviction\r
                        # Persistence\r
                        aof_enabled:1\r
                        """));
    }

    @Test
    void theVersionOfValkeyIsThatOfTheCompatibleRedis() {
        var info = ServerInfo.parse("""
                # Server\r
                redis_version:7.2.4\r
                server_name:valkey\r
                valkey_version:8.1.1\r
                run_id:a1b2\r
                maxmemory_policy:noeviction\r
                aof_enabled:0\r
                """);
        assertEquals(new ServerInfo("7.2.4", "a1b2", "noeviction", false), info);
        assertDoesNotThrow(() -> info.check("localhost:6379"));
    }

    @Test
    void missingFieldsAreEmpty() {
        assertEquals(new ServerInfo("", "", "", false), ServerInfo.parse(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7.0.0", "7.0.15", "7.4.2", "8.0.0", "8", "10.1", "255.255.255"})
    void aVersionFrom7OnIsAccepted(String version) {
        assertDoesNotThrow(() -> new ServerInfo(version, "run", "noeviction", false).check("localhost:6379"));
    }

    @ParameterizedTest
    @CsvSource({"6.2.14, 6.2.14", "2.8, 2.8", "'', unknown", "unstable, unstable", "v7.0, v7.0", "99999.0, 99999.0"})
    void anOlderOrUnknownVersionIsRejected(String version, String named) {
        var info = new ServerInfo(version, "run", "noeviction", false);
        var refusal = assertThrows(ConfException.class, () -> info.check("localhost:6379"));
        assertEquals(
                List.of("log.redis.url: Redis at localhost:6379 has version " + named + " (expected: 7.0 or later)"),
                refusal.errors());
    }

    @ParameterizedTest
    @ValueSource(strings = {"allkeys-lru", "volatile-ttl", "volatile-lru"})
    void aPolicyThatMayDeleteEventsIsRejected(String policy) {
        var info = new ServerInfo("7.0.15", "run", policy, false);
        var refusal = assertThrows(ConfException.class, () -> info.check("localhost:6379"));
        assertEquals(
                List.of("log.redis.url: Redis at localhost:6379 has maxmemory-policy " + policy
                        + ", and may delete events at any time (expected: noeviction)"),
                refusal.errors());
    }

    @Test
    void anUnknownPolicyIsAccepted() {
        assertDoesNotThrow(() -> new ServerInfo("7.0.15", "run", "", false).check("localhost:6379"));
    }
}
