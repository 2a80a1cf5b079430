package dev.crier.config;

import dev.crier.config.file.Section;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * The origins whose pages may send requests to Crier (CORS).
 *
 * @param origins each {@code scheme://host[:port]} as browsers send it (RFC 6454, 6.1); or only "*" for any
 */
public record Cors(List<String> origins) {

    public static final String ANY = "*";

    /** Differs from every port, and from the -1 of a URI that has none. */
    private static final int UNKNOWN_SCHEME = -2;

    public Cors {
        origins = List.copyOf(origins);
    }

    static Cors read(Section section) {
        List<String> origins = section.strings(
                "origins",
                List.of(ANY),
                origin -> origin.equals(ANY) || isOrigin(origin),
                "an origin such as https://example.com, or \"*\" alone");
        if (origins.contains(ANY) && origins.size() > 1) {
            section.reject("origins", "\"*\" alone, or a list without it", null);
        }
        section.rejectUnknownKeys();
        return new Cors(origins);
    }

    /** Returns whether any origin is allowed. */
    public boolean any() {
        return origins.contains(ANY);
    }

    /** Returns whether the list names this origin. A wildcard names none, because it never allows credentials. */
    public boolean lists(String origin) {
        return !any() && origins.contains(origin);
    }

    /** Returns whether browsers send the text as an origin: in lower case, and without the default port of the scheme. */
    private static boolean isOrigin(String text) {
        try {
            var uri = new URI(text);
            return uri.getHost() != null
                    && uri.getPort() <= 65535
                    && uri.getPort() != defaultPort(uri.getScheme())
                    && text.equals(uri.getScheme() + "://" + uri.getHost() + port(uri))
                    && text.equals(text.toLowerCase(Locale.ROOT))
                    && defaultPort(uri.getScheme()) > 0;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String port(URI uri) {
        return uri.getPort() < 0 ? "" : ":" + uri.getPort();
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> UNKNOWN_SCHEME;
        };
    }
}
