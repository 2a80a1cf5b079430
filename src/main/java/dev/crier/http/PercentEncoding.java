package dev.crier.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Text as HTTP carries it, which is refused where it is not as it should be, and not mended. */
final class PercentEncoding {

    private PercentEncoding() {}

    /**
     * Escaped text of a URL (RFC 3986, 2.1).
     *
     * @throws IllegalArgumentException if it is not ASCII, not escaped so, or not UTF-8
     */
    static String decode(String escaped) {
        ByteBuffer bytes = ByteBuffer.allocate(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '%' && i + 2 < escaped.length()) {
                bytes.put((byte) (HexFormat.fromHexDigit(escaped.charAt(i + 1)) << 4
                        | HexFormat.fromHexDigit(escaped.charAt(i + 2))));
                i += 2;
            } else if (c == '%' || c > 0x7f) {
                throw new IllegalArgumentException("not escaped (expected: ASCII and %XX)");
            } else {
                bytes.put((byte) c);
            }
        }
        return utf8(bytes.flip());
    }

    /** @throws IllegalArgumentException if it is not UTF-8 */
    static String utf8(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not UTF-8 (expected: UTF-8)", e);
        }
    }
}
