package dev.crier.log.redis;

import dev.crier.config.file.ConfException;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The fields of a server's {@code INFO} that matter to the log.
 *
 * @param run the id of the run, which changes when Redis restarts
 * @param policy the server's {@code maxmemory-policy}; "" if the server does not report it
 * @param hasFile whether the server writes an append-only file
 */
record ServerInfo(String version, String run, String policy, boolean hasFile) {

    private static final int MIN_MAJOR = 7;

    static ServerInfo parse(String info) {
        Map<String, String> fields = info.lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.split(":", 2))
                .collect(Collectors.toMap(field -> field[0], field -> field[1].strip(), (one, other) -> one));
        return new ServerInfo(
                fields.getOrDefault("redis_version", ""),
                fields.getOrDefault("run_id", ""),
                fields.getOrDefault("maxmemory_policy", ""),
                "1".equals(fields.get("aof_enabled")));
    }

    /** Throws if the server cannot keep a log. */
    void check(String address) {
        String major = version.split("\\.")[0];
        if (!major.matches("\\d{1,4}") || Integer.parseInt(major) < MIN_MAJOR) {
            throw new ConfException("log.redis.url: Redis at " + address + " has version "
                    + (version.isEmpty() ? "unknown" : version) + " (expected: 7.0 or later)");
        }
        if (!policy.isEmpty() && !policy.equals("noeviction")) {
            throw new ConfException("log.redis.url: Redis at " + address + " has maxmemory-policy " + policy
                    + ", and may delete events at any time (expected: noeviction)");
        }
    }
}
