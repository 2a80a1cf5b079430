package dev.crier.config;

import dev.crier.config.file.Section;
import java.util.ArrayList;
import java.util.List;

/** Bearer tokens that the conf names, and one more from the environment, for those who want none in a file. */
final class StaticTokens {

    private static final String EXPECTED = "at least 16 characters of a bearer token (RFC 6750, 2.1)";

    private StaticTokens() {}

    /**
     * @param variable the name of the environment variable
     * @param value what it has, or null
     */
    static List<String> read(Section section, String variable, String value) {
        var tokens = new ArrayList<>(section.secrets("tokens", StaticTokens::isToken, EXPECTED));
        if (value != null) {
            if (!isToken(value)) {
                section.tell(variable + ": not shown (expected: " + EXPECTED + ")");
            }
            tokens.add(value);
        }
        return tokens;
    }

    private static boolean isToken(String text) {
        return text.matches("[A-Za-z0-9._~+/-]{16,}=*");
    }
}
