package dev.crier.config;

import dev.crier.config.file.Section;
import java.util.List;

/**
 * The permissions to read channels that require a token.
 *
 * @param tokens the bearer tokens, each of which allows reading all these channels
 * @param cookie the name of the cookie that may carry a token, because a browser's EventSource sends no headers of its own
 */
public record ReadConf(List<String> tokens, String cookie) {

    /** The environment variable for a token that must not be in a file. */
    private static final String TOKEN_VARIABLE = "CRIER_READ_TOKEN";

    public ReadConf {
        tokens = List.copyOf(tokens);
    }

    static ReadConf read(Section section) {
        var conf = new ReadConf(
                Conf.tokens(section, TOKEN_VARIABLE),
                section.parsed("cookie", "crier_token", ReadConf::cookie, "the name of a cookie (RFC 6265, 4.1.1)"));
        section.rejectUnknownKeys();
        return conf;
    }

    private static String cookie(String text) {
        if (!text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    /** Leaves the tokens out, so that none gets into a log line. */
    @Override
    public String toString() {
        return "ReadConf[" + tokens.size() + " tokens, cookie=" + cookie + "]";
    }
}
