package dev.crier.config;

import dev.crier.config.file.Section;
import java.util.List;
import java.util.Map;

/**
 * The libraries that only some configurations need. The server's jar contains them all. An application has those that its own
 * configuration needs.
 */
enum OptionalLibrary {
    SQLITE(Map.of("org.xerial:sqlite-jdbc", "org.sqlite.JDBC")),
    REDIS(Map.of("io.vertx:vertx-redis-client", "io.vertx.redis.client.Redis")),
    JWT(Map.of("io.vertx:vertx-auth-jwt", "io.vertx.ext.auth.jwt.JWTAuth")),
    METRICS(Map.of(
            "io.micrometer:micrometer-registry-prometheus",
            "io.micrometer.prometheusmetrics.PrometheusMeterRegistry",
            "io.prometheus:prometheus-metrics-exposition-textformats",
            "io.prometheus.metrics.expositionformats.ExpositionFormats"));

    /** Maven coordinates, each with a class that tells whether the library is there. */
    private final Map<String, String> classes;

    OptionalLibrary(Map<String, String> classes) {
        this.classes = classes;
    }

    /** Reports the key that needs this library, if the library is not on the class path. */
    void require(Section section, String key) {
        List<String> missing = classes.entrySet().stream()
                .filter(library -> !isPresent(library.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            section.report(key, "the library is missing", "a dependency on " + String.join(" and on ", missing));
        }
    }

    private static boolean isPresent(String className) {
        try {
            Class.forName(className, false, OptionalLibrary.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
