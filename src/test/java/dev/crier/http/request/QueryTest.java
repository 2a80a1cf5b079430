package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {

    @ParameterizedTest
    @CsvSource({
        "event=a, a",
        "x=y&event=a&z, a",
        "%65vent=a, a",
        "event=a+b, a b",
        "event=a%2Bb, a+b",
        "event=a=b, a=b",
        "event=, ''",
        "event, ''",
        "&&event=a&, a"
    })
    void aValueIsFoundAndDecoded(String query, String value) {
        assertEquals(Optional.of(value), Query.value(query, "event"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Event=a", "events=a", "x=event", "=event"})
    void anotherKeyIsIgnored(String query) {
        assertEquals(Optional.empty(), Query.value(query, "event"));
    }

    @Test
    void aRequestWithoutAQueryHasNoValue() {
        assertEquals(Optional.empty(), Query.value(null, "event"));
    }

    @Test
    void aKeyThatIsThereTwiceIsRejected() {
        var e = assertThrows(IllegalArgumentException.class, () -> Query.value("event=a&event=a", "event"));
        assertEquals("event: more than once (expected: once)", e.getMessage());
    }

    @Test
    void allMatchingValuesAreReturnedInOrder() {
        assertEquals(List.of("1", "", "2"), Query.values("a=1&b=x&A&a=2", "a"::equalsIgnoreCase));
    }

    @ParameterizedTest
    @ValueSource(strings = {"event=%zz", "%zz=a", "event=a&%=b"})
    void aQueryThatCannotBeDecodedIsRejected(String query) {
        assertThrows(IllegalArgumentException.class, () -> Query.value(query, "event"));
    }

    /** Clients may have other parameters in an encoding that Crier does not know. */
    @Test
    void theValueOfAnotherKeyIsNotDecoded() {
        assertEquals(Optional.of("a"), Query.value("x=%ff&event=a", "event"));
    }
}
