package dev.crier.config;

import dev.crier.config.file.Section;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * Which pages of other origins may read.
 *
 * @param origins each {@code scheme://host[:port]} as browsers send it (RFC 6454, 6.1); or "*"
 *     alone, for any
 */
public record Cors(List<String> origins) {

    public static final String ANY = "*";

    public Cors {
        origins = List.copyOf(origins);
    }

    static Cors read(Section section) {
        List<String> origins = section.texts(
                "origins",
                List.of(ANY),
                origin -> origin.equals(ANY) || isOrigin(origin),
                "an origin such as https://example.com, or \"*\" alone");
        if (origins.contains(ANY) && origins.size() > 1) {
            section.refuse("origins", "\"*\" alone, or a list without it", null);
        }
        section.end();
        return new Cors(origins);
    }

    public boolean any() {
        return origins.contains(ANY);
    }

    /** Whether the list names this origin. A wildcard lists none: it never allows credentials. */
    public boolean lists(String origin) {
        return !any() && origins.contains(origin);
    }

    /** Lower case and without the scheme's own port, for that is how an origin is compared. */
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
            default -> -2;
        };
    }
}
