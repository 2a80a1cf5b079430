package dev.crier.http.request;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Percent-encoding (RFC 3986, 2.1), read strictly. */
public final class PercentEncoding {

    private PercentEncoding() {}

    /**
     * Returns the decoded text.
     *
     * @throws IllegalArgumentException if the text is not ASCII, has an invalid escape, or does not decode to UTF-8
     */
    public static String decode(String encoded) {
        if (isPlain(encoded)) {
            return encoded;
        }
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%' && isEscape(encoded, i)) {
                bytes.put((byte) (HexFormat.fromHexDigit(encoded.charAt(i + 1)) << 4
                        | HexFormat.fromHexDigit(encoded.charAt(i + 2))));
                i += 2;
            } else if (c == '%' || c > 0x7f) {
                throw new IllegalArgumentException("invalid percent-encoding (expected: ASCII and %XX)");
            } else {
                bytes.put((byte) c);
            }
        }
        return Utf8.decode(bytes.flip());
    }

    private static boolean isEscape(String encoded, int at) {
        return at + 2 < encoded.length()
                && HexFormat.isHexDigit(encoded.charAt(at + 1))
                && HexFormat.isHexDigit(encoded.charAt(at + 2));
    }

    private static boolean isPlain(String encoded) {
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%' || c > 0x7f) {
                return false;
            }
        }
        return true;
    }
}
