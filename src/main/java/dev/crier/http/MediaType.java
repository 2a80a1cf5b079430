package dev.crier.http;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What the body of a publication may be. */
enum MediaType {
    /** The data of one event. */
    TEXT,
    /** One JSON object a line, one event each. */
    BATCH;

    private static final Set<String> BATCHES = Set.of("application/x-ndjson", "application/ndjson");

    /** Text, though not called so; the last is what {@code curl -d} says of any text. */
    private static final Set<String> TEXTS = Set.of(
            "application/json",
            "application/xml",
            "application/yaml",
            "application/javascript",
            "application/x-www-form-urlencoded");

    private static final Set<String> SUFFIXES = Set.of("+json", "+xml", "+yaml");

    /** What the header says, or nothing where it says neither, or a charset that is not UTF-8. */
    static Optional<MediaType> of(String contentType) {
        if (contentType == null) {
            return Optional.of(TEXT);
        }
        String[] parts =
                contentType.toLowerCase(Locale.ROOT).replaceAll("[\\s\"]", "").split(";", -1);
        boolean utf8 = Stream.of(parts)
                .filter(part -> part.startsWith("charset="))
                .allMatch(part -> part.equals("charset=utf-8") || part.equals("charset=us-ascii"));
        if (!utf8) {
            return Optional.empty();
        }
        if (BATCHES.contains(parts[0])) {
            return Optional.of(BATCH);
        }
        boolean text = parts[0].startsWith("text/")
                || TEXTS.contains(parts[0])
                || SUFFIXES.stream().anyMatch(parts[0]::endsWith);
        return text ? Optional.of(TEXT) : Optional.empty();
    }
}
