package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentEncodingTest {

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "/news, /news",
        "/%6eews, /news",
        "/a+b, /a+b",
        "/%C3%A4%20b%2bc, /ä b+c",
        "/%c3%a4, /ä",
        "%F0%9F%98%80, 😀",
        "%25, %",
        "%2525, %25"
    })
    void escapesAreDecodedOnce(String encoded, String decoded) {
        assertEquals(decoded, PercentEncoding.decode(encoded));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%2", "%zz", "%-d", "%+1", "/news%f", "%%34", "ä", "%é1"})
    void anInvalidEscapeOrAnUnescapedCharacterIsRejected(String encoded) {
        assertThrows(IllegalArgumentException.class, () -> PercentEncoding.decode(encoded));
    }

    /** The second is an overlong slash, the third half a surrogate pair. */
    @ParameterizedTest
    @ValueSource(strings = {"%ff", "%c0%af", "%ed%a0%80", "%C3", "%e2%80"})
    void bytesThatAreNotUtf8AreRejected(String encoded) {
        assertThrows(IllegalArgumentException.class, () -> PercentEncoding.decode(encoded));
    }
}
