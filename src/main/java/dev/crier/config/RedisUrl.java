package dev.crier.config;

import dev.crier.config.RedisConf.Endpoint;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/** The parts of {@code log.redis.url}. Errors never quote the URL, because it may have a password. */
record RedisUrl(boolean tls, Endpoint endpoint, String user, String password, int database) {

    static final String DEFAULT = "redis://localhost:6379";

    static final String EXPECTED =
            "a URL such as redis://localhost:6379 or rediss://user:password@host:6379/0, where % escapes special characters";

    private static final int PORT = 6379;
    private static final String TLS = "rediss";

    /** @throws IllegalArgumentException if the URL is invalid; the message describes the problem */
    static RedisUrl parse(String text) {
        URI url = uri(text);
        require(TLS.equals(url.getScheme()) || "redis".equals(url.getScheme()), "neither redis:// nor rediss://");
        Endpoint endpoint = Endpoint.of(url, PORT);
        String path = url.getRawPath();
        require(
                path.matches("(/\\d{0,9})?") && url.getRawQuery() == null && url.getRawFragment() == null,
                "no valid database");
        int database = path.length() > 1 ? Integer.parseInt(path.substring(1)) : 0;
        String[] userInfo = url.getRawUserInfo() == null
                ? new String[] {""}
                : url.getRawUserInfo().split(":", 2);
        return new RedisUrl(
                TLS.equals(url.getScheme()),
                endpoint,
                decode(userInfo[0]),
                userInfo.length > 1 ? decode(userInfo[1]) : "",
                database);
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) { // its message quotes the text
            throw new IllegalArgumentException("not a URL");
        }
    }

    /** Decodes percent-encoding. Encodes plus signs first, because Java's decoder is for forms and makes them spaces. */
    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static void require(boolean valid, String problem) {
        if (!valid) {
            throw new IllegalArgumentException(problem);
        }
    }
}
