package dev.crier.config;

import dev.crier.config.file.Section;
import java.nio.file.Path;
import java.time.Duration;

/**
 * TLS on the main listener.
 *
 * @param cert the PEM file of the certificate and its chain; empty for no TLS
 * @param key the PEM file of the certificate's private key, not encrypted
 * @param refresh the period of checking both files for changes
 * @param hsts the time for which browsers must use HTTPS for this host (RFC 6797); zero for no such header
 */
public record TlsConf(String cert, String key, Duration refresh, Duration hsts) {

    private static final String EXPECTED_FILE = "the path of a PEM file";

    static TlsConf read(Section section) {
        var conf = new TlsConf(
                section.parsed("cert", "", TlsConf::path, EXPECTED_FILE),
                section.parsed("key", "", TlsConf::path, EXPECTED_FILE),
                section.duration("refresh", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofDays(1)),
                section.duration("hsts", Duration.ZERO, Duration.ZERO, Duration.ofDays(730)));
        if (!conf.hsts.isZero() && !conf.isOn()) {
            section.reject("hsts", "PT0S, or tls.cert and tls.key", null);
        }
        if (conf.cert.isEmpty() != conf.key.isEmpty()) {
            section.reject(conf.cert.isEmpty() ? "cert" : "key", EXPECTED_FILE + ", or neither cert nor key", null);
        }
        section.rejectUnknownKeys();
        return conf;
    }

    private static String path(String text) {
        return Path.of(text).toString();
    }

    public boolean isOn() {
        return !cert.isEmpty();
    }
}
