package dev.crier.config;

import dev.crier.config.file.Section;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Whether the doors speak TLS, and as whom.
 *
 * @param cert the file of the certificate and of those that vouch for it, in PEM; empty for no TLS
 * @param key the file of its key, in PEM and not encrypted
 * @param refresh how often the files are looked at again
 * @param hsts how long browsers must use HTTPS for this host, or zero to send no such header (RFC 6797)
 */
public record TlsConf(String cert, String key, Duration refresh, Duration hsts) {

    private static final String A_FILE = "the path of a PEM file";

    static TlsConf read(Section section) {
        var conf = new TlsConf(
                section.parsed("cert", "", TlsConf::path, A_FILE),
                section.parsed("key", "", TlsConf::path, A_FILE),
                section.duration("refresh", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofDays(1)),
                section.duration("hsts", Duration.ZERO, Duration.ZERO, Duration.ofDays(730)));
        if (!conf.hsts.isZero() && !conf.isOn()) {
            section.refuse("hsts", "PT0S, or tls.cert and tls.key", null);
        }
        if (conf.cert.isEmpty() != conf.key.isEmpty()) {
            section.refuse(conf.cert.isEmpty() ? "cert" : "key", A_FILE + ", or neither cert nor key", null);
        }
        section.end();
        return conf;
    }

    private static String path(String text) {
        return Path.of(text).toString();
    }

    public boolean isOn() {
        return !cert.isEmpty();
    }
}
