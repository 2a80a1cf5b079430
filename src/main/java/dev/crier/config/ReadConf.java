package dev.crier.config;

import dev.crier.config.file.Section;
import java.util.List;

/**
 * Who may read the channels that are not for anyone.
 *
 * @param tokens any of them lets one read all of them
 * @param cookie the name of the cookie that may have a token, for browsers' EventSource, which sets no headers
 */
public record ReadConf(List<String> tokens, String cookie) {

    /** From where a token is taken that is not to stand in a file. */
    static final String VARIABLE = "CRIER_READ_TOKEN";

    public ReadConf {
        tokens = List.copyOf(tokens);
    }

    static ReadConf read(Section section, String variable) {
        var conf = new ReadConf(
                StaticTokens.read(section, VARIABLE, variable),
                section.parsed("cookie", "crier_token", ReadConf::cookie, "a cookie's name (RFC 6265, 4.1.1)"));
        section.end();
        return conf;
    }

    private static String cookie(String text) {
        if (!text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    /** Tokens are shown to nobody. */
    @Override
    public String toString() {
        return "ReadConf[" + tokens.size() + " tokens, cookie=" + cookie + "]";
    }
}
