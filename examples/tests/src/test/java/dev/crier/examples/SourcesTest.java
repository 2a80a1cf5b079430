package dev.crier.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each example of a source publishes from Crier's jar. */
@Timeout(120)
class SourcesTest {

    private static void assertRolls(Command crier) throws Exception {
        List<Reader.Event> rolls = new Reader().events(crier.url("/dice"), 2);
        assertTrue(rolls.stream().allMatch(roll -> roll.data().matches("[1-6]")), rolls::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"groovy", "javascript", "kotlin"})
    void aVerticleOfAnotherLanguagePublishes(String example) throws Exception {
        try (var crier = Command.start(example, "java ")) {
            assertRolls(crier);
        }
    }

    @Test
    void aShellScriptPublishesWithCurl() throws Exception {
        try (var crier = Command.start("curl", "java ");
                var script = Command.startClient("curl", "dice.sh", crier.port())) {
            assertRolls(crier);
            assertEquals("", script.output());
        }
    }
}
