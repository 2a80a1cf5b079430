package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreconditionHeadersTest {

    @Test
    void theTagOfAChannelIsTheIdOfItsNewestEvent() {
        assertEquals(
                new Precondition.Newest(new EventId(1763800000000L, 7)),
                PreconditionHeaders.parse(List.of(" \"1763800000000-7\""), List.of()));
    }

    @Test
    void noneMatchesMeansThatTheChannelHasNoEvent() {
        assertEquals(new Precondition.Empty(), PreconditionHeaders.parse(List.of(), List.of("*")));
    }

    @Test
    void withoutTheHeadersThereIsNoPrecondition() {
        assertEquals(Precondition.NONE, PreconditionHeaders.parse(List.of(), List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "*", "1-0", "\"\"", "\"", "W/\"1-0\"", "\"1-0\", \"2-0\"", "\"x\"", "\"01-0\"", "\"1-0"})
    void anotherIfMatchIsRejected(String value) {
        assertThrows(IllegalArgumentException.class, () -> PreconditionHeaders.parse(List.of(value), List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"1-0\"", "**", "*, *"})
    void anotherIfNoneMatchIsRejected(String value) {
        assertThrows(IllegalArgumentException.class, () -> PreconditionHeaders.parse(List.of(), List.of(value)));
    }

    @Test
    void moreThanOneHeaderIsRejected() {
        List<String> one = List.of("\"1-0\"");
        assertThrows(IllegalArgumentException.class, () -> PreconditionHeaders.parse(one, List.of("*")));
        assertThrows(
                IllegalArgumentException.class,
                () -> PreconditionHeaders.parse(List.of("\"1-0\"", "\"1-0\""), List.of()));
        assertThrows(IllegalArgumentException.class, () -> PreconditionHeaders.parse(List.of(), List.of("*", "*")));
    }
}
